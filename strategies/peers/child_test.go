package peers_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/peers"
)

// childEnv makes the test binary run one job that may end its process.
const childEnv = "PAYOFF_PEERS_CHILD"

// TestChild is that job.
func TestChild(t *testing.T) {
	name, deed, ok := strings.Cut(os.Getenv(childEnv), " ")
	if !ok {
		t.Skip("it is for the tests below, in a process of its own")
	}
	for _, l := range peers.Libraries() {
		if l.Native.Name != name {
			continue
		}
		if deed == "panic" {
			child(l, func() { panic("boom") })
		}
		synctest.Test(t, func(*testing.T) {
			go child(l, runtime.Goexit)
			time.Sleep(time.Hour) // of the bubble: passes when nobody can go on, but for timers
			fmt.Println("hangs")
			os.Exit(0)
		})
	}
}

// tasks is how many the jobs of these tests have.
const tasks = 20

// child runs a job on one worker whose first task does the deed, and says what came of it.
func child(l peers.Library, deed func()) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Printf("panicked: %v\n", p)
		}
		os.Exit(0)
	}()
	var ran atomic.Int64
	n := native(l, 1)
	err := run(context.Background(), n, tasks, func(i int) error {
		if fmt.Print("ran;"); ran.Add(1) == 1 {
			deed()
		}
		return nil
	})
	fmt.Printf("returned: %v\n", err)
}

func native(l peers.Library, workers int) *catalog.Native {
	ex, err := l.Native.New(context.Background(), catalog.Config{Workers: workers})
	if err != nil {
		panic(err)
	}
	return ex.(*catalog.Native)
}

// run runs a map or, where that is the idiom, a stream that delivers nothing.
func run(ctx context.Context, n *catalog.Native, tasks int, task func(i int) error) error {
	if n.Map != nil {
		return n.RunMap(ctx, strategies.Options{}, tasks, task)
	}
	return n.RunStream(ctx, strategies.Options{}, tasks, func(i int) func() {
		task(i)
		return func() {}
	})
}

// outcome starts a child and returns how it ended, and how many tasks it began.
func outcome(t *testing.T, l peers.Library, deed string) (words string, ran int) {
	c := exec.Command(os.Args[0], "-test.run=^TestChild$")
	c.Env = append(os.Environ(), childEnv+"="+l.Native.Name+" "+deed, "GORACE=atexit_sleep_ms=0")
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	ran = strings.Count(out.String(), "ran;")
	words = strings.ReplaceAll(out.String(), "ran;", "")
	if err != nil {
		words = "died: " + errs.String()
	}
	return words, ran
}
