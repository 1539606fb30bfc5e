package profile

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/exp/trace"
)

// A Trace is the scheduler's view of one process, from its execution trace. Shares are parts of the
// time of all cores that the process may use.
//
// Calls of syscall.RawSyscall, which worker processes use, are part of Running, because Go's scheduler
// does not see them.
type Trace struct {
	Wall    time.Duration
	Cores   int // GOMAXPROCS
	Running float64
	Collect float64 // part of Running: mark workers, assists and sweeps of the garbage collector
	Syscall float64 // system calls that kept their core, because they were short
	// Queued is the time of runnable goroutines that waited for a core. It is above 1 if more than
	// one goroutine per core waited.
	Queued time.Duration
	// Latencies are the times from runnable to running, sorted.
	Latencies []time.Duration
}

// Quantile returns a quantile of the latencies of goroutines, or 0 if there are none.
func (t Trace) Quantile(q float64) time.Duration {
	if len(t.Latencies) == 0 {
		return 0
	}
	return t.Latencies[int(q*float64(len(t.Latencies)-1))]
}

// ReadTrace reads an execution trace. If the trace is torn, ReadTrace returns the part before the tear
// and an error.
func ReadTrace(r io.Reader) (Trace, error) {
	reader, err := trace.NewReader(r)
	if err != nil {
		return Trace{}, fmt.Errorf("not an execution trace: %w", err)
	}
	s := scan{goroutines: map[trace.GoID]*goroutine{}, cores: 1}
	for {
		var ev trace.Event
		if ev, err = reader.ReadEvent(); err != nil {
			break
		}
		s.event(ev)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	} else {
		err = fmt.Errorf("torn: %w", err)
	}
	return s.finish(), err
}

// A goroutine is the state of a goroutine since a time.
type goroutine struct {
	state    trace.GoState
	since    trace.Time
	collects bool // it is a worker of the garbage collector
	helping  bool // it assists the garbage collector or sweeps
	began    trace.Time
}

// A scan adds up the events of a trace.
type scan struct {
	first, last                time.Duration
	started                    bool
	cores                      int
	goroutines                 map[trace.GoID]*goroutine
	running, collects, syscall time.Duration
	Trace
}

func (s *scan) event(ev trace.Event) {
	at := time.Duration(ev.Time())
	if !s.started {
		s.started, s.first = true, at
	}
	s.last = at
	switch ev.Kind() {
	case trace.EventMetric:
		if m := ev.Metric(); m.Name == "/sched/gomaxprocs:threads" {
			s.cores = max(s.cores, int(m.Value.Uint64()))
		}
	case trace.EventStateTransition:
		if t := ev.StateTransition(); t.Resource.Kind == trace.ResourceGoroutine {
			s.transition(t, ev.Time())
		}
	case trace.EventRangeBegin, trace.EventRangeActive, trace.EventRangeEnd:
		r := ev.Range()
		if r.Scope.Kind != trace.ResourceGoroutine || r.Name != "GC mark assist" && r.Name != "GC incremental sweep" {
			return
		}
		g := s.of(r.Scope.Goroutine(), ev.Time())
		if ev.Kind() != trace.EventRangeEnd {
			g.helping, g.began = true, ev.Time()
		} else if g.helping {
			g.helping = false
			s.collects += since(g.began, ev.Time())
		}
	}
}

// of returns the goroutine with the given number.
func (s *scan) of(id trace.GoID, now trace.Time) *goroutine {
	g := s.goroutines[id]
	if g == nil {
		g = &goroutine{since: now}
		s.goroutines[id] = g
	}
	return g
}

// transition adds the time of the state that a goroutine leaves.
func (s *scan) transition(t trace.StateTransition, now trace.Time) {
	id := t.Resource.Goroutine()
	from, to := t.Goroutine()
	g := s.of(id, now)
	for f := range t.Stack.Frames() {
		g.collects = g.collects || strings.HasPrefix(f.Func, "runtime.gcBgMarkWorker")
	}
	s.leave(g, from, to, now)
	if from == trace.GoRunnable && to == trace.GoRunning {
		s.Latencies = append(s.Latencies, since(g.since, now))
	}
	g.state, g.since = to, now
	if to == trace.GoNotExist {
		delete(s.goroutines, id)
	}
}

// leave adds the time of a goroutine in its state, which is followed by the state next. A system call
// after which the goroutine does not run at once has lost its core.
func (s *scan) leave(g *goroutine, state, next trace.GoState, now trace.Time) {
	d := since(g.since, now)
	switch state {
	case trace.GoRunning:
		s.running += d
		if g.collects {
			s.collects += d
		}
	case trace.GoSyscall:
		if next == trace.GoRunning {
			s.syscall += d
		}
	case trace.GoRunnable:
		s.Queued += d
	}
}

// finish adds the states at the end of the trace and returns the sums.
func (s *scan) finish() Trace {
	end := trace.Time(s.last)
	for _, g := range s.goroutines {
		s.leave(g, g.state, trace.GoUndetermined, end)
	}
	t := s.Trace
	t.Cores, t.Wall = s.cores, s.last-s.first
	slices.Sort(t.Latencies)
	if all := float64(t.Wall) * float64(t.Cores); all > 0 {
		t.Running, t.Collect, t.Syscall = float64(s.running)/all, float64(s.collects)/all, float64(s.syscall)/all
	}
	return t
}

func since(from, to trace.Time) time.Duration { return time.Duration(to - from) }
