package profile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/exp/trace"

	"github.com/payoff-bench/payoff/harness"
)

// ErrUnmarked is the error of [ReadTimeline] if no job marks its tasks in the traces.
var ErrUnmarked = errors.New("no job marks its tasks in the trace")

// jobRegion is the region of a trace in which a job marks its tasks. Package workloads begins it.
const jobRegion = "job"

// A ProcessTrace is the path of the trace of a process, and the label of the process.
type ProcessTrace struct{ Process, Path string }

// ReadTimeline reads the timeline of a launch from the traces of its processes. The first is that of
// the launch, which has the marks of one job.
func ReadTimeline(traces []ProcessTrace) (harness.Timeline, error) {
	var all []*strand
	var job span
	var gc []harness.Bar
	for i, t := range traces {
		s := weaver{process: t.Process, job: job, goroutines: map[trace.GoID]*strand{}, collector: &strand{process: t.Process, collector: true}}
		if err := s.read(t.Path); err != nil {
			return harness.Timeline{}, fmt.Errorf("%s: %w", t.Path, err)
		}
		if i == 0 {
			if s.job.to == 0 {
				return harness.Timeline{}, fmt.Errorf("%s: %w", t.Path, ErrUnmarked)
			}
			job, gc = s.job, s.collector.bars
		}
		all = append(append(all, s.strands()...), s.collector)
	}
	out := harness.Timeline{Makespan: float64(job.to - job.from)}
	for _, b := range gc {
		if from, to := max(b.From, 0), min(b.To, out.Makespan); b.Kind == harness.BarCollect && from < to {
			out.Collections++
			out.Collected += to - from
		}
	}
	workers := packed(all, executing)
	if len(workers) == 0 {
		return harness.Timeline{}, fmt.Errorf("%s: %w", traces[0].Path, ErrUnmarked)
	}
	out.From, out.To, out.Even = stretch(workers, out.Makespan)
	out.Lines, out.Left = lines(all, workers, out.From, out.To)
	return out, nil
}

// A span is a part of the time, in ns on the clock that all processes of a machine share.
type span struct{ from, to int64 }

// A strand is what one goroutine did, or the garbage collector of a process.
type strand struct {
	process   string
	id        trace.GoID
	collector bool
	caller    bool // it submitted the job
	state     trace.GoState
	since     int64
	open      []harness.Bar // regions that have begun
	bars      []harness.Bar
}

// A weaver reads the trace of one process.
type weaver struct {
	process    string
	job        span  // of the launch; zero while it is unknown
	shift      int64 // of the machine's clock from that of the trace
	synced     bool
	last       int64
	goroutines map[trace.GoID]*strand
	order      []*strand // all goroutines that the trace had, also those that ended
	collector  *strand
	mark, stop int64 // when the mark phase began, and when the program stopped; 0 for not now
}

func (w *weaver) read(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	r, err := trace.NewReader(file)
	if err != nil {
		return fmt.Errorf("not an execution trace: %w", err)
	}
	for {
		ev, err := r.ReadEvent()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("torn: %w", err)
		}
		if err := w.event(ev); err != nil {
			return err
		}
	}
	for _, s := range w.order {
		w.leave(s, w.last)
	}
	return nil
}

// event adds an event. It drops bars that end before the job begins, or begin after it ends.
func (w *weaver) event(ev trace.Event) error {
	if ev.Kind() == trace.EventSync {
		if at := ev.Sync().ClockSnapshot; at != nil && !w.synced {
			w.shift, w.synced = int64(at.Mono)-int64(at.Trace), true
		}
		return nil
	}
	if !w.synced {
		return errors.New("the trace does not say what time it was; build the program with Go 1.25 or later")
	}
	at := int64(ev.Time()) + w.shift
	w.last = at
	switch ev.Kind() {
	case trace.EventStateTransition:
		if t := ev.StateTransition(); t.Resource.Kind == trace.ResourceGoroutine {
			s := w.of(t.Resource.Goroutine())
			w.leave(s, at)
			_, s.state = t.Goroutine()
			if s.state == trace.GoNotExist {
				delete(w.goroutines, s.id)
			}
		}
	case trace.EventRegionBegin:
		s, name := w.of(ev.Goroutine()), ev.Region().Type
		if name == jobRegion {
			w.job, s.caller = span{from: at}, true
		}
		s.open = append(s.open, harness.Bar{Kind: harness.BarKind(name), From: float64(at)})
	case trace.EventRegionEnd:
		s, name := w.of(ev.Goroutine()), ev.Region().Type
		for n := len(s.open); n > 0; n = len(s.open) { // a task that panics ends no region
			b := s.open[n-1]
			if s.open = s.open[:n-1]; b.Kind != harness.BarKind(name) {
				continue
			}
			if name == jobRegion {
				w.job.to = at
			} else {
				w.add(s, b.Kind, int64(b.From), at)
			}
			break
		}
	case trace.EventLog:
		w.add(w.of(ev.Goroutine()), harness.BarKind(ev.Log().Category), at, at)
	case trace.EventRangeBegin, trace.EventRangeActive, trace.EventRangeEnd:
		w.collect(ev.Range().Name, ev.Kind() == trace.EventRangeEnd, at)
	}
	return nil
}

// collect adds the begin or the end of a phase of the garbage collector.
func (w *weaver) collect(name string, ends bool, at int64) {
	began, kind := &w.mark, harness.BarCollect
	switch {
	case strings.HasPrefix(name, "stop-the-world (GC"):
		began, kind = &w.stop, harness.BarStopped
	case name != "GC concurrent mark phase":
		return
	}
	if !ends && *began == 0 {
		*began = at
	} else if ends && *began != 0 {
		w.add(w.collector, kind, *began, at)
		*began = 0
	}
}

func (w *weaver) of(id trace.GoID) *strand {
	s := w.goroutines[id]
	if s == nil {
		s = &strand{process: w.process, id: id, since: w.last}
		w.goroutines[id] = s
		w.order = append(w.order, s)
	}
	return s
}

// leave adds the state of a goroutine that ends at a time.
func (w *weaver) leave(s *strand, at int64) {
	switch s.state {
	case trace.GoRunning:
		w.add(s, harness.BarRunning, s.since, at)
	case trace.GoSyscall:
		w.add(s, harness.BarSyscall, s.since, at)
	case trace.GoRunnable:
		w.add(s, harness.BarReady, s.since, at)
	}
	s.since = at
}

// add adds a bar, if the job runs and has not ended.
func (w *weaver) add(s *strand, kind harness.BarKind, from, to int64) {
	if w.job.from == 0 || to < w.job.from || w.job.to != 0 && from > w.job.to {
		return
	}
	s.bars = append(s.bars, harness.Bar{Kind: kind, From: float64(from - w.job.from), To: float64(to - w.job.from)})
}

// strands returns the goroutines that had tasks, and the caller of the job.
func (w *weaver) strands() []*strand {
	return slices.DeleteFunc(w.order, func(s *strand) bool { return !s.caller && !s.does(executing) && !s.does(handing) })
}
