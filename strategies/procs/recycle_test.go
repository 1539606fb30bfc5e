//go:build unix

package procs

import (
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// TestRecycleTasks checks that a recycled worker is counted only as recycled, not as lost.
func TestRecycleTasks(t *testing.T) {
	c := started("standby", 2)
	c.Recycle.Tasks = 3
	x := newExecutor(t, c)
	if _, err := fault.Map(t.Context(), x, numbered(60), strategies.Options{Chunk: chunk.Fixed(4)}); err != nil {
		t.Error(err)
	}
	if r := x.Account().Restarts; r.Tasks < 18 || r.Lost+r.Failed > 0 {
		t.Errorf("%+v", r)
	}
}

func TestRecycleAgeAndMemory(t *testing.T) {
	c := config(2)
	c.Recycle.Age = 5 * time.Millisecond
	x := newExecutor(t, c)
	for x.Account().Restarts.Age < 4 {
		if _, err := number.Map(t.Context(), x, make([]uint64, 20_000), strategies.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	c = config(1)
	c.Recycle.Memory = 100 << 20
	x = newExecutor(t, c)
	for x.Account().Restarts.Memory == 0 {
		if _, err := fault.Map(t.Context(), x, every("leak", 10), strategies.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	if r := x.Account().Restarts; r.Lost+r.Failed > 0 {
		t.Errorf("%+v", r)
	}
}

// TestRecycleTinyAge checks that every worker runs a task, even if Recycle.Age is tiny.
func TestRecycleTinyAge(t *testing.T) {
	c := config(2)
	c.Recycle.Age = 1
	x := newExecutor(t, c)
	if out, err := fault.Map(t.Context(), x, numbered(20), strategies.Options{}); err != nil || out[19] != "19" {
		t.Error(out, err)
	}
}
