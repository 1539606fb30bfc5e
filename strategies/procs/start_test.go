package procs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
)

func every(do string, n int) []string {
	in := make([]string, n)
	for i := range in {
		in[i] = do
	}
	return in
}

// started is the configuration of each way to start workers.
func started(s Start, workers int) Config {
	c := config(workers)
	c.Start = s
	if s == Self {
		c.Worker, c.Entry = nil, entry
	}
	return c
}

// needs skips where there is no such start.
func needs(t *testing.T, s Start) {
	if s == Helper && runtime.GOOS != "linux" {
		t.Skip("there is no helper on this system")
	}
}

// Every start runs tasks, in as many processes as it says, and heals.
func TestStarts(t *testing.T) {
	for _, start := range Starts() {
		t.Run(start.String(), func(t *testing.T) {
			needs(t, start)
			x := newExecutor(t, started(start, 2))
			for _, chunk := range []int{1, 4, 30} {
				out, err := strategies.Map(t.Context(), x, fault, every("pid", 30), strategies.Options{Chunk: strategies.Fixed(chunk)})
				if err != nil {
					t.Fatal(err)
				}
				tasks := map[string]int{}
				for _, pid := range out {
					tasks[pid]++
				}
				want := 2 // processes at most
				switch start {
				case Task:
					want = 30
				case Chunk:
					want = (30 + chunk - 1) / chunk
				}
				if len(tasks) > want || start.onDemand() && len(tasks) != want {
					t.Errorf("chunk %d: %d processes, want %d", chunk, len(tasks), want)
				}
			}
			in := numbered(40)
			in[0], in[7], in[39] = "kill", "exit 3", "kill"
			_, err := strategies.Map(t.Context(), x, fault, in, strategies.Options{Chunk: strategies.Fixed(4)})
			var e *strategies.JobError
			if !errors.As(err, &e) || len(e.Tasks) != 3 {
				t.Errorf("among deaths: %v", err)
			}
			out, err := strategies.Map(t.Context(), x, fault, numbered(10), strategies.Options{})
			if err != nil || strings.Join(out, "") != "0123456789" {
				t.Errorf("afterwards: %v %v", out, err)
			}
			if err := x.Close(); err != nil {
				t.Error(err)
			}
			noChildren(t)
		})
	}
	for _, s := range Starts() {
		if again, err := ParseStart(s.String()); err != nil || again != s {
			t.Error(s, again, err)
		}
	}
	if _, err := ParseStart("fork"); err == nil {
		t.Error("fork was accepted")
	}
}

// Jobs that are cancelled while their process is being started are over.
func TestCancelWhileStarting(t *testing.T) {
	for _, start := range []Start{Task, Chunk} {
		x := newExecutor(t, started(start, 2))
		for range 20 {
			ctx, cancel := context.WithCancel(t.Context())
			f := strategies.Go(ctx, x, fault, "1")
			cancel()
			f.Wait(context.Background())
		}
		if out, err := strategies.Map(t.Context(), x, fault, numbered(3), strategies.Options{}); err != nil {
			t.Error(start, out, err)
		}
	}
}

// An initialiser that fails fails New at once, with what happened.
func TestInitFails(t *testing.T) {
	for do, want := range map[string]string{
		"error": "odd", "panic": "boom", "goexit": "Goexit", "exit": "exit status 3; its last words: last words",
		"hang": "no end within 50ms", "garbage": "bad frame",
	} {
		c := config(2)
		c.Init = Prepare(prepare, do)
		if do == "hang" {
			c.Init.Limit = 50 * time.Millisecond
		}
		_, err := New(t.Context(), c)
		var e *StartError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || e.Worker == nil || e.Worker.PID == 0 {
			t.Errorf("%s: %v", do, err)
		}
	}
	c := config(1)
	c.Init = Init{Kernel: "other"}
	var e *InitError
	if _, err := New(t.Context(), c); !errors.As(err, &e) || !strings.Contains(err.Error(), "no such kernel") {
		t.Error("unknown kernel:", err)
	}
	for _, misbehave := range []func(){func() {}, func() { panic("a panic") }} {
		bad := prepare
		bad.In.Append = func([]byte, string) ([]byte, error) { misbehave(); return nil, errors.New("no encoding") }
		c.Init = Prepare(bad, "")
		var codec *strategies.CodecError
		if _, err := New(t.Context(), c); !errors.As(err, &codec) {
			t.Error("argument that cannot be encoded:", err)
		}
	}
}

