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

// childEnv is an environment variable that makes TestChild run one job, which may end the process.
// Its value is the name of a library, a blank, and what the first task does.
const childEnv = "PAYOFF_PEERS_CHILD"

// Other tests run TestChild in a process of its own; in a normal test run it is skipped. The
// environment variable childEnv names a library and what the first task does. TestChild runs a job
// with this library and prints how the job ends.
func TestChild(t *testing.T) {
	name, deed, ok := strings.Cut(os.Getenv(childEnv), " ")
	if !ok {
		t.Skip("other tests run it in a process of its own")
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
			time.Sleep(time.Hour) // fake time: returns when all other goroutines of the bubble wait
			fmt.Println("hangs")
			os.Exit(0)
		})
	}
}

// tasks is the number of tasks of the jobs in these tests.
const tasks = 20

// child runs a job on one worker of library l, prints how the job ended, and ends the process. The
// first task calls the function deed.
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
	for panicking() { // a job may return while a task's panic still runs deferred calls
		runtime.Gosched()
	}
	fmt.Printf("returned: %v\n", err)
}

// panicking reports whether some goroutine is in a panic. Such a panic soon ends this process, or
// is recovered.
func panicking() bool {
	stacks := make([]byte, 1<<20)
	return bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("\npanic("))
}

func native(l peers.Library, workers int) *catalog.Native {
	ex, err := l.Native.New(context.Background(), catalog.Config{Workers: workers})
	if err != nil {
		panic(err)
	}
	return ex.(*catalog.Native)
}

// run runs the tasks on n as a map. If n runs only streams, run makes a stream of them, which
// delivers nothing.
func run(ctx context.Context, n *catalog.Native, tasks int, task func(i int) error) error {
	if n.Map != nil {
		return n.RunMap(ctx, strategies.Options{}, tasks, task)
	}
	return n.RunStream(ctx, strategies.Options{}, tasks, func(i int) func() {
		task(i)
		return func() {}
	})
}

// outcome runs TestChild in a child process, for library l and a first task that does deed. words
// says how the job ended, as the child printed it. ran is the number of tasks that began.
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
