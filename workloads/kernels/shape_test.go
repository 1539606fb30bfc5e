package kernels

import (
	"errors"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/fault"
)

func TestShapeNames(t *testing.T) {
	const words = "one or more of the words setupN, leakN, failN, panicN, hangN, exitN, killN, lazyN, eagerN, joined by +"
	for _, c := range []struct {
		w          workloads.Workload
		name, want string // the error; "" for none
	}{
		{newSpin(), "", ""},
		{newSpin(), "none", ""},
		{newSpin(), "kill1000+setup5000", ""},
		{newSpin(), "leak4096", ""},
		{newSHA256(), "lazy1048576", ""},
		{newSpin(), "kill", "killN with a number from 2 to 16777216 as N"},
		{newSpin(), "kill1", "killN with a number from 2 to 16777216 as N"},
		{newSpin(), "kill99999999999999999999", "killN with a number from 2 to 16777216 as N"},
		{newSpin(), "vanish3", words},
		{newSpin(), "kill3+", words},
		{newSpin(), "kill3+fail3", "a name with each word at most once, at most one of fail, panic, hang, exit and kill, and at most one of lazy and eager"},
		{newSpin(), "leak3+leak4", "a name with each word at most once, at most one of fail, panic, hang, exit and kill, and at most one of lazy and eager"},
		{newSpin(), "eager1048576", "without lazy and eager, because tasks of this workload have no payload"},
		{newFiles(), "leak1", "none, because faults can be injected only into tasks that compute for a grain and share no state"},
	} {
		_, err := c.w.Shape(c.name)
		var param *workloads.ParamError
		if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &param) || param.Allowed != c.want) {
			t.Errorf("workload %s, shape %q: got error %v, want %q", c.w.Name, c.name, err, c.want)
		}
	}
	for _, k := range fault.Words() {
		if k.Doc == "" || !strings.HasSuffix(k.Name, "N") {
			t.Errorf("word %q lacks a description, or does not end in N", k.Name)
		}
	}
}

// TestShaped checks that jobs with a shape (injected faults) have the same digest with goroutines,
// with processes and in the direct loop. The digest must leave out the tasks that are planned to
// fail, and each planned failure must happen.
func TestShaped(t *testing.T) {
	pool, err := catalog.Named("pool").New(t.Context(), catalog.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	c := itself
	c.Workers = 2
	apart, err := procs.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer apart.Close()
	for _, name := range []string{"setup5000", "leak5000", "fail7", "panic7", "hang64", "exit20", "kill20+setup100", "lazy1048576", "eager1048576"} {
		w := newSHA256()
		p := sound(t, w)
		p.Shape = name
		s, err := w.Shape(name)
		if err != nil {
			t.Fatal(err)
		}
		l := prepare(t, w, p, 64)
		want := digest(t, l, l.Direct(t.Context()))
		if s.Kind == fault.None {
			plain := prepare(t, w, sound(t, w), 64)
			if got := digest(t, plain, plain.Direct(t.Context())); got != want {
				t.Errorf("shape %s: digest %x, want %x as without a shape", name, want, got)
			}
		}
		for at, ex := range map[string]strategies.Executor{"pool": pool, "procs": apart} {
			can := catalog.Named("pool").Capabilities
			can.Processes = at == "procs"
			if s.Runs("map", can) == nil {
				if got := digest(t, l, l.Map(t.Context(), ex, strategies.Options{Chunk: chunk.Fixed(3)})); got != want {
					t.Errorf("shape %s, %s, map: digest %x, want %x as in the direct loop", name, at, got, want)
				}
			}
			for _, order := range []strategies.Order{strategies.InputOrder, strategies.CompletionOrder} {
				if s.Runs(order.String(), can) == nil {
					if got := digest(t, l, l.Stream(t.Context(), ex, strategies.Options{Order: order, Window: 8})); got != want {
						t.Errorf("shape %s, %s, order %s: digest %x, want %x as in the direct loop", name, at, order, got, want)
					}
				}
			}
		}
	}
}

// TestShapeable checks every workload into which faults can be injected. A job with faults must
// have the same digest as the direct loop.
func TestShapeable(t *testing.T) {
	pool, err := catalog.Named("pool").New(t.Context(), catalog.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for _, w := range All() {
		if !w.Shapeable() {
			continue
		}
		p := sound(t, w)
		p.Shape = "fail5+leak10+setup100"
		l := prepare(t, w, p, 10)
		want := digest(t, l, l.Direct(t.Context()))
		if got := digest(t, l, l.Map(t.Context(), pool, strategies.Options{})); got != want {
			t.Errorf("workload %s with faults: digest %x, want %x as in the direct loop", w.Name, got, want)
		}
	}
}