// An initialiser that fails later fails what is queued, with the cause, and not for ever:
// who asks again is served once it is possible again.
func TestInitFailsLater(t *testing.T) {
	path := filepath.Join(t.TempDir(), "once")
	c := config(1)
	c.Init = Prepare(prepare, "once "+path)
	x := newExecutor(t, c)
	for range 2 {
		_, err := strategies.Map(t.Context(), x, fault, []string{"kill", "1", "2"}, strategies.Options{})
		var e *InitError
		var job *strategies.JobError
		if !errors.As(err, &e) || !strings.Contains(e.Error(), "not twice") || !errors.As(err, &job) || job.Task(2) == nil {
			t.Error(err)
		}
	}
	if n := x.Restarts().Failed; n > 2*mostFailures {
		t.Errorf("%d starts failed", n)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if out, err := strategies.Map(t.Context(), x, fault, []string{"1"}, strategies.Options{}); err != nil || out[0] != "1" {
		t.Error("when it works again:", err)
	}
}

// A worker that is recycled is counted as that and as nothing else.
func TestRecycleTasks(t *testing.T) {
	c := started(Standby, 2)
	c.Recycle.Tasks = 3
	x := newExecutor(t, c)
	if _, err := strategies.Map(t.Context(), x, fault, numbered(60), strategies.Options{Chunk: strategies.Fixed(4)}); err != nil {
		t.Error(err)
	}
	if r := x.Restarts(); r.Tasks < 18 || r.Lost+r.Failed > 0 {
		t.Errorf("%+v", r)
	}
}

func TestRecycleAgeAndMemory(t *testing.T) {
	c := config(2)
	c.Recycle.Age = 5 * time.Millisecond
	x := newExecutor(t, c)
	for x.Restarts().Age < 4 {
		if _, err := strategies.Map(t.Context(), x, number, make([]uint64, 20_000), strategies.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	c = config(1)
	c.Recycle.Memory = 100 << 20
	x = newExecutor(t, c)
	for x.Restarts().Memory == 0 {
		if _, err := strategies.Map(t.Context(), x, fault, every("leak", 10), strategies.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	if r := x.Restarts(); r.Lost+r.Failed > 0 {
		t.Errorf("%+v", r)
	}
}

// starved is what a worker says that gets no more memory: for its heap, for a thread, or,
// in words of the runtime's collector, for the collector.
var starved = regexp.MustCompile("memory|pthread_create|SIGSEGV")

func TestProcess(t *testing.T) {
	c := config(1)
	c.Process.Nice, c.Process.CPUs, c.Process.Procs = 5, []int{0}, 3
	x := newExecutor(t, c)
	out, err := strategies.Map(t.Context(), x, fault, []string{"nice"}, strategies.Options{})
	here, _ := unix.Getpriority(unix.PRIO_PROCESS, 0) // 20 minus the nice value
	if err != nil || out[0] != fmt.Sprintf("nice %d, CPUs 0, GOMAXPROCS 3", min(20-here+5, 19)) {
		t.Error(out, err)
	}
	if !raceEnabled { // the detector itself needs more
		c = config(1)
		c.Process.Memory = 64 << 20
		x = newExecutor(t, c)
		_, err = strategies.Map(t.Context(), x, fault, append(every("leak", 60), "1"), strategies.Options{})
		var e *strategies.JobError
		var lost *strategies.LostError
		if !errors.As(err, &e) || !errors.As(err, &lost) || !starved.MatchString(lost.Stderr) || e.Tasks[0].Worker.PID == 0 {
			t.Error(err)
		}
	}
	for _, p := range []Process{{Nice: 20}, {Nice: -1}, {Memory: 1}, {CPUs: []int{-1}}, {Procs: -1}} {
		c := config(1)
		c.Process = p
		var option *strategies.OptionError
		if _, err := New(t.Context(), c); !errors.As(err, &option) {
			t.Errorf("%+v: %v", p, err)
		}
	}
	for _, bad := range []struct {
		given  Process
		option string
		cause  error
	}{
		{Process{CPUs: []int{mostCPUs - 1}}, "cpus", unix.EINVAL},
		{Process{Dir: "/nowhere"}, "dir", unix.ENOENT},
		{Process{Dir: os.Args[0]}, "dir", unix.ENOTDIR},
	} {
		c = config(1)
		c.Process = bad.given
		var start *StartError
		var given *ProcessError
		_, err := New(t.Context(), c)
		if !errors.As(err, &start) || !errors.As(err, &given) || given.Option != bad.option || !errors.Is(err, bad.cause) || strings.Contains(err.Error(), "go build") {
			t.Errorf("%+v: %v", bad.given, err)
		}
	}
}

// Pools inside of pools end somewhere, and with them all processes.
func TestDepth(t *testing.T) {
	x := newPool(t, 1)
	out, err := strategies.Map(t.Context(), x, fault, []string{"nest"}, strategies.Options{})
	if err != nil || out[0] != strings.Repeat("pool in ", mostDepth-1)+(&DepthError{mostDepth}).Error() {
		t.Error(out, err)
	}
}

func TestSelfNeedsItsEntry(t *testing.T) {
	var option *strategies.OptionError
	if _, err := New(t.Context(), Config{Start: Self}); !errors.As(err, &option) || option.Option != "entry" {
		t.Error(err)
	}
}

// Without room for descriptors New and queued tasks fail at once, with the cause.
func TestTooManyDescriptors(t *testing.T) {
	x := newPool(t, 2)
	limit := func(n uint64) (restore func()) {
		var was unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &was); err != nil {
			t.Fatal(err)
		}
		now := was
		now.Cur = n
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &now); err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &was); err != nil {
				t.Error(err)
			}
		}
	}
	next, err := unix.Dup(0) // the lowest number that is free
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(next)
	restore := limit(uint64(next) + 20)
	_, err = New(t.Context(), config(50))
	restore()
	var start *StartError
	if !errors.As(err, &start) || !errors.Is(err, unix.EMFILE) || !strings.Contains(err.Error(), "ulimit") {
		t.Error("New:", err)
	}
	restore = limit(uint64(next))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			_, err := strategies.Map(context.Background(), x, fault, []string{"kill", "kill", "1", "2"}, strategies.Options{})
			if err == nil {
				t.Error("no error")
			}
		})
	}
	wg.Wait()
	restore()
	if out, err := strategies.Map(t.Context(), x, fault, numbered(3), strategies.Options{}); err != nil {
		t.Error("with room again:", out, err)
	}
}

// 200 workers are as good as two.
func TestManyWorkers(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("starts 200 processes")
	}
	x := newPool(t, 200)
	in := make([]uint64, 100_000)
	for i := range in {
		in[i] = uint64(i)
	}
	out, err := strategies.Map(t.Context(), x, number, in, strategies.Options{})
	if err != nil || out[99_999] != 100_000 {
		t.Error(err)
	}
	if n := len(x.PIDs()); n != 200 {
		t.Error(strconv.Itoa(n), "workers")
	}
}
