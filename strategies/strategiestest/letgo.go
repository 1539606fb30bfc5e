package strategiestest

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"weak"

	"github.com/payoff-bench/payoff/strategies"
)

var letGoRules = []rule{
	{"delivered values are released", `A stream keeps no reference to an output that it has delivered, or to the input of that output.`, nil, streamsLetGo},
	{"resolved futures release inputs", `A resolved future keeps a reference to its output, but not to its input.`, nil, futuresLetGo},
	{"ended contexts are released", `If the context of a future ends before the task starts, the executor keeps no reference to this context.`, nil, endedContextsLetGo},
	{"idle executors release values", `An idle executor keeps no reference to an input or output of an earlier job.`, nil, idleLetsGo},
}

// A tracker counts how many of the values added to it are still in memory. The tracker itself does
// not keep them in memory.
type tracker struct {
	mu  sync.Mutex
	all []weak.Pointer[byte]
}

// add makes k track b, and returns b.
func (k *tracker) add(b []byte) []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = append(k.all, weak.Make(&b[0]))
	return b
}

// alive returns the number of tracked values that are still in memory.
func (k *tracker) alive() (n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, p := range k.all {
		if p.Value() != nil {
			n++
		}
	}
	return n
}

// gone reports a failure if more than limit of the values that k tracks stay in memory. The failure
// message begins with subject.
func (t *testCase) gone(subject string, k *tracker, limit int) {
	t.Helper()
	for range 100 { // goroutines that used the values may still hold them
		runtime.GC()
		if k.alive() <= limit {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("%s: %d of %d values are still in memory, want at most %d", subject, k.alive(), len(k.all), limit)
}

// fresh returns a kernel whose output shares no memory with its input. If the kernel runs in this
// process, outs tracks the output.
func (t *testCase) fresh(outs *tracker) strategies.Kernel[[]byte, []byte] {
	k := bytesKernel
	if !t.can().Processes {
		k.Func = func(_ context.Context, b []byte) ([]byte, error) { return outs.add(bytes.Clone(b)), nil }
		k = resumable(k)
	}
	return k
}

// inputs yields n new inputs. The tracker tracks each of them.
func (k *tracker) inputs(n int) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for range n {
			if !yield(k.add(make([]byte, 64))) {
				return
			}
		}
	}
}

func streamsLetGo(t *testCase) {
	const window, n = 64, 200
	ex := t.executor(2)
	for _, order := range orders {
		for _, hooks := range []*strategies.Hooks{nil, hooked().Hooks} {
			var ins, outs tracker
			k := t.fresh(&outs)
			o := strategies.Options{Order: order, Window: window, Hooks: hooks}
			at := 0
			for v, err := range k.Stream(background, ex, ins.inputs(n), o) {
				t.ok(err)
				if t.can().Processes {
					outs.add(v)
				}
				v = nil
				if at++; at == n {
					subject := fmt.Sprintf("%v order, after the last delivery", order)
					t.gone(subject+", inputs", &ins, 0)
					t.gone(subject+", outputs", &outs, 0)
				}
			}
		}
	}
}

func futuresLetGo(t *testCase) {
	const n = 40
	ex := t.executor(2)
	for _, o := range []strategies.Options{{}, hooked()} {
		var ins, outs tracker
		k := t.fresh(&outs)
		var fs []*strategies.Future[[]byte]
		for in := range ins.inputs(n) {
			fs = append(fs, k.Go(background, ex, in, o))
		}
		for _, f := range fs {
			out, err := f.Wait(background)
			t.ok(err)
			if t.can().Processes {
				outs.add(out)
			}
		}
		t.gone("inputs of resolved futures", &ins, 0)
		want(t, "outputs of resolved futures that are in memory", outs.alive(), n)
		runtime.KeepAlive(fs)
		fs = nil
		t.gone("outputs of futures that nothing refers to", &outs, 0)
	}
}

func endedContextsLetGo(t *testCase) {
	const n = 100
	ex := t.executor(2)
	var contexts tracker
	type key struct{}
	for b := range contexts.inputs(n) {
		ctx, cancel := context.WithCancel(context.WithValue(background, key{}, b))
		cancel()
		_, err := actKernel.Go(ctx, ex, act{}, strategies.Options{}).Wait(background)
		t.is("error of a future whose context has ended", err, context.Canceled)
	}
	t.gone("contexts of futures whose tasks never started", &contexts, 0)
	t.healthy(ex, 2)
}

func idleLetsGo(t *testCase) {
	const n = 100
	ex := t.executor(2)
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	var ins, outs tracker
	k := t.fresh(&outs)
	for _, o := range []strategies.Options{{}, hooked()} {
		var fs []*strategies.Future[[]byte]
		for in := range ins.inputs(n) {
			fs = append(fs, k.Go(ctx, ex, in, o))
		}
		for i, f := range fs {
			if i%2 == 0 {
				f.Cancel()
			}
			f.Wait(background)
		}
		var in [][]byte
		for b := range ins.inputs(n) {
			in = append(in, b)
		}
		_, err := k.Map(ctx, ex, in, o)
		t.ok(err)
		for range k.Stream(ctx, ex, ins.inputs(n), o) {
			break
		}
	}
	t.gone("inputs of earlier jobs", &ins, 0)
	t.gone("outputs of earlier jobs", &outs, 0)
	t.healthy(ex, 2)
}
