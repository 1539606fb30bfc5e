package workloads

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/payoff-bench/payoff/strategies/work"
)

// The stages of a task, in their order. A strategy whose workers are goroutines has the stages take,
// execute, reorder and deliver.
const (
	StageTake       = iota // from the submission until the strategy encodes the input or starts the task
	StageEncode            // the input becomes bytes
	StageSend              // until the frame with the input was written
	StageQueue             // until the worker process takes the input
	StageDecode            // the bytes become an input
	StageExecute           // the kernel runs
	StageEncodeBack        // the output becomes bytes
	StageSendBack          // until the bytes have arrived in the launch
	StageReceive           // until the launch takes the output
	StageDecodeBack        // the bytes become an output
	StageReorder           // until all earlier outcomes are delivered
	StageDeliver           // until the caller has the outcome
	stages
)

// StageNames returns the names of the stages of a task, in the order of the constants from
// [StageTake] to [StageDeliver].
func StageNames() []string {
	return []string{"take", "encode", "send", "queue", "decode", "execute", "encode-back", "send-back", "receive-back", "decode-back", "reorder", "deliver"}
}

// A StagedTask holds the times of one task of a job, in ns: the durations of its stages, and the
// total from submission to delivery.
type StagedTask struct {
	Stages [stages]int64 // duration of each stage, including one reading of the clock
	Has    [stages]bool  // stages that the strategy has
	Total  int64         // from the submission to the delivery
}

// Stages holds the stages of one task in Every of a job: of every Every tasks in a row, one that is
// chosen at random. A task is submitted when its map starts, when its stream pulls its input, or when
// the caller of the task submits it.
type Stages struct {
	Every   int
	Tasks   []StagedTask
	Dropped int           // tasks whose stamps were out of order, as after a step of the clock
	Took    time.Duration // makespan of the last job
}

// A clock reads the time in ns. All processes of a machine share its origin, unless the wall clock was
// set between their starts. Within a process it is monotonic.
type clock struct {
	base   time.Time
	origin int64
}

func newClock() *clock {
	c := &clock{base: time.Now()}
	for range 16 { // the best of several, since the process may lose its core between the two readings
		now := time.Now()
		c.origin = max(c.origin, now.UnixNano()-int64(now.Sub(c.base)))
	}
	return c
}

func (c *clock) now() int64 { return c.origin + int64(time.Since(c.base)) }

// Reading returns the time that one reading of the clock takes, in ns.
func Reading() float64 {
	c, all := newClock(), make([]int64, 2001)
	last := c.now()
	for i := range all {
		now := c.now()
		all[i], last = now-last, now
	}
	slices.Sort(all)
	mean, n := 0.0, len(all)*9/10 // without interruptions
	for _, d := range all[:n] {
		mean += float64(d) / float64(n)
	}
	return mean
}

// The stamps of a task. A worker process takes those from decodeBegin to encodeEnd.
const (
	stampSubmit = iota
	stampAppendBegin
	stampAppendEnd
	stampSent
	stampDecodeBegin
	stampDecodeEnd
	stampBegin
	stampEnd
	stampEncodeBegin
	stampEncodeEnd
	stampCame
	stampOutputBegin
	stampOutputEnd
	stampTurn // all earlier outcomes are delivered
	stampDelivered
	stampCount
)

const inWorker, workerStamps = stampDecodeBegin, stampCame - stampDecodeBegin

// A mark is the number of a task. Its highest bit, chosen, says that the stages of the task are
// recorded.
type mark uint32

const chosen mark = 1 << 31

func (m mark) task() int { return int(m &^ chosen) }

// A staging is the state of one job whose stages are recorded. A record holds the stamps (readings
// of the clock) of one chosen task.
type staging struct {
	*clock
	order        JobKind
	every        int
	began, ended int64
	marks        []mark              // of all tasks
	records      [][stampCount]int64 // of the chosen tasks, in their order

	// What the executor stamps, by slot. All are empty if the slots of tasks are unknown.
	held []atomic.Bool // whether the slot has a chosen task
	sent []atomic.Int64
	came []atomic.Int64
}

// A JobKind says which kind of job [Load.Staged] runs.
type JobKind int

const (
	MapJob JobKind = iota
	StreamJob
	SingleJob
)

// choose marks one task in s.every of a job with n tasks, and makes the records.
func (s *staging) choose(n int) {
	s.marks = make([]mark, n)
	for i := range s.marks {
		s.marks[i] = mark(i)
	}
	count := 0
	for lo := 0; lo < n; lo += s.every {
		if i := lo + rand.IntN(s.every); i < n {
			s.marks[i] |= chosen
			count++
		}
	}
	s.records = make([][stampCount]int64, count)
}

