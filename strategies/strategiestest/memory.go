package strategiestest

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var memoryRules = []rule{
	{"long streams", `In both orders, the memory use of a stream does not grow with the number of its tasks.`, needs{inside}, longStreams},
	{"drain in little memory", `The memory use of Drain does not grow with the number of tasks that fail.`, nil, drainFailures},
	{"flat cycles", `Hundreds of cycles of New, Map and Close leave no goroutines, descriptors or memory behind.`, nil, flat},
}

// heap collects garbage and returns the number of heap bytes in use. It collects twice, because the
// first collection keeps the contents of each sync.Pool.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// flatSince reports a failure if the heap has grown by more than limit bytes. before is the size of
// the heap at an earlier time, from the function heap. The failure message begins with subject.
func (t *testCase) flatSince(subject string, before int64, limit int64) {
	t.Helper()
	grown := heap() - before
	t.check(grown <= limit, "%s: the heap grew by %d bytes, want at most %d", subject, grown, limit)
}

func longStreams(t *testCase) {
	const n, looks = 240_000, 4
	const limit = 1 << 19 // bytes; less than one word for each task
	ex := t.executor(2)
	k := kernel(func(_ context.Context, i int) ([4]int, error) { return [4]int{i}, nil })
	for _, order := range orders {
		var first int64
		at := 0
		for v, err := range k.Stream(background, ex, upTo(n), strategies.Options{Order: order, Chunk: chunk.Fixed(64)}) {
			if err != nil || order == strategies.InputOrder && v[0] != at {
				t.Fatalf("%v order: delivery %d has output %v and error %v, want no error (and in input order, the output of this task)", order, at, v, err)
			}
			if at++; at%(n/looks) != n/looks/2 {
				continue
			}
			if first == 0 {
				first = heap()
			}
			t.flatSince(order.String()+" order", first, limit)
		}
		want(t, "deliveries", at, n)
	}
}

func drainFailures(t *testCase) {
	const n, looks = 40_000, 10
	const limit = 1 << 20 // bytes; less than the errors of all tasks would take
	ex := t.executor(2)
	err := actKernel.Drain(background, ex, func(yield func(act) bool) {
		// The heap varies between measurements, because tasks run. Errors that the drain keeps only
		// add to it. So compare the largest heap of the first half with the smallest heap of the
		// last tenth.
		most, least := int64(0), int64(math.MaxInt64)
		for i := range n {
			look := i%(n/10/looks) == 0
			switch {
			case look && i >= n/10 && i < n/2:
				most = max(most, heap())
			case look && i/(n/10) == 9:
				least = min(least, heap())
			}
			if !yield(act{Index: i, Do: doError}) {
				return
			}
		}
		grown := least - most
		t.check(grown <= limit, "drain of failing tasks: the heap grew by %d bytes, want at most %d", grown, limit)
	}, chunked(20))
	e, ok := errors.AsType[*strategies.JobError](err)
	t.check(ok && e.Failed == n && len(slices.Collect(e.Failures())) == 16, "drain of %d failing tasks: got error %v, want a JobError that counts them all and keeps 16", n, err)
}

func flat(t *testCase) {
	const cycles = 400
	workers := 4
	if t.can().Processes {
		workers = 1 // one worker, because a process takes longer to start than a goroutine
	}
	early := cycles / 4
	var before int64
	begun := time.Now()
	for i := range cycles {
		if i > early && time.Since(begun) > patience/20 {
			break // on a slow machine, end the case in time
		}
		ex, err := t.newExecutor(workers)
		t.ok(err)
		t.allSucceed(ex, plain(10), strategies.Options{}, asMap)
		t.ok(ex.Close())
		if i == early {
			before = heap()
		}
	}
	t.flatSince("cycles of New, Map and Close", before, int64(cycles-early)*3500)
}
