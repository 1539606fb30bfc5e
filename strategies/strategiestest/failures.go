package strategiestest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

var failureRules = []rule{
	{"failures", `A task that returns an error, panics with any value, or returns an error that
looks empty or is its own deadline error, fails alone; its siblings complete; no worker
slot is lost. A panic carries its value and stack. Across processes an error keeps its
message, its type's name and the remote stack.`, 0, func(t *T) { failAlone(t, failures) }},
	{"exits", `A task that calls runtime.Goexit fails alone; its siblings complete; no worker
slot is lost.`, exits, func(t *T) { failAlone(t, exitFailures) }},
	{"failures of all", `Tasks that fail, all of them and in any way, leave every worker in its
place.`, 0, failAll},
	{"codecs", `An input or an output that cannot be encoded or decoded, by error or by panic,
on either side, fails that task alone.`, processes, codecs},
	{"printing", `What a task prints to standard output never reaches the data path.`, processes, printing},
}

// A failure is a way in which a task fails and what its error then is.
type failure struct {
	do    Deed
	text  string // in the error
	typ   string // of the error
	is    error  // in this process, the error is this one
	panic bool
}

var failures = []failure{
	{do: Error, text: "it failed", typ: "*errors.errorString", is: ErrAct},
	{do: OwnType, text: "oops 7", typ: "strategiestest.Oops", is: Oops{7}},
	{do: EmptyError, typ: "*errors.errorString"},
	{do: TypedNil, text: "nothing at all", typ: "*strategiestest.nilError"},
	{do: TypedNilPanics, typ: "*strategiestest.nilPanics"},
	{do: OwnDeadline, text: "context deadline exceeded", typ: "context.deadlineExceededError", is: context.DeadlineExceeded},
	{do: OwnCancel, text: "context canceled", typ: "*errors.errorString", is: context.Canceled},
	{do: PanicText, text: "boom", panic: true},
	{do: PanicError, text: "it failed", panic: true, is: ErrAct},
	{do: PanicValue, text: "{7}", panic: true},
	{do: PanicNil, text: "nil", panic: true},
	{do: PanicBadText, panic: true},
	{do: RuntimeError, text: "nil map", panic: true},
}

// exitFailures are those that end the goroutine.
var exitFailures = []failure{
	{do: Goexit, is: strategies.ErrGoexit},
	{do: GoexitPanic},
	{do: PanicGoexit},
}

// failuresOf returns those that cost s no worker.
func failuresOf(s catalog.Strategy) []failure {
	if s.Capabilities.LosesGoexit {
		return failures
	}
	return slices.Concat(failures, exitFailures)
}

// check reports where err, of a task that failed so, is not as it should be.
func (f failure) check(t *T, err error) {
	t.t.Helper()
	var te *strategies.TaskError
	if !errors.As(err, &te) {
		t.Errorf("a task that should %s has outcome %v", f.do, err)
		return
	}
	wrong := func(format string, args ...any) {
		t.t.Helper()
		t.Errorf("a task that should %s: %s", f.do, fmt.Sprintf(format, args...))
	}
	if !strings.Contains(te.Error(), f.text) {
		wrong("the error says %q and not %q", te, f.text)
	}
	if f.is != nil && !t.processes() && !errors.Is(err, f.is) {
		wrong("the error is a %T, not %v", te.Err, f.is)
	}
	if typ := typeOf(te.Err); f.typ != "" && typ != f.typ {
		wrong("the error is a %s, not a %s", typ, f.typ)
	}
	if f.do == Goexit && te.Err != strategies.ErrGoexit {
		wrong("the error is %v", te.Err)
	}
	if f.panic {
		var p *strategies.PanicError
		if !errors.As(err, &p) {
			wrong("the error is no panic but a %T", te.Err)
		} else if !bytes.Contains(p.Stack, []byte("strategiestest.act")) {
			wrong("the panic's stack does not show it: %s", p.Stack)
		}
	}
	t.checkWorker(te)
}

// typeOf returns the name of an error's type, where it was made.
func typeOf(err error) string {
	if remote, ok := err.(*strategies.RemoteError); ok {
		return remote.Type
	}
	return fmt.Sprintf("%T", err)
}

func failAlone(t *T, failures []failure) {
	const workers, n = 2, 20
	ex := t.executor(workers)
	for _, f := range failures {
		for _, size := range []int{1, 7} {
			acts := plain(n)
			acts[3].Do, acts[9].Do = f.do, f.do
			out, jobErr := t.results(ex, acts, strategies.Options{Chunk: chunk.Fixed(size)})
			for i, d := range out {
				if acts[i].Do == f.do {
					f.check(t, taskOf(jobErr, i))
					want(t, "output of a task that failed", d, Done{})
				} else if err := taskOf(jobErr, i); err != nil || d.Index != i {
					t.Errorf("beside a task that should %s: %s", f.do, told(d, err))
				}
			}
		}
		if t.t.Failed() {
			return
		}
	}
	t.healthy(ex, workers)
}

func failAll(t *T) {
	failures := failuresOf(t.Strategy)
	const workers = 3
	ex := t.executor(workers)
	acts := plain(20 * len(failures))
	for i := range acts {
		acts[i].Do = failures[i%len(failures)].do
	}
	for _, size := range []int{1, 10, len(acts)} {
		_, jobErr := t.results(ex, acts, strategies.Options{Chunk: chunk.Fixed(size)})
		if jobErr == nil || jobErr.Failed != len(acts) {
			t.Fatalf("chunk %d: %d tasks were to fail: %v", size, len(acts), jobErr)
		}
		t.healthy(ex, workers)
	}
}

func codecs(t *T) {
	const workers = 2
	ex := t.executor(workers)
	steps := map[Deed]string{
		EncodeInput: "encode input", DecodeInput: "decode input", EncodeOutput: "encode output", DecodeOutput: "decode output",
	}
	for do, step := range steps {
		for _, by := range []Deed{"", Panicking} {
			for _, size := range []int{1, 7} {
				acts := plain(20)
				acts[3].Do, acts[9].Do = do+by, do+by
				_, jobErr := t.results(ex, acts, strategies.Options{Chunk: chunk.Fixed(size)})
				for i, a := range acts {
					err := taskOf(jobErr, i)
					var ce *strategies.CodecError
					switch {
					case a.Do == "" && err != nil:
						t.Errorf("beside a task that should %s%s: %v", do, by, err)
					case a.Do != "" && !errors.As(err, &ce):
						t.Errorf("a task that should %s%s: %v", do, by, err)
					case a.Do != "":
						want(t, "step", ce.Step, step)
					}
				}
			}
		}
	}
	t.healthy(ex, workers)
}

func printing(t *T) {
	ex := t.executor(2)
	acts := plain(40)
	for i := range acts {
		if i%2 == 0 {
			acts[i].Do = Print
		}
	}
	out, jobErr := t.results(ex, acts, strategies.Options{Chunk: chunk.Fixed(3)})
	for i, d := range out {
		if err := taskOf(jobErr, i); err != nil || d.Index != i {
			t.Errorf("task %d: %s", i, told(d, err))
		}
	}
}
