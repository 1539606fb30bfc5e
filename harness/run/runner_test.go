package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// launchArg makes the test binary act as a launch. The name of the cell's strategy says how the
// launch behaves.
const launchArg = "be-a-launch"

const digest = 1<<63 + 12345 // a float64 cannot represent it exactly

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == launchArg {
		beLaunch()
		syscall.Exit(0) // os.Exit waits a second under the race detector
	}
	os.Exit(m.Run())
}

func beLaunch() {
	var s harness.Spec
	if err := json.NewDecoder(os.NewFile(3, "spec")).Decode(&s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	r := harness.Result{Tasks: s.Tasks, Digest: digest, Reps: 3, Values: map[string]float64{
		harness.UnitOp: 1e6, "numcpu": float64(runtime.NumCPU()), "gomaxprocs": float64(runtime.GOMAXPROCS(0)),
	}}
	if s.Tasks == 0 {
		r.Tasks = 64
	}
	switch s.Cell.Strategy {
	case "babble":
		fmt.Print(strings.Repeat("so much to say ", 10000))
	case "crash":
		fmt.Println(strings.Repeat("before ", 10000))
		fmt.Fprintln(os.Stderr, "the last words")
		syscall.Exit(3)
	case "wrong":
		r.Digest++
	case "stolen":
		r.Marks = []string{harness.MarkStarved}
	case "ahead": // the clock stepped ahead by an hour
		r.Busy = float64(time.Hour)
	case "robbed": // takes a core from the run, like a shrinking cpuset
		if err := keep(os.Getppid(), 1); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "mute":
		return
	case "apart": // tasks compute on other cores, and after their jobs
		r.Beyond, r.Working = 1.9, true
	case "late", "later": // the open loop lags in the first launches, or in all
		r.Values[harness.UnitVoidLoops] = 1
		if f, err := os.OpenFile(s.Worker[0], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666); err != nil {
			r.Lagged = err.Error()
		} else if n, _ := f.Seek(0, io.SeekEnd); n < punctually-1 || s.Cell.Strategy == "later" {
			r.Digest, r.Lagged = 0, "the generator lagged"
			f.Write([]byte{'.'})
		}
	case "flaky": // fails once, in the first launch
		if f, err := os.OpenFile(s.Worker[0], os.O_CREATE|os.O_EXCL, 0o666); err == nil && f.Close() == nil {
			syscall.Exit(3)
		}
	case "slow":
		time.Sleep(time.Hour)
	case "steered":
		r.Digest += uint64(len(os.Getenv("GOGC") + os.Getenv("GODEBUG") + os.Getenv("GOMEMLIMIT")))
	case "hang":
		// Start a child in its own process group, like a worker process. Both hold a pipe of the test,
		// so the test can observe their end.
		child := exec.Command("sleep", "1000")
		child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		watch, err := os.OpenFile(s.Worker[0], os.O_WRONLY, 0)
		if err == nil {
			child.ExtraFiles = []*os.File{watch}
			err = child.Start()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Fprintln(watch, "up")
		time.Sleep(time.Hour) // Go would report select {} as a deadlock
	}
	if s.Dir == "" || s.Cell.Cores == 0 {
		r.Tasks = -1
	}
	json.NewEncoder(os.NewFile(4, "result")).Encode(r)
}

// A sink keeps samples. If full is not 0, the sink fails after full samples.
type sink struct {
	jobs    []harness.Job
	samples []harness.Sample
	full    int
}

var errFull = errors.New("disk full")

func (s *sink) Sample(x harness.Sample) error {
	if s.full > 0 && len(s.samples) == s.full {
		return errFull
	}
	s.samples = append(s.samples, x)
	return nil
}

func (s *sink) Jobs(jobs []harness.Job) error { s.jobs = jobs; return nil }

func (s *sink) Mark(harness.Sample) error { return nil }

// plan returns a plan with one block for each element of sizes. The element is the number of cells
// in the block.
func plan(seed uint64, sizes ...int) harness.Plan {
	p := harness.Plan{Seed: seed}
	for i, n := range sizes {
		b := harness.Block{Task: harness.Task{Workload: "spin", Grain: i + 1}, Cores: 2}
		for j := range n {
			c := harness.Cell{Task: b.Task, Strategy: harness.Direct, Workers: 1, Cores: 2, Chunk: harness.FixedChunk(max(1, j)), Order: harness.MapOrder}
			if j > 0 {
				c.Strategy = "pool"
			}
			b.Cells = append(b.Cells, c)
		}
		p.Blocks = append(p.Blocks, b)
	}
	return p
}

// runner returns a runner and a plan of one block with direct and the named strategies.
func runner(t *testing.T, s *sink, names ...string) (*Runner, harness.Plan) {
	p := plan(1, len(names)+1)
	for i, name := range names {
		p.Blocks[0].Cells[i+1].Strategy = name
	}
	for i := range p.Blocks[0].Cells {
		p.Blocks[0].Cells[i].Cores = 1
	}
	p.Rounds = 3
	l := Launcher{Command: []string{os.Args[0], launchArg}, Dir: t.TempDir(), Timeout: time.Minute}
	return &Runner{Launcher: l, Sink: s}, p
}

func TestRun(t *testing.T) {
	s := &sink{}
	r, p := runner(t, s, "pool", "babble")
	var shown []Progress
	r.Progress = func(p Progress) { shown = append(shown, p) }
	tally, err := r.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if tally.Launches != 12 || tally.Rounds != 3 || tally.Void != 0 || len(s.samples) != 12 {
		t.Errorf("%+v, %d samples", tally, len(s.samples))
	}
	for _, x := range s.samples {
		if x.Values["gomaxprocs"] != 1 || x.Reps != 3 || x.At.IsZero() {
			t.Errorf("got sample %+v", x)
		}
		if Pinning() == nil && x.Values["numcpu"] != 1 && runtime.GOOS == "linux" {
			t.Errorf("on one core the launch saw %v", x.Values["numcpu"])
		}
	}
	if len(shown) != 13 || !shown[0].Probing || shown[12].Done != 11 || shown[12].Total != 12 || shown[12].Round != 2 {
		t.Errorf("progress: %+v", shown)
	}
	if left, err := os.ReadDir(r.Dir); err != nil || len(left) > 0 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}

func TestFailedLaunchesAreVoid(t *testing.T) {
	for name, want := range map[string]string{
		"wrong":   "their digest is 8000000000003039, that of the direct loop",
		"crash":   "exit status 3: ",
		"mute":    "but wrote no result",
		"unknown": "",
	} {
		s := &sink{}
		r, p := runner(t, s, name, "pool")
		_, err := r.Run(t.Context(), p)
		if want == "" {
			if err != nil {
				t.Error(err)
			}
			continue
		}
		want = strings.Replace(want, "8000000000003039", fmt.Sprintf("%016x", uint64(digest+1)), 1)
		var bad *LaunchError
		if !errors.As(err, &bad) || bad.Cell.Strategy != name || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), "dropped after 2 rounds because") != 1 || len(err.Error()) > 3*tailSize {
			t.Errorf("%s: got error %v", name, err)
		}
		if n := len(s.samples); n < 6 || n > 9 { // direct and pool in three rounds, and twins
			t.Errorf("%s: %d samples", name, n)
		}
	}
}

