package kernels

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/workloads"
)

// sound returns valid parameters for w with which each task has little work.
func sound(t testing.TB, w workloads.Workload) workloads.Params {
	p := workloads.Params{Seed: 7, Dir: t.TempDir()}
	if w.Grains {
		p.Grain = max(500, w.Finest)
	}
	if w.Payloads {
		p.Payload = 300
	}
	p.Memory = memory(w)
	return p
}

func TestTable(t *testing.T) {
	served, seen := map[string]bool{}, map[string]bool{}
	for _, k := range workloads.Kernels(All()) {
		served[k.KernelName()] = true
	}
	for i, w := range All() {
		switch {
		case w.Name == "" || w.Name != strings.ToLower(w.Name) || strings.ContainsAny(w.Name, " -/=:"):
			t.Errorf("workload %d has the invalid name %q, want lower-case letters and no blanks or -/=:", i, w.Name)
		case w.Doc == "" || w.New == nil:
			t.Errorf("workload %s has no description or no function New", w.Name)
		case w.Kernel.KernelName() != w.Name || !served[w.Name] || served[w.Name+"+shape"] != w.Shapeable():
			t.Errorf("workload %s has a kernel named %s, want the name of the workload, and all kernels served", w.Name, w.Kernel.KernelName())
		case seen[w.Name]:
			t.Errorf("workload %s is in the table twice", w.Name)
		}
		seen[w.Name] = true
	}
}

func TestParams(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		w    workloads.Workload
		p    workloads.Params
		want string // the error; "" for none
	}{
		{newSpin(), workloads.Params{Grain: 1}, ""},
		{newSpin(), workloads.Params{Grain: workloads.MaxGrain}, ""},
		{newSpin(), workloads.Params{}, "workload spin: grain = 0: must be 1 to 3600000000000 ns"},
		{newSpin(), workloads.Params{Grain: -1}, "workload spin: grain = -1: must be 1 to 3600000000000 ns"},
		{newSpin(), workloads.Params{Grain: workloads.MaxGrain + 1}, "workload spin: grain = 3600000000001: must be 1 to 3600000000000 ns"},
		{newSpin(), workloads.Params{Grain: 1, Payload: 1}, "workload spin: payload = 1: must be 0, because this workload does not have the parameter"},
		{newSpin(), workloads.Params{Grain: 1, Spread: "lognormal"}, ""},
		{newSpin(), workloads.Params{Grain: 1, Spread: "wild"}, "workload spin: spread = wild: must be one of none, lognormal, lognormal1, lognormal4, pareto, first, last, slowing"},
		{newFiles(), workloads.Params{Payload: 1, Spread: workloads.None, Dir: dir}, ""},
		{newFiles(), workloads.Params{Payload: 1, Spread: "last", Dir: dir}, "workload files: spread = last: must be none, because tasks of this workload have no grain"},
		{newSleep(), workloads.Params{Grain: 0}, "workload sleep: grain = 0: must be 1 to 3600000000000 ns"},
		{newSleep(), workloads.Params{Grain: 1, Payload: -1}, "workload sleep: payload = -1: must be 0, because this workload does not have the parameter"},
		{newSHA256(), workloads.Params{Grain: 1}, ""},
		{newSHA256(), workloads.Params{Grain: 1, Payload: workloads.MaxPayload}, ""},
		{newSHA256(), workloads.Params{Grain: 1, Payload: -1}, "workload sha256: payload = -1: must be 0 to 1073741824 bytes"},
		{newSHA256(), workloads.Params{Grain: 1, Payload: workloads.MaxPayload + 1}, "workload sha256: payload = 1073741825: must be 0 to 1073741824 bytes"},
		{newFiles(), workloads.Params{Payload: 1, Dir: dir}, ""},
		{newFiles(), workloads.Params{Payload: 0, Dir: dir}, "workload files: payload = 0: must be 1 to 1073741824 bytes"},
		{newFiles(), workloads.Params{Payload: workloads.MaxPayload + 1, Dir: dir}, "workload files: payload = 1073741825: must be 1 to 1073741824 bytes"},
		{newFiles(), workloads.Params{Payload: 1, Grain: 5, Dir: dir}, "workload files: grain = 5: must be 0, because this workload does not have the parameter"},
		{newFiles(), workloads.Params{Payload: 1}, `workload files: dir = "": must be an existing folder`},
	} {
		l, err := c.w.New(c.p)
		if l != nil {
			l.Close()
		}
		var param *workloads.ParamError
		switch {
		case c.want == "" && err != nil:
			t.Errorf("workload %s, parameters %+v: got error %v, want none", c.w.Name, c.p, err)
		case c.want != "" && !errors.As(err, &param):
			t.Errorf("workload %s, parameters %+v: got error %v, want a ParamError", c.w.Name, c.p, err)
		case c.want != "" && err.Error() != c.want:
			t.Errorf("workload %s, parameters %+v:\n got %v\nwant %s", c.w.Name, c.p, err, c.want)
		}
	}
}

