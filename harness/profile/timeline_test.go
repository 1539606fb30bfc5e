package profile

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"runtime/trace"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payoff-bench/payoff/harness"
)

// TestReadTimeline checks the timeline of a job with two workers that take their tasks in turn, and a
// goroutine that hands the tasks over.
func TestReadTimeline(t *testing.T) {
	ctx := context.Background()
	const tasks = 50 // of each worker
	var b bytes.Buffer
	if err := trace.Start(&b); err != nil {
		t.Fatal(err)
	}
	trace.WithRegion(ctx, "job", func() {
		var work sync.WaitGroup
		turns := []chan bool{make(chan bool, 1), make(chan bool, 1)}
		for w := range turns {
			work.Go(func() {
				for range tasks {
					<-turns[w]
					trace.WithRegion(ctx, "execute", runtime.Gosched)
					turns[1-w] <- true
				}
			})
		}
		work.Go(func() { trace.WithRegion(ctx, "encode", func() { turns[0] <- true }) })
		work.Wait()
		runtime.GC()
	})
	trace.Stop()
	path := filepath.Join(t.TempDir(), "launch.trace")
	write := func(b []byte) {
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(b.Bytes())
	got, err := ReadTimeline([]ProcessTrace{{"launch", path}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, l := range got.Lines {
		names = append(names, l.Name)
		n := 0
		for _, bar := range l.Bars {
			if bar.From < got.From || bar.To > got.To || bar.To < bar.From {
				t.Errorf("%s: bar %v is not between %v and %v", l.Name, bar, got.From, got.To)
			}
			if bar.Kind == harness.BarExecute {
				n++
			}
		}
		if l.Name[0] == 'w' && (n < 10 || n > 13) {
			t.Errorf("%s has %d tasks, want about 10", l.Name, n)
		}
	}
	if d := cmp.Diff([]string{"caller", "dispatcher", "worker 1", "worker 2", "GC of launch"}, names); d != "" {
		t.Error(d)
	}
	if got.Even < 0.5 || got.From < 0 || got.To > got.Makespan || got.Collections < 1 || got.Collected <= 0 {
		t.Errorf("%+v", got)
	}

	write(b.Bytes()[:b.Len()*3/4])
	if _, err := ReadTimeline([]ProcessTrace{{"launch", path}}); err == nil {
		t.Error("a torn trace has a timeline")
	}
	write(recordTrace(t, 10))
	if _, err := ReadTimeline([]ProcessTrace{{"launch", path}}); !errors.Is(err, ErrUnmarked) {
		t.Errorf("error %v for a trace without marks", err)
	}
}

// TestStretch checks which part of a job a timeline shows.
func TestStretch(t *testing.T) {
	// tasks returns a worker whose tasks take the given times, one after another, from a time on.
	tasks := func(from float64, times ...float64) lane {
		s := &strand{}
		for _, d := range times {
			s.bars = append(s.bars, harness.Bar{Kind: harness.BarExecute, From: from, To: from + d})
			from += d
		}
		return lane{s}
	}
	repeat := func(d float64, n int) []float64 { return slices.Repeat([]float64{d}, n) }
	for _, c := range []struct {
		name             string
		workers          []lane
		from, to, shared float64
	}{
		{"few tasks", []lane{tasks(5, repeat(1, 10)...)}, 0, 100, 1},
		{"one worker", []lane{tasks(0, repeat(1, 29)...)}, 10 - 0.2, 20 + 0.2, 1},
		{"slow second worker", []lane{tasks(0, repeat(1, 60)...), tasks(0, repeat(3, 20)...)}, 14 - 0.62, 45 + 0.62, 31.0 / 51},
		{"second worker ends early", []lane{tasks(0, repeat(1, 60)...), tasks(0, repeat(1, 10)...)}, 0, 10.2, 1.0 / 51},
		{"second worker has one long task", []lane{tasks(0, repeat(1, 60)...), tasks(0, 60)}, 25 - 0.2, 35 + 0.2, 0},
	} {
		from, to, share := stretch(c.workers, 100)
		if got, want := [3]float64{from, to, share}, [3]float64{c.from, c.to, c.shared}; !near(got, want) {
			t.Errorf("%s: from, to and share %v, want %v", c.name, got, want)
		}
	}
}

func near(a, b [3]float64) bool {
	for i := range a {
		if d := a[i] - b[i]; d > 1e-9 || d < -1e-9 {
			return false
		}
	}
	return true
}