// record returns the record of a chosen task.
func (s *staging) record(m mark) *[stampCount]int64 { return &s.records[m.task()/s.every] }

// slots makes the places for the stamps of the executor, for the given number of slots, which is a
// power of two in a stream.
func (s *staging) slots(n int) {
	s.held, s.sent, s.came = make([]atomic.Bool, n), make([]atomic.Int64, n), make([]atomic.Int64, n)
}

// hold notes that the task of m gets its slot.
func (s *staging) hold(m mark) {
	if len(s.held) == 0 {
		return
	}
	held := &s.held[m.task()%len(s.held)]
	if is := m&chosen != 0; held.Load() != is {
		held.Store(is)
	}
}

// Sent implements [work.Stamps].
func (s *staging) Sent(span work.Span) { s.put(s.sent, span) }

// Came implements [work.Stamps].
func (s *staging) Came(span work.Span) { s.put(s.came, span) }

// put stores the time for the chosen tasks of the span. If there are none, it does not read the clock.
func (s *staging) put(at []atomic.Int64, span work.Span) {
	now := int64(0)
	for i := span.Lo; i < min(span.Hi, len(at)); i++ {
		if !s.held[i].Load() {
			continue
		}
		if now == 0 {
			now = s.now()
		}
		at[i].Store(now)
	}
}

// stamp sets a stamp of a task to the present time, if the task is chosen.
func (s *staging) stamp(m mark, stamp int) {
	if m&chosen != 0 {
		s.record(m)[stamp] = s.now()
	}
}

// arrived copies two stamps of the executor to the record of a chosen task: when the input was sent
// to the worker process, and when the output came.
func (s *staging) arrived(m mark) {
	if n := len(s.sent); n > 0 {
		r, slot := s.record(m), m.task()%n
		r[stampSent], r[stampCame] = s.sent[slot].Load(), s.came[slot].Load()
	}
}

// collect adds the stages of the recorded tasks to out.
func (s *staging) collect(out *Stages) {
	out.Took = time.Duration(s.ended - s.began)
	for _, at := range s.records {
		if s.order == MapJob {
			at[stampSubmit], at[stampDelivered] = s.began, s.ended
		}
		if t, ok := stagesOf(at); ok {
			out.Tasks = append(out.Tasks, t)
		} else {
			out.Dropped++
		}
	}
}

// stagesOf computes the durations of the stages from the stamps of a task. It returns false if the
// stamps are not in order.
func stagesOf(at [stampCount]int64) (t StagedTask, ok bool) {
	t.Total, ok = at[stampDelivered]-at[stampSubmit], true
	put := func(stage, from, to int) {
		d := at[to] - at[from]
		ok = ok && d >= 0
		t.Stages[stage], t.Has[stage] = d, true
	}
	done := stampEnd
	if at[stampOutputEnd] != 0 {
		done = stampOutputEnd
		put(StageTake, stampSubmit, stampAppendBegin)
		put(StageEncode, stampAppendBegin, stampAppendEnd)
		from := stampAppendEnd
		if at[stampSent] != 0 {
			// A worker may begin before the write returns here.
			at[stampSent] = max(at[stampAppendEnd], min(at[stampSent], at[stampDecodeBegin]))
			put(StageSend, stampAppendEnd, stampSent)
			from = stampSent
		}
		put(StageQueue, from, stampDecodeBegin)
		put(StageDecode, stampDecodeBegin, stampDecodeEnd)
		put(StageExecute, stampBegin, stampEnd)
		put(StageEncodeBack, stampEncodeBegin, stampEncodeEnd)
		from = stampEncodeEnd
		if at[stampCame] >= at[stampEncodeEnd] {
			put(StageSendBack, stampEncodeEnd, stampCame)
			from = stampCame
		}
		put(StageReceive, from, stampOutputBegin)
		put(StageDecodeBack, stampOutputBegin, stampOutputEnd)
	} else {
		put(StageTake, stampSubmit, stampBegin)
		put(StageExecute, stampBegin, stampEnd)
	}
	if at[stampTurn] != 0 {
		at[stampTurn] = max(at[stampTurn], at[done])
		put(StageReorder, done, stampTurn)
		done = stampTurn
	}
	put(StageDeliver, done, stampDelivered)
	return t, ok
}
