package workloads

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/procs"
)

func TestShapeNames(t *testing.T) {
	const words = "words of setupN, leakN, failN, panicN, hangN, exitN, killN, lazyN, eagerN, joined by +"
	for _, c := range []struct {
		w          Workload
		name, want string // "" for sound
	}{
		{Spin(), "", ""},
		{Spin(), "none", ""},
		{Spin(), "kill1000+setup5000", ""},
		{Spin(), "leak4096", ""},
		{SHA256(), "lazy1048576", ""},
		{Spin(), "kill", "killN, N being 2 to 16777216"},
		{Spin(), "kill1", "killN, N being 2 to 16777216"},
		{Spin(), "kill99999999999999999999", "killN, N being 2 to 16777216"},
		{Spin(), "vanish3", words},
		{Spin(), "kill3+", words},
		{Spin(), "kill3+fail3", "of one fault, one way to make inputs, and each word once"},
		{Spin(), "leak3+leak4", "of one fault, one way to make inputs, and each word once"},
		{Spin(), "eager1048576", "neither lazy nor eager, since it has no payload to be large"},
		{Files(), "leak1", "none, since its tasks do not compute for a grain, each for itself"},
	} {
		_, err := c.w.Shape(c.name)
		var param *ParamError
		if c.want == "" && err != nil || c.want != "" && (!errors.As(err, &param) || param.Allowed != c.want) {
			t.Errorf("%s, %q: %v, want %q", c.w.Name, c.name, err, c.want)
		}
	}
	for _, k := range Shapes() {
		if k.Doc == "" || !strings.HasSuffix(k.Name, "N") {
			t.Errorf("word %q", k.Name)
		}
	}
}

func TestShapeRuns(t *testing.T) {
	threads := catalog.Named("pool").Capabilities
	bare := threads
	bare.Limits = false
	processes := threads
	processes.Processes = true
	for _, c := range []struct {
		shape, order string
		can          catalog.Capabilities
		want         string
	}{
		{"none", "map", threads, ""},
		{"panic3", "map", threads, ""},
		{"kill3", "map", processes, ""},
		{"kill3", "map", threads, "ends the process"},
		{"exit3", "map", threads, "ends the process"},
		{"hang3", "map", bare, "limits how long"},
		{"fail3", "map", catalog.Capabilities{Idiom: catalog.MapIdiom}, "any job"},
		{"lazy1048576", "map", threads, "needs a stream"},
		{"lazy1048576", "input", threads, ""},
	} {
		s, err := SHA256().Shape(c.shape)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Runs(c.order, c.can); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s, %s: %v, want %q", c.shape, c.order, err, c.want)
		}
	}
}

// Jobs with a shape have the digest of the direct loop over those that must succeed, in
// goroutines and processes, and each planned failure happened.
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
		w := SHA256()
		p := sound(t, w)
		p.Shape = name
		s, err := w.Shape(name)
		if err != nil {
			t.Fatal(err)
		}
		l := prepare(t, w, p, 64)
		want := digest(t, l, l.Direct(t.Context()))
		if s.Fault == NoFault {
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

// What is not planned is told: a task that fails, one that does not, and one that ends its
// process where that is nobody's but the asking program's.
func TestUnplanned(t *testing.T) {
	pool, err := catalog.Named("pool").New(t.Context(), catalog.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	load := func(shape string, f func(i int) error) *Typed[Task, Outcome] {
		l := prepare(t, Spin(), Params{Grain: 100, Seed: 7, Shape: shape}, 64).(*Typed[Task, Outcome])
		work := l.Kernel.Func
		l.Kernel.Func = func(ctx context.Context, in Task) (Outcome, error) {
			if err := f(int(in.Index)); err != nil {
				return Outcome{}, err
			}
			return work(ctx, in)
		}
		return l
	}
	bad := errors.New("bad")
	fail := load("fail64", func(i int) error { return bad })
	spared := load("fail64", func(int) error { return nil })
	spared.dressed[0].fault, spared.fates = NoFault, spared.fates+1
	kill := load("kill64", func(int) error { return nil })
	for want, l := range map[string]*Typed[Task, Outcome]{"was to succeed": fail, "were planned to": spared, "failed otherwise than planned": kill} {
		for _, run := range []func() error{
			func() error { return l.Map(t.Context(), pool, strategies.Options{}) },
			func() error { return l.Stream(t.Context(), pool, strategies.Options{}) },
		} {
			if err := run(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
			if _, err := l.Digest(); err == nil {
				t.Errorf("%q has a digest", want)
			}
		}
	}
}

func TestFate(t *testing.T) {
	for _, f := range []fate{{}, {1, 2, Killed}} {
		got, rest, err := cutFate(f.append(nil))
		if err != nil || got != f || len(rest) > 0 {
			t.Errorf("%v became %v, %d bytes, %v", f, got, len(rest), err)
		}
	}
	for _, src := range [][]byte{nil, make([]byte, fateSize-1), append(make([]byte, fateSize-1), byte(Killed)+1)} {
		if _, _, err := cutFate(src); err == nil {
			t.Errorf("%v: no error", src)
		}
	}
	for n := 1; n < 40; n++ {
		s := Shape{Fault: Fails, Among: 16}
		fated := 0
		for i := range n {
			if s.fated(uint64(n), i, n) {
				fated++
			}
		}
		if fated < max(1, n/16) || fated > n/16+1 {
			t.Errorf("%d of %d tasks are planned to fail", fated, n)
		}
	}
}

// Every workload that takes shapes takes each of their kinds.
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
