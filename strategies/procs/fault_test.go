//go:build unix

package procs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// TestFaults runs a job with normal tasks, and several tasks with the same fault. Only the tasks
// with the fault must fail.
func TestFaults(t *testing.T) {
	lost := func(cause string) func(error) bool {
		return func(err error) bool {
			var e *strategies.LostError
			return errors.As(err, &e) && strings.Contains(e.Cause, cause)
		}
	}
	remote := func(typ, text string) func(error) bool {
		return func(err error) bool {
			var e *strategies.RemoteError
			return errors.As(err, &e) && e.Type == typ && strings.Contains(e.Message, text)
		}
	}
	codec := func(step, text string) func(error) bool {
		return func(err error) bool {
			var e *strategies.CodecError
			return errors.As(err, &e) && e.Step == step && strings.Contains(err.Error(), text)
		}
	}
	tests := []struct {
		fault string
		is    func(error) bool
	}{
		{"exit 0", lost("exit status 0")},
		{"exit 3", func(err error) bool {
			var e *strategies.LostError
			return lost("exit status 3")(err) && errors.As(err, &e) && e.Stderr == "last words" && e.ExitCode == 3 && e.Signal == 0
		}},
		{"kill", func(err error) bool {
			var e *strategies.LostError
			return lost("signal: killed")(err) && errors.As(err, &e) && e.ExitCode == -1 && e.Signal == int(syscall.SIGKILL)
		}},
		{"grandchild exit", lost("exit status 4")},
		{"stop", lost("stopped by a signal")},
		{"half a frame", lost("signal: killed")},
		{"most of a frame", lost("exit status 5")},
		{"garbage", lost("bad frame")},
		{"wrong number", lost("the frame does not have the outcome of the next task")},
		{"close", lost("")},
		{"crash", func(err error) bool {
			return lost("exit status 2")(err) && strings.Contains(err.Error(), "faultkernel_test.go")
		}},
		{"panic", func(err error) bool {
			var e *strategies.PanicError
			return errors.As(err, &e) && e.Value == "boom" && strings.Contains(string(e.Stack), "faultkernel_test.go")
		}},
		{"goexit", func(err error) bool { return errors.Is(err, strategies.ErrGoexit) }},
		{"error", remote("*procs.oddError", "odd")},
		{"declared error", func(err error) bool {
			return remote("*fmt.wrapError", "odd: declared")(err) && errors.Is(err, errDeclared) && !errors.Is(err, io.ErrNoProgress)
		}},
		{"bad error", remote("procs.badError", "its Error method panicked")},
		{"empty error", remote("*errors.errorString", "")},
		{"deadline", remote("context.deadlineExceededError", "deadline exceeded")},
		{"encode error", codec("encode output", "no encoding")},
		{"encode panic", func(err error) bool { return strings.Contains(err.Error(), "encoding panics") }},
		{"decode panic", codec("decode output", "decoding panics")},
	}
	x := newPool(t, 2)
	for _, test := range tests {
		for _, size := range []int{1, 7, 100} {
			t.Run(fmt.Sprintf("%s/chunk=%d", test.fault, size), func(t *testing.T) {
				in := make([]string, 100)
				for i := range in {
					in[i] = strconv.Itoa(i)
				}
				bad := []int{0, 31, 32, 99}
				if test.fault == "grandchild exit" {
					bad = bad[:1]
				}
				for _, i := range bad {
					in[i] = test.fault
				}
				out, err := fault.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(size)})
				var e *strategies.JobError
				if !errors.As(err, &e) {
					t.Fatalf("got error %v, want a JobError", err)
				}
				if e.Failed != len(bad) || e.Skipped > 0 {
					t.Errorf("got %d failed and %d skipped tasks, want %d and 0: %v", e.Failed, e.Skipped, len(bad), err)
				}
				for i, task := range slices.Collect(e.Failures()) {
					switch {
					case in[task.Task] != test.fault:
						t.Errorf("normal task %d failed: %v", task.Task, task)
					case !test.is(task.Err):
						t.Errorf("task %d failed with the wrong error, %#v: %v", task.Task, task.Err, task)
					case task.Worker == nil || task.Worker.PID == 0 || task.Worker.Name == "":
						t.Errorf("failure %d does not name the worker: %v", i, task)
					}
				}
				for i, v := range out {
					if in[i] != test.fault && v != in[i] {
						t.Errorf("got output %q of task %d, want %q", v, i, in[i])
					}
				}
			})
		}
	}
}

// TestParentCodecs checks that a pool continues to work after a codec has failed in this process.
func TestParentCodecs(t *testing.T) {
	x := newPool(t, 2)
	for _, what := range []string{"error", "panic", "goexit"} {
		misbehave := func(at, v uint64) error {
			switch {
			case v != at:
			case what == "error":
				return errors.New("an error")
			case what == "panic":
				panic("a panic")
			default:
				runtime.Goexit()
			}
			return nil
		}
		k := number
		k.In.Append = func(dst []byte, v uint64) ([]byte, error) {
			if err := misbehave(50, v); err != nil {
				return nil, err
			}
			return number.In.Append(dst, v)
		}
		k.Out.Decode = func(src []byte) (uint64, error) {
			v, err := number.Out.Decode(src)
			return v, errors.Join(err, misbehave(71, v))
		}
		in := make([]uint64, 100)
		for i := range in {
			in[i] = uint64(i)
		}
		_, err := k.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(3)})
		var e *strategies.JobError
		if !errors.As(err, &e) || e.Failed != 2 || slices.Collect(e.Failures())[0].Task != 50 || slices.Collect(e.Failures())[1].Task != 70 {
			t.Errorf("%s: got error %v, want failures of tasks 50 and 70", what, err)
		}
	}
}

