//go:build unix

package python

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// function names the function of the tests.
const function = "misdeeds:do"

// environment keeps interpreters from writing files into the source tree.
var environment = []string{"PYTHONDONTWRITEBYTECODE=1"}

func kernel() strategies.Kernel[string, string] {
	codec := strategies.Codec[string]{
		Append: func(dst []byte, json string) ([]byte, error) { return append(dst, json...), nil },
		Decode: func(src []byte) (string, error) { return string(src), nil },
	}
	return strategies.Kernel[string, string]{Name: function, In: codec, Out: codec, Func: func(context.Context, string) (string, error) {
		return "", errors.New("the kernel must run in a worker")
	}}
}

// newPool returns a pool of worker processes that apply the function do of testdata/misdeeds.py.
func newPool(t *testing.T, c procs.Config) *procs.Executor {
	t.Helper()
	command := real(t).Worker(function)
	c.Program = procs.Command(command[0], command[1:]...)
	c.Process.Dir, c.Process.Env = "testdata", environment
	x, err := procs.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

// failures runs a map with the inputs in, and returns the errors of the tasks that fail, by their
// numbers.
func failures(t *testing.T, x *procs.Executor, in []string, o strategies.Options) map[int]error {
	t.Helper()
	failed := map[int]error{}
	_, err := kernel().Map(t.Context(), x, in, o)
	if job, ok := errors.AsType[*strategies.JobError](err); ok {
		for f := range job.Failures() {
			failed[f.Task] = f
		}
	} else if err != nil {
		t.Fatal(err)
	}
	return failed
}

func TestWorkerRunsMaps(t *testing.T) {
	for _, tr := range []transport.Transport{transport.Pipe(), transport.SocketPair()} {
		x := newPool(t, procs.Config{Workers: 2, Transport: tr})
		for _, n := range []int{0, 1, 3, 5000} {
			for _, size := range []int{1, n + 1} {
				in := make([]string, n)
				for i := range in {
					in[i] = fmt.Sprintf(`["add",%d,1]`, i)
				}
				out, err := kernel().Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(size)})
				if err != nil {
					t.Fatalf("%s, %d tasks, chunk %d: %v", tr.Name, n, size, err)
				}
				for i, got := range out {
					if got != fmt.Sprint(i+1) {
						t.Fatalf("%s, %d tasks, chunk %d: output %d is %s", tr.Name, n, size, i, got)
					}
				}
			}
		}
	}
}

func TestWorkerRunsStreams(t *testing.T) {
	x := newPool(t, procs.Config{Workers: 2})
	for _, order := range []strategies.Order{strategies.InputOrder, strategies.CompletionOrder} {
		var in []string
		for i := range 3000 {
			in = append(in, fmt.Sprintf(`["add",%d,0]`, i))
		}
		sum, n := 0, 0
		for out, err := range kernel().Stream(t.Context(), x, slices.Values(in), strategies.Options{Order: order}) {
			i, failed := strconv.Atoi(out)
			if err != nil || failed != nil || order == strategies.InputOrder && i != n {
				t.Fatalf("output %q at place %d, error %v", out, n, err)
			}
			sum, n = sum+i, n+1
		}
		if n != 3000 || sum != 3000*2999/2 {
			t.Errorf("%d outputs whose sum is %d", n, sum)
		}
	}
}

// TestWorkerValues checks that values travel to a worker and back unchanged, also if an output is
// larger than the page.
func TestWorkerValues(t *testing.T) {
	x := newPool(t, procs.Config{Workers: 1})
	long := `"` + strings.Repeat("y", 1<<20) + `"`
	for _, json := range []string{`null`, `1.5`, `"\u00e9\u20ac\ud83d\ude00"`, `{"a": [1, 2], "b": null}`, `12345678901234567890123`, long} {
		out, err := kernel().Map(t.Context(), x, []string{`["echo",` + json + `]`}, strategies.Options{})
		if err != nil || out[0] != json {
			t.Errorf("%.40s: %.60v, %v", json, out, err)
		}
	}
	var tasks []string
	for i := range 300 {
		tasks = append(tasks, fmt.Sprintf(`["repeat",%d]`, i*700))
	}
	out, err := kernel().Map(t.Context(), x, tasks, strategies.Options{Chunk: chunk.Fixed(50)})
	for i, c := range out {
		if err != nil || len(c) != i*700+2 {
			t.Fatalf("output %d has %d bytes, error %v", i, len(c), err)
		}
	}
}

func TestWorkerReportsFailures(t *testing.T) {
	x := newPool(t, procs.Config{Workers: 2})
	tasks := []struct{ json, want string }{
		{`["echo",1]`, ""},
		{`["raise","no such thing"]`, "ValueError: no such thing (misdeeds.py:27, in do)"},
		{`["print",2]`, ""},
		{`["strange"]`, "Strange"},
		{`["leave",3]`, "panic: SystemExit: 3"},
		{`["bytes"]`, "encode output: TypeError: Object of type bytes is not JSON serializable"},
		{`["nan"]`, "encode output: ValueError: Out of range float"},
		{`["exit",7]`, "worker lost: exit status 7"},
		{`["kill"]`, "worker lost: signal: killed"},
		{`[`, "decode input: json.decoder.JSONDecodeError: Expecting value: line 1 column 2 (char 1)"},
		{`["echo",3]`, ""},
	}
	sizes := []int{3, 1, len(tasks)}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for _, size := range sizes {
		var in []string
		for _, task := range tasks {
			in = append(in, task.json)
		}
		failed := failures(t, x, in, strategies.Options{Chunk: chunk.Fixed(size)})
		for i, task := range tasks {
			err := failed[i]
			if task.want == "" && err != nil || task.want != "" && (err == nil || !strings.Contains(err.Error(), task.want)) {
				t.Errorf("chunk %d, task %s: error %v; %q was expected", size, task.json, err, task.want)
			}
		}
		remote, ok := errors.AsType[*strategies.RemoteError](failed[1])
		if !ok || remote.Type != "ValueError" || !strings.Contains(string(remote.Stack), "Traceback") {
			t.Errorf("chunk %d: error %+v; a ValueError with its traceback was expected", size, failed[1])
		}
	}
}