// TestDigest checks that every way to run a job gives the digest of the direct loop, and that the
// digest depends on the seed and on the number of tasks.
func TestDigest(t *testing.T) {
	for _, w := range All() {
		t.Run(w.Name, func(t *testing.T) {
			n := 200
			switch {
			case w.OnDisk:
				n = 20 // disks are slow
			case w.Finest > 1000:
				n = 40
			}
			p := sound(t, w)
			l := prepare(t, w, p, n)
			want := digest(t, l, l.Direct(t.Context()))
			for workers, s := range map[int]catalog.Strategy{1: catalog.Named("serial"), 3: catalog.Named("pool")} {
				ex, err := s.New(t.Context(), catalog.Config{Workers: workers})
				if err != nil {
					t.Fatal(err)
				}
				defer ex.Close()
				for _, size := range []int{1, 7} {
					if got := digest(t, l, l.Map(t.Context(), ex, strategies.Options{Chunk: chunk.Fixed(size)})); got != want {
						t.Errorf("strategy %s, map, chunk %d: digest %x, want %x as in the direct loop", s.Name, size, got, want)
					}
					for _, order := range []strategies.Order{strategies.InputOrder, strategies.CompletionOrder} {
						o := strategies.Options{Chunk: chunk.Fixed(size), Order: order, Window: 16}
						if got := digest(t, l, l.Stream(t.Context(), ex, o)); got != want {
							t.Errorf("strategy %s, %s order, chunk %d: digest %x, want %x as in the direct loop", s.Name, order, size, got, want)
						}
					}
				}
			}
			again := prepare(t, w, p, n)
			if got := digest(t, again, again.Direct(t.Context())); got != want {
				t.Errorf("second load with the same parameters: digest %x, want %x", got, want)
			}
			p.Seed++
			other := prepare(t, w, p, n)
			if got := digest(t, other, other.Direct(t.Context())); got == want {
				t.Errorf("load with another seed has the same digest %x, want another", got)
			}
			if err := l.Inputs(n - 1); err != nil {
				t.Fatal(err)
			}
			if got := digest(t, l, l.Direct(t.Context())); got == want {
				t.Errorf("load with one task less has the same digest %x, want another", got)
			}
		})
	}
}

func digest(t *testing.T, l workloads.Load, err error) uint64 {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	sum, err := l.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

// TestDigestValues checks that digests are the same on every machine. They must be, because the
// work of a task is a number of steps that does not depend on the machine.
func TestDigestValues(t *testing.T) {
	for _, c := range []struct {
		w    workloads.Workload
		p    workloads.Params
		want uint64
	}{
		{newSpin(), workloads.Params{Grain: 1000, Seed: 1}, 0xc6d12c7c2fd598dd},
		{newSHA256(), workloads.Params{Grain: 1000, Seed: 1}, 0x56554d90ab0d1721},
		{newSHA256(), workloads.Params{Grain: 10000, Payload: 100, Seed: 1}, 0x381944b7329596c0},
		{newSHA256(), workloads.Params{Grain: 1000, Payload: 1 << 16, Seed: 1}, 0xe7c86329b723d6bf},
		{newSleep(), workloads.Params{Grain: 1, Seed: 1}, 0x1ba7b4dc641825ed},
		{newFiles(), workloads.Params{Payload: 100_001, Seed: 1, Dir: t.TempDir()}, 0x2ef5946ab0112c40},
	} {
		l := prepare(t, c.w, c.p, 64)
		if got := digest(t, l, l.Direct(t.Context())); got != c.want {
			t.Errorf("workload %s, grain %d, payload %d: digest %#x, want %#x", c.w.Name, c.p.Grain, c.p.Payload, got, c.want)
		}
	}
}

// TestLongTasksEnd checks that long tasks return early when their context ends.
func TestLongTasksEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	long := workloads.Task{Steps: 1 << 62}
	for name, run := range map[string]func() (workloads.Outcome, error){
		"spin":   func() (workloads.Outcome, error) { return spin(ctx, long) },
		"sha256": func() (workloads.Outcome, error) { return sha(ctx, message{Task: long}) },
		"sleep":  func() (workloads.Outcome, error) { return sleep(ctx, long) },
		"files": func() (workloads.Outcome, error) {
			return writeAndRead(ctx, workloads.FolderTask{Task: long, Dir: t.TempDir()}, (*os.File).Sync)
		},
	} {
		if _, err := run(); !errors.Is(err, context.Canceled) {
			t.Errorf("long task of the workload %s: got error %v, want context.Canceled", name, err)
		}
	}
}

func TestCounts(t *testing.T) {
	for _, c := range []struct {
		grain     int
		spin, sha uint64
	}{
		{1, 1, 1},
		{20, 3, 1},
		{100, 51, 1},
		{1000, 591, 32},
		{10_000, 5991, 345},
		{workloads.MaxGrain, 2_159_999_999_991, 125_217_391_302},
	} {
		if spin, sha := spinCount(c.grain), shaCount(c.grain); spin != c.spin || sha != c.sha {
			t.Errorf("grain %d: spin takes %d steps and sha256 %d, want %d and %d", c.grain, spin, sha, c.spin, c.sha)
		}
	}
}