func TestPrint(t *testing.T) {
	x := newPool(t, 2)
	out, err := fault.Map(t.Context(), x, []string{"print", "stdin", "print", "x"}, strategies.Options{})
	if err != nil || out[0] != "print" || out[1] != "eof" || out[3] != "x" {
		t.Error(out, err)
	}
}

func TestSizes(t *testing.T) {
	x := newPool(t, 2)
	var in [][]byte
	for _, n := range []int{0, 1, 15, 16, 4095, 32<<10 - 16, 32 << 10, 64<<10 - 16, 64<<10 - 15, 64 << 10, 256 << 10, 1<<20 + 1} {
		for range 20 {
			in = append(in, []byte(strings.Repeat(string(rune('a'+len(in)%26)), n)))
		}
	}
	for _, size := range []int{1, 5, len(in)} {
		out, err := echo.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(size)})
		if err != nil {
			t.Fatal(err)
		}
		for i := range in {
			if string(in[i]) != string(out[i]) {
				t.Errorf("output %d has %d bytes and differs from its input of %d bytes", i, len(out[i]), len(in[i]))
			}
		}
	}
}

func TestEnvironment(t *testing.T) {
	t.Setenv("SECRET", "1")
	x, err := New(t.Context(), Config{Workers: 1, Program: program(own), Process: Process{Env: []string{"GIVEN=2"}}})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	out, err := fault.Map(t.Context(), x, []string{"env"}, strategies.Options{})
	if err != nil || strings.Contains(out[0], "SECRET") || !strings.Contains(out[0], "GIVEN=2") || !strings.Contains(out[0], "GOMAXPROCS=1") {
		t.Error(out, err)
	}
}

func TestRefused(t *testing.T) {
	x := newPool(t, 1)
	in := []string{"x"}
	other := fault
	other.Name = "other"
	var kernel *KernelError
	for _, in := range [][]string{in, nil} {
		if _, err := other.Map(t.Context(), x, in, strategies.Options{}); !errors.As(err, &kernel) {
			t.Errorf("kernel that the workers do not serve, %d inputs: got error %v, want a KernelError", len(in), err)
		}
	}
	x.Close()
	if _, err := fault.Map(t.Context(), x, in, strategies.Options{}); !errors.Is(err, strategies.ErrClosed) {
		t.Errorf("after Close: got error %v, want ErrClosed", err)
	}
}

func TestWorkerPrograms(t *testing.T) {
	tests := []struct {
		worker []string
		want   string
	}{
		{[]string{"/nowhere/payoff-worker"}, "no such file"},
		{[]string{"/dev/null"}, "permission denied"},
		{[]string{"true"}, "exit status 0"},
		{[]string{"sh", "-c", "echo sorry >&2; exit 7"}, "exit status 7; last lines of standard error: sorry"},
		{[]string{own[0], "garbage"}, "bad frame"},
		{[]string{own[0], "hang"}, "no answer within 50ms"},
		{[]string{own[0], "forgot"}, "call one of them first in main"},
	}
	for _, test := range tests {
		c := config(2)
		c.Program = program(test.worker)
		if test.worker[len(test.worker)-1] == "hang" {
			c.StartTimeout = 50e6
		}
		_, err := New(context.Background(), c)
		var e *StartError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("worker program %q: got error %v, want a StartError with %q", test.worker, err, test.want)
		}
	}
	var option *strategies.OptionError
	if _, err := New(context.Background(), Config{}); !errors.As(err, &option) {
		t.Errorf("without a program: got error %v, want an OptionError", err)
	}
}

// TestDeathBetweenTasks checks workers that die between two tasks, or after they have read half a
// frame. At most the task that such a worker has started may be lost.
func TestDeathBetweenTasks(t *testing.T) {
	x := newPool(t, 2)
	in := numbered(2000)
	for i := 0; i < len(in); i += 200 {
		in[i] = "die later"
	}
	_, err := fault.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(10)})
	var e *strategies.JobError
	if errors.As(err, &e) && (e.Failed > len(in)/200 || e.Skipped > 0) {
		t.Errorf("got %d failed and %d skipped tasks, want at most %d and 0: %v", e.Failed, e.Skipped, len(in)/200, err)
	}
	big := make([]string, 20)
	for i := range big {
		big[i] = strings.Repeat("x", 1<<20)
	}
	big[0], big[9] = "kill", "exit 3"
	x = newPool(t, 2) // a worker of the first pool may be about to die
	_, err = fault.Map(t.Context(), x, big, strategies.Options{})
	if !errors.As(err, &e) || e.Failed != 2 || slices.Collect(e.Failures())[0].Task != 0 || slices.Collect(e.Failures())[1].Task != 9 {
		t.Errorf("large inputs: got error %v, want failures of tasks 0 and 9", err)
	}
}
