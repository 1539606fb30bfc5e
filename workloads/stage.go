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

// Stages holds the stages of some tasks of a job, chosen at random: about one task in Every of a
// map, but only one in Every² of a stream or of tasks that are submitted one by one. A task is
// submitted when its map starts, when its stream pulls its input, or when the caller of the task
// submits it.
type Stages struct {
	Every   int
	Tasks   []StagedTask
	Dropped int // tasks whose stamps were out of order, as after a step of the clock
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

// A staging is the state of one job whose stages are recorded. A record holds the stamps (readings
// of the clock) of one task, chosen at random.
type staging struct {
	*clock
	began                  int64
	every                  uint32
	taken                  atomic.Int32        // number of records in use
	all                    [][stampCount]int64 // one record for each chosen task
	task                   []atomic.Int32      // by task: index of its record plus 1; 0 for none
	sent                   []atomic.Int64      // by slot
	came                   []atomic.Int64      // by slot
	slot                   func(task int) int  // slot of a task, or -1 if unknown
	order                  JobKind
	pulls, turns, delivers []int64 // by task, for candidates only
}

// A JobKind says which kind of job [Load.Staged] runs.
type JobKind int

const (
	MapJob JobKind = iota
	StreamJob
	SingleJob
)

// none is the number in an encoding of a task that was not chosen.
const none = ^uint32(0)

// choose decides at random whether to record a task. If so, it returns the index of a new record.
// Otherwise it returns false.
func (s *staging) choose() (id uint32, ok bool) {
	if rand.Uint32N(s.every) != 0 {
		return none, false
	}
	n := int(s.taken.Add(1)) - 1
	if n >= len(s.all) {
		return none, false
	}
	return uint32(n), true
}

// candidate reports whether to record when the task is submitted and delivered. Only jobs that are
// streams, or that submit tasks one by one, call it. The number of the task decides, because choose
// chooses a task only later, without knowing its number.
func (s *staging) candidate(task int) bool { return task >= 0 && uint32(task)%s.every == 0 }

// Sent implements [work.Stamps].
func (s *staging) Sent(span work.Span) { s.put(s.sent, span) }

// Came implements [work.Stamps].
func (s *staging) Came(span work.Span) { s.put(s.came, span) }

func (s *staging) put(at []atomic.Int64, span work.Span) {
	now := s.now()
	for i := span.Lo; i < min(span.Hi, len(at)); i++ {
		at[i].Store(now)
	}
}

// finished notes that the record with the index id belongs to the given task. If remote is true,
// the task ran in a worker process. Then finished copies two stamps of the executor to the record:
// when the input was sent, and when the output came.
func (s *staging) finished(id uint32, task int, remote bool) {
	if task < 0 || task >= len(s.task) {
		return
	}
	if i := s.slot(task); remote && i >= 0 && i < len(s.sent) {
		s.all[id][stampSent], s.all[id][stampCame] = s.sent[i].Load(), s.came[i].Load()
	}
	s.task[task].Store(int32(id) + 1)
}

// collect adds the stages of the recorded tasks to out. ended is the time at which the job ended.
func (s *staging) collect(out *Stages, ended int64) {
	for i := range s.task {
		id := s.task[i].Load() - 1
		if id < 0 {
			continue
		}
		at := s.all[id]
		at[stampSubmit], at[stampDelivered] = s.began, ended
		if s.order != MapJob {
			if at[stampSubmit], at[stampDelivered], at[stampTurn] = s.pulls[i], s.delivers[i], s.turns[i]; at[stampDelivered] == 0 || at[stampSubmit] == 0 {
				continue // not a candidate
			}
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