// TestWorkerIsEnded checks that a task over its limit ends, whether or not it obeys SIGTERM. It
// also checks that a cancelled job ends.
func TestWorkerIsEnded(t *testing.T) {
	x := newPool(t, procs.Config{Workers: 1, Grace: 100 * time.Millisecond})
	for _, json := range []string{`["sleep",1000]`, `["deaf"]`} {
		failed := failures(t, x, []string{json, `["echo",1]`}, strategies.Options{Limit: 50 * time.Millisecond})
		if _, ok := errors.AsType[*strategies.TimeoutError](failed[0]); !ok || failed[1] != nil {
			t.Errorf("%s: %v, then %v; only the first task is over its limit", json, failed[0], failed[1])
		}
	}
	stop := errors.New("the test stops")
	ctx, cancel := context.WithCancelCause(t.Context())
	hooks := &strategies.Hooks{Result: func(strategies.Event) { cancel(stop) }}
	if _, err := kernel().Map(ctx, x, []string{`["echo",1]`, `["sleep",1000]`}, strategies.Options{Hooks: hooks}); !errors.Is(err, stop) {
		t.Errorf("error %v; the cause of the context was expected", err)
	}
	if n := x.Account().Restarts; n.Limit != 2 {
		t.Errorf("restarts %+v; 2 for limits were expected", n)
	}
}

func TestWorkerIsReplaced(t *testing.T) {
	configs := []procs.Config{
		{Workers: 2, Recycle: procs.Recycle{Tasks: 2}},
		{Workers: 2, Start: procs.Task},
		{Workers: 2, Start: procs.Chunk},
		{Workers: 2, Start: procs.Standby},
	}
	if testing.Short() {
		configs = configs[:2]
	}
	for _, c := range configs {
		x := newPool(t, c)
		out, err := kernel().Map(t.Context(), x, slices.Repeat([]string{`["pid"]`}, 4), strategies.Options{Chunk: chunk.Fixed(2)})
		if err != nil {
			t.Errorf("start %v: %v", c.Start, err)
			continue
		}
		pids := map[string]bool{}
		for _, o := range out {
			pids[o] = true
		}
		least := map[procs.Start]int{procs.Exec: 2, procs.Standby: 1, procs.Task: 4, procs.Chunk: 2}[c.Start]
		if len(pids) < least {
			t.Errorf("start %v, recycle %v: %d processes ran 4 tasks; at least %d were expected", c.Start, c.Recycle, len(pids), least)
		}
	}
}

func TestWorkerFailsToStart(t *testing.T) {
	i := real(t)
	for name, want := range map[string]string{
		"none:do":       "No module named 'none'",
		"misdeeds:none": "has no attribute 'none'",
	} {
		command := i.Worker(name)
		_, err := procs.New(t.Context(), procs.Config{Workers: 1, Program: procs.Command(command[0], command[1:]...), Process: procs.Process{Dir: "testdata", Env: environment}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v; %q was expected", name, err, want)
		}
	}
	command := i.Worker(function)
	_, err := procs.New(t.Context(), procs.Config{Workers: 1, Program: procs.Command(command[0], command[1:]...), Process: procs.Process{Dir: "testdata", Env: environment}, Transport: transport.TCP(), StartTimeout: 5 * time.Second})
	if err == nil || !strings.Contains(err.Error(), "cannot use the transport tcp") {
		t.Errorf("error %v; a refused transport was expected", err)
	}
}

// TestWorkerWithLibatomic checks a worker that uses libatomic, as it does on processors other than
// x86-64.
func TestWorkerWithLibatomic(t *testing.T) {
	command := real(t).Worker(function)
	command[2] = strings.Replace(command[2], `("x86_64", "AMD64")`, "()", 1)
	x, err := procs.New(t.Context(), procs.Config{Workers: 1, Program: procs.Command(command[0], command[1:]...), Process: procs.Process{Dir: "testdata", Env: environment}})
	if err != nil && strings.Contains(err.Error(), "install libatomic1") {
		t.Skip("there is no libatomic")
	} else if err != nil {
		t.Fatal(err)
	}
	out, err := kernel().Map(t.Context(), x, slices.Repeat([]string{`["add",1,2]`}, 5000), strategies.Options{})
	if err != nil || out[4999] != "3" {
		t.Errorf("the last output is %q, error %v", out[4999], err)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
}

// TestWorkerSpeaksTheProtocol checks that payoff_worker.py has the same constants of the protocol
// as package wire.
func TestWorkerSpeaksTheProtocol(t *testing.T) {
	for _, want := range []string{
		fmt.Sprintf("PROTOCOL, TICKET_VERSION, MAGIC = %d, %d,", wire.Protocol, transport.Version),
		fmt.Sprintf("FD_PAGE, FD_ARENA, FD_CHANNEL = %d, %d, %d\n", wire.FDPage, wire.FDArena, wire.FDChannel),
		fmt.Sprintf("PAGE_HEAD, BUFFER = %d, %d << 10\n", wire.PageSize-wire.BufferSize, wire.BufferSize>>10),
	} {
		if !strings.Contains(worker, want) {
			t.Errorf("payoff_worker.py has no line with %q; it must follow package wire", want)
		}
	}
}
