package workloads_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

// TestStaged checks that the stages of a task, with all readings of the clock, add up to the time from
// submission to delivery but for gaps, and that jobs with stamps have the outputs of other jobs.
func TestStaged(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name   string
		kind   workloads.JobKind
		order  strategies.Order
		stages []string
	}{
		{"map", workloads.MapJob, 0, []string{"take", "execute", "deliver"}},
		{"input order", workloads.StreamJob, strategies.InputOrder, []string{"take", "execute", "reorder", "deliver"}},
		{"completion order", workloads.StreamJob, strategies.CompletionOrder, []string{"take", "execute", "deliver"}},
		{"single", workloads.SingleJob, 0, []string{"take", "execute", "deliver"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			load := spin(t, workloads.Params{Grain: 100})
			if err := load.Inputs(2000); err != nil {
				t.Fatal(err)
			}
			ex := strategies.Pool(2)
			defer ex.Close()
			o := strategies.Options{Order: c.order, Window: 64}
			if c.kind != workloads.StreamJob {
				o.Window = 0
			}
			if err := load.Direct(ctx); err != nil {
				t.Fatal(err)
			}
			want, err := load.Digest()
			if err != nil {
				t.Fatal(err)
			}
			s := workloads.Stages{Every: 2}
			if err := load.Staged(ctx, ex, o, c.kind, &s); err != nil {
				t.Fatal(err)
			}
			if got, err := load.Digest(); err != nil || got != want {
				t.Errorf("digest %d, %v; the direct loop has %d", got, err, want)
			}
			if len(s.Tasks) != 1000 || s.Dropped > 0 {
				t.Fatalf("%d tasks, %d dropped, want 1000 tasks", len(s.Tasks), s.Dropped)
			}
			for _, task := range s.Tasks {
				var names []string
				sum := int64(0)
				for i, has := range task.Has {
					if has {
						names, sum = append(names, workloads.StageNames()[i]), sum+task.Stages[i]
					}
				}
				if !slices.Equal(without(names, "reorder"), without(c.stages, "reorder")) {
					t.Fatalf("stages %v, want %v", names, c.stages)
				}
				if sum != task.Total { // in one process, each stage begins where the last one ended
					t.Fatalf("the stages last %d ns, the task %d ns", sum, task.Total)
				}
			}
		})
	}
}

// spin returns a load of the workload spin, which the test closes.
func spin(t *testing.T, p workloads.Params) workloads.Load {
	t.Helper()
	all := kernels.All()
	load, err := all[slices.IndexFunc(all, func(w workloads.Workload) bool { return w.Name == "spin" })].New(p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { load.Close() })
	return load
}

// without returns names without one of them: the first task of a stream has no earlier one to wait for.
func without(names []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
}

func TestUnstaged(t *testing.T) {
	ex := strategies.Pool(2)
	defer ex.Close()
	load := spin(t, workloads.Params{Grain: 100, Shape: "fail7"})
	if err := load.Inputs(10); err != nil {
		t.Fatal(err)
	}
	var unstaged *workloads.UnstagedError
	if err := load.Staged(context.Background(), ex, strategies.Options{}, workloads.MapJob, &workloads.Stages{Every: 1}); !errors.As(err, &unstaged) {
		t.Errorf("error %v for tasks with faults", err)
	}
}
