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
	const words = "words of setupN, leakN, failN, panicN, hangN, exitN, killN, lazyN, eagerN, joined by +"
	for _, c := range []struct {
		w          workloads.Workload
		name, want string // the error; "" for none
	}{
		{newSpin(), "", ""},
		{newSpin(), "none", ""},
		{newSpin(), "kill1000+setup5000", ""},
		{newSpin(), "leak4096", ""},
		{newSHA256(), "lazy1048576", ""},
		{newSpin(), "kill", "killN with N from 2 to 16777216"},
		{newSpin(), "kill1", "killN with N from 2 to 16777216"},
		{newSpin(), "kill99999999999999999999", "killN with N from 2 to 16777216"},
		{newSpin(), "vanish3", words},
		{newSpin(), "kill3+", words},
		{newSpin(), "kill3+fail3", "a name with at most one fault, one way to make inputs, and each word once"},
		{newSpin(), "leak3+leak4", "a name with at most one fault, one way to make inputs, and each word once"},
		{newSpin(), "eager1048576", "neither lazy nor eager, since its tasks have no payload"},
		{newFiles(), "leak1", "none, since only tasks that compute for a grain and share no state take shapes"},
	} {
		_, err := c.w.Shape(c.name)
		var param *workloads.ParamError
		if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &param) || param.Allowed != c.want) {
			t.Errorf("%s, %q: %v, want %q", c.w.Name, c.name, err, c.want)
		}
	}
	for _, k := range fault.Words() {
		if k.Doc == "" || !strings.HasSuffix(k.Name, "N") {
			t.Errorf("word %q", k.Name)
		}
	}
}

// With goroutines and processes, jobs with a shape have the digest of the direct loop over the
// tasks that succeed, and each planned failure happens.
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
				t.Errorf("%s: digest %x, without shape %x", name, want, got)
			}
		}
		for at, ex := range map[string]strategies.Executor{"pool": pool, "procs": apart} {
			can := catalog.Named("pool").Capabilities
			can.Processes = at == "procs"
			if s.Runs("map", can) == nil {
				if got := digest(t, l, l.Map(t.Context(), ex, strategies.Options{Chunk: chunk.Fixed(3)})); got != want {
					t.Errorf("%s, %s, map: digest %x, direct %x", name, at, got, want)
				}
			}
			for _, order := range []strategies.Order{strategies.InputOrder, strategies.CompletionOrder} {
				if s.Runs(order.String(), can) == nil {
					if got := digest(t, l, l.Stream(t.Context(), ex, strategies.Options{Order: order, Window: 8})); got != want {
						t.Errorf("%s, %s, %s: digest %x, direct %x", name, at, order, got, want)
					}
				}
			}
		}
	}
}

// Every workload that supports injected faults has the same digest with them as in the direct loop.
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
			t.Errorf("%s: digest %x, direct %x", w.Name, got, want)
		}
	}
}
