//go:build unix

package procs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

func every(do string, n int) []string {
	in := make([]string, n)
	for i := range in {
		in[i] = do
	}
	return in
}

// started returns the configuration of a pool with the given number of workers. The argument start
// is the name of their start method.
func started(start string, workers int) Config {
	c, err := config(workers).With(catalog.Setting{Start: start})
	if err != nil {
		panic(err)
	}
	return c
}

// needs skips the test if this system does not support the start method with the given name.
func needs(t *testing.T, start string) {
	if start == "helper" && runtime.GOOS != "linux" {
		t.Skip("there is no helper on this system")
	}
}

// TestStarts checks that every start method runs tasks in the right number of processes, and
// replaces workers that die.
func TestStarts(t *testing.T) {
	for _, s := range Starts() {
		start := s.Name
		t.Run(start, func(t *testing.T) {
			needs(t, start)
			x := newExecutor(t, started(start, 2))
			for _, size := range []int{1, 4, 30} {
				out, err := fault.Map(t.Context(), x, every("pid", 30), strategies.Options{Chunk: chunk.Fixed(size)})
				if err != nil {
					t.Fatal(err)
				}
				tasks := map[string]int{}
				for _, pid := range out {
					tasks[pid]++
				}
				want := 2 // largest number of processes
				switch start {
				case "task":
					want = 30
				case "chunk":
					want = (30 + size - 1) / size
				}
				onDemand := start == "task" || start == "chunk"
				if len(tasks) > want || onDemand && len(tasks) != want {
					t.Errorf("chunk %d: got %d processes, want %d", size, len(tasks), want)
				}
			}
			in := numbered(40)
			in[0], in[7], in[39] = "kill", "exit 3", "kill"
			_, err := fault.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(4)})
			var e *strategies.JobError
			if !errors.As(err, &e) || e.Failed != 3 {
				t.Errorf("job with tasks that kill their workers: got error %v", err)
			}
			out, err := fault.Map(t.Context(), x, numbered(10), strategies.Options{})
			if err != nil || strings.Join(out, "") != "0123456789" {
				t.Errorf("next job: got %q and error %v", out, err)
			}
			if err := x.Close(); err != nil {
				t.Error(err)
			}
			noChildren(t)
		})
	}
}

// TestCancelWhileStarting cancels a job while the process for it is starting. The job must end.
func TestCancelWhileStarting(t *testing.T) {
	for _, start := range []string{"task", "chunk"} {
		x := newExecutor(t, started(start, 2))
		for range 20 {
			ctx, cancel := context.WithCancel(t.Context())
			f := fault.Go(ctx, x, "1", strategies.Options{})
			cancel()
			f.Wait(context.Background())
		}
		if out, err := fault.Map(t.Context(), x, numbered(3), strategies.Options{}); err != nil {
			t.Error(start, out, err)
		}
	}
}

// TestDepth checks that pools can be nested only to a limited depth, and that the processes of all
// pools end.
func TestDepth(t *testing.T) {
	x := newPool(t, 1)
	out, err := fault.Map(t.Context(), x, []string{"nest"}, strategies.Options{})
	if err != nil || out[0] != strings.Repeat("pool in ", mostDepth-1)+(&DepthError{mostDepth}).Error() {
		t.Error(out, err)
	}
}

// TestPrograms checks that New refuses a configuration without a program. If the program is this
// one, New must refuse it if it does not serve kernels.
func TestPrograms(t *testing.T) {
	for _, c := range []Config{{}, {Program: Command("")}} {
		var option *strategies.OptionError
		if _, err := New(t.Context(), c); !errors.As(err, &option) || option.Option != "program" {
			t.Error(err)
		}
	}
	out, err := exec.Command(os.Args[0], "unserved").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "program = self: this program is not its own worker program") || !strings.Contains(string(out), "start method self: ") {
		t.Errorf("%v: %s", err, out)
	}
}

// unserved is the main function of a program that does not call worker.Main.
func unserved() error {
	_, err := New(context.Background(), Config{Program: Self()})
	_, refused := Config{}.With(catalog.Setting{Start: "self"})
	fmt.Println(err, refused)
	if err == nil || refused == nil {
		return errors.New("a worker was started")
	}
	return nil
}
