package workloads

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/procs"
)

// Every workload has the digest of the direct loop in worker processes too; those that
// share state share it there.
func TestProcesses(t *testing.T) {
	c := itself
	c.Workers = 3
	ex, err := procs.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer ex.Close()
	const n = 60
	for _, w := range All() {
		t.Run(w.Name, func(t *testing.T) {
			l := prepare(t, w, sound(t, w), n)
			want := digest(t, l, l.Direct(t.Context()))
			for range 2 {
				if got := digest(t, l, l.Map(t.Context(), ex, strategies.Options{Chunk: chunk.Fixed(3)})); got != want {
					t.Errorf("map: digest %x, direct %x", got, want)
				}
			}
			if got := digest(t, l, l.Stamped(t.Context(), ex, strategies.Options{Order: strategies.CompletionOrder})); got != want {
				t.Errorf("stream: digest %x, direct %x", got, want)
			}
			switch v := l.Values(); {
			case v[FirstUnit] <= 0 || v[HeldUnit] <= 0 || v[HeldTasksUnit] < 1:
				t.Errorf("a stream shows %v", v)
			case w.Name == "semaphore4" && (v[InsideUnit] < 1 || v[InsideUnit] > 4):
				t.Errorf("%v inside", v[InsideUnit])
			case (w.Name == "racy" || w.Name == "counter") && (v[LostUnit] < 0 || v[LostUnit] >= n):
				t.Errorf("%v of %d updates lost", v[LostUnit], n)
			case w.Waits && v[ServiceUnit] <= 0:
				t.Errorf("a task took %v ns", v[ServiceUnit])
			}
		})
	}
}

// What is wrong with shared state is told.
func TestSharedStateErrors(t *testing.T) {
	var all states
	made, err := all.make("x", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, err := all.at(made)
	if err != nil {
		t.Fatal(err)
	}
	var param *ParamError
	if _, err := all.make("x", ""); !errors.As(err, &param) {
		t.Errorf("no folder: %v", err)
	}
	if _, err := all.at(Share{Path: made.Path + "-none"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	for _, w := range []Workload{Lock(0), Lock(101), Semaphore(0), Semaphore(1025)} {
		if _, err := w.New(Params{Grain: 1, Dir: t.TempDir()}); !errors.As(err, &param) {
			t.Errorf("%s: %v", w.Name, err)
		}
	}
	s.word(0).Store(7) // as a job leaves it whose updates went missing
	l := prepare(t, Counter(), sound(t, Counter()), 10).(*Typed[Share, Waited])
	if err := l.Direct(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.Look = func(out []Waited) (map[string]float64, error) { return nil, errors.New("looked") }
	if _, err := l.Digest(); err == nil || err.Error() != "looked" {
		t.Errorf("what was looked at: %v", err)
	}
	if err := all.free(made); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		out  []Taken
		want string
	}{
		{[]Taken{{Number: 1}, {Number: 0}}, ""},
		{[]Taken{{Number: 1}, {Number: 1}}, "twice"},
		{[]Taken{{Number: 2}, {Number: 1}}, "number 2 came out"},
	} {
		if _, err := eachOnce(c.out); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v: %v", c.out, err)
		}
	}
}

func FuzzShare(f *testing.F) {
	roundTrip(f, shareCodec(), Share{Task{1, 2, 3}, 4, "/tmp"})
}

func FuzzTaken(f *testing.F) {
	roundTrip(f, takenCodec(), Taken{Outcome{1, 2}, 3})
}