func TestRunWithoutDirect(t *testing.T) {
	s := &sink{}
	r, p := runner(t, s, "pool")
	p.Blocks[0].Cells[0].Strategy = "crash"
	tally, err := r.Run(t.Context(), p)
	if len(s.samples) != 0 || tally.Void != 1 || err == nil || !strings.Contains(err.Error(), "probe of workload=spin") || !strings.Contains(err.Error(), "the last words") {
		t.Errorf("got tally %+v, error %v", tally, err)
	}
}

func TestSinkErrorEndsTheRun(t *testing.T) {
	s := &sink{full: 2}
	r, p := runner(t, s, "pool")
	if tally, err := r.Run(t.Context(), p); !errors.Is(err, errFull) || tally.Launches != 2 {
		t.Errorf("got tally %+v, error %v", tally, err)
	}
}

func TestTimeoutAndInterrupt(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only the group of the launch is killed here")
	}
	for _, interrupt := range []bool{false, true} {
		fifo := t.TempDir() + "/watch"
		if err := exec.Command("mkfifo", fifo).Run(); err != nil {
			t.Skip(err)
		}
		s := &sink{}
		r, p := runner(t, s, "hang")
		r.Workers = map[string][]string{"spin": []string{fifo}}
		ctx, cancel := context.WithCancelCause(t.Context())
		enough := errors.New("enough")
		if !interrupt {
			r.Timeout = time.Second
		}
		gone := make(chan error)
		go func() {
			f, err := os.Open(fifo)
			if err == nil {
				defer f.Close()
				f.Read(make([]byte, 1)) // returns when the launch is running
				if interrupt {
					cancel(enough)
				}
				_, err = io.ReadAll(f) // returns when the launch and its child have ended
			}
			gone <- err
		}()
		_, err := r.Run(ctx, p)
		if e := <-gone; e != nil {
			t.Error(e)
		}
		if interrupt && !errors.Is(err, enough) || !interrupt && !strings.Contains(err.Error(), "longer than 1s") {
			t.Errorf("interrupt %t: %v", interrupt, err)
		}
		cancel(nil)
	}
}

func TestTooManyCores(t *testing.T) {
	r, p := runner(t, &sink{})
	p.Blocks[0].Cells[0].Cores = 4000
	var bad *harness.CoresError
	if _, err := r.Run(t.Context(), p); !errors.As(err, &bad) || bad.Want != 4000 {
		t.Error(err)
	}
}

func TestEnvironmentSteersNoLaunch(t *testing.T) {
	t.Setenv("GOGC", "50")
	t.Setenv("GODEBUG", "gctrace=0")
	t.Setenv("GOMEMLIMIT", "1GiB")
	r, p := runner(t, &sink{}, "steered")
	if _, err := r.Run(t.Context(), p); err != nil {
		t.Error(err)
	}
}

func TestSteppingClockVoidsItsLaunch(t *testing.T) {
	const took = time.Second
	for name, c := range map[string]struct {
		r    harness.Result
		want string // a part of the error; "" for none
	}{
		"a clock that does not step": {harness.Result{Busy: 9e8, Values: map[string]float64{harness.UnitOp: 1e6, harness.UnitStop: 0}}, ""},
		"back":                       {harness.Result{Values: map[string]float64{harness.UnitOp: -5}}, "ns/op is -5"},
		"no time at all per task":    {harness.Result{Values: map[string]float64{harness.UnitTask: math.NaN()}}, "ns/task is NaN"},
		"far ahead":                  {harness.Result{Busy: 2e9, Values: map[string]float64{harness.UnitOp: 2e9}}, "the jobs of the launch took 2s, but the whole launch took 1s"},
	} {
		if err := check(c.r, took); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}

	s := &sink{}
	r, p := runner(t, s, "ahead", "pool")
	_, err := r.Run(t.Context(), p)
	if err == nil || !strings.Contains(err.Error(), "was a clock set?") {
		t.Errorf("the run returned %v", err)
	}
	for _, x := range s.samples {
		if x.Cell.Strategy == "ahead" {
			t.Errorf("a sample of the launch with the stepping clock: %+v", x)
		}
	}
	if len(s.samples) == 0 {
		t.Error("the other strategies have no samples")
	}
}
