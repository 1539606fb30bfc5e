package harness

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary is the launch, too: with this argument it does what the strategy of its
// cell is called.
const launchArg = "be-a-launch"

const digest = 1<<63 + 12345 // more than a float64 holds

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == launchArg {
		beLaunch()
		syscall.Exit(0) // os.Exit waits a second under the race detector
	}
	os.Exit(m.Run())
}

func beLaunch() {
	var s Spec
	if err := json.NewDecoder(os.NewFile(3, "spec")).Decode(&s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	r := Result{Tasks: s.Tasks, Digest: digest, Reps: 3, Values: map[string]float64{
		UnitOp: 1e6, "numcpu": float64(runtime.NumCPU()), "gomaxprocs": float64(runtime.GOMAXPROCS(0)),
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
	case "mute":
		return
	case "flaky": // it fails in the first launch of all that see the file missing
		if f, err := os.OpenFile(s.Worker[0], os.O_CREATE|os.O_EXCL, 0o666); err == nil && f.Close() == nil {
			syscall.Exit(3)
		}
	case "slow":
		time.Sleep(time.Hour)
	case "steered":
		r.Digest += uint64(len(os.Getenv("GOGC") + os.Getenv("GODEBUG") + os.Getenv("GOMEMLIMIT")))
	case "hang":
		// With a child in a group of its own, as worker processes are. Both hold a pipe of
		// the test, who so sees them end.
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
		time.Sleep(time.Hour) // not select {}, which Go would call a deadlock
	}
	if s.Dir == "" || s.Cell.Cores == 0 {
		r.Tasks = -1
	}
	json.NewEncoder(os.NewFile(4, "result")).Encode(r)
}

// sink keeps samples; it fails when it has so many, if that is not 0.
type sink struct {
	samples []Sample
	full    int
	on      func()
}

var errFull = errors.New("disk full")

func (s *sink) Sample(x Sample) error {
	if s.full > 0 && len(s.samples) == s.full {
		return errFull
	}
	s.samples = append(s.samples, x)
	if s.on != nil {
		s.on()
	}
	return nil
}

// runner returns a runner and a plan of one block with direct and these strategies.
func runner(t *testing.T, s *sink, names ...string) (*Runner, Plan) {
	p := plan(1, len(names)+1)
	for i, name := range names {
		p.Blocks[0].Cells[i+1].Strategy = name
	}
	for i := range p.Blocks[0].Cells {
		p.Blocks[0].Cells[i].Cores = 1
	}
	p.Rounds = 3
	return &Runner{Command: []string{os.Args[0], launchArg}, Dir: t.TempDir(), Sink: s, Timeout: time.Minute}, p
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
			t.Errorf("%+v", x)
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
		"wrong":   "digest 8000000000003039, the direct loop's is",
		"crash":   "exit status 3: ",
		"mute":    "result: ",
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
			t.Errorf("%s: %v", name, err)
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
		t.Errorf("%+v, %v", tally, err)
	}
}

func TestSinkErrorEndsTheRun(t *testing.T) {
	s := &sink{full: 2}
	r, p := runner(t, s, "pool")
	if tally, err := r.Run(t.Context(), p); !errors.Is(err, errFull) || tally.Launches != 2 {
		t.Errorf("%+v, %v", tally, err)
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
		r.Worker = []string{fifo}
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
				f.Read(make([]byte, 1)) // the launch is up
				if interrupt {
					cancel(enough)
				}
				_, err = io.ReadAll(f) // until the launch and its child are gone
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

func TestBudget(t *testing.T) {
	s := &sink{}
	r, p := runner(t, s, "pool")
	p.Rounds, r.Budget = 0, 300*time.Millisecond
	if tally, err := r.Run(t.Context(), p); err != nil || tally.Rounds == 0 {
		t.Errorf("%+v, %v", tally, err)
	}
	p.Rounds, r.Budget = 1, time.Hour
	if tally, err := r.Run(t.Context(), p); err != nil || tally.Rounds != 1 {
		t.Errorf("rounds within a budget: %+v, %v", tally, err)
	}
	r.Budget = 1
	if _, err := r.Run(t.Context(), p); err == nil || !strings.Contains(err.Error(), "more than the budget of 1ns") {
		t.Error(err)
	}
	r.Budget = time.Second
	p.Blocks[0].MinTime = time.Hour
	if _, err := r.Run(t.Context(), p); err == nil || !strings.Contains(err.Error(), "the budget of 1s ends before the first block, which takes about 3h") {
		t.Error(err)
	}
	p.Rounds, r.Budget = 0, 0
	if _, err := r.Run(t.Context(), p); err == nil {
		t.Error("a run without an end began")
	}
}

func TestTooManyCores(t *testing.T) {
	r, p := runner(t, &sink{})
	p.Blocks[0].Cells[0].Cores = 4000
	var bad *CoresError
	if _, err := r.Run(t.Context(), p); !errors.As(err, &bad) || bad.Want != 4000 {
		t.Error(err)
	}
}

func TestOneFailureLosesOneSample(t *testing.T) {
	for _, at := range []int{0, 1} { // the direct loop fails in its probe, which is repeated
		s := &sink{}
		r, p := runner(t, s, "pool", "babble")
		r.Worker = []string{t.TempDir() + "/failed"}
		p.Blocks[0].Cells[at].Strategy = "flaky"
		tally, err := r.Run(t.Context(), p)
		if at == 0 && (err != nil || tally.Void != 0 || len(s.samples) != 12) {
			t.Errorf("%+v, %v", tally, err)
		}
		var bad *LaunchError
		if at == 1 && (!errors.As(err, &bad) || bad.Dropped != 0 || tally.Void != 1 || len(s.samples) != 11) {
			t.Errorf("%+v, %v", tally, err)
		}
		if len(tally.Unmeasured) > 0 || len(tally.Notes) > 0 {
			t.Errorf("%+v", tally)
		}
	}
}

func TestFailuresInARowDropACell(t *testing.T) {
	c := Cell{Strategy: "pool"}
	r := &run{strikes: map[Cell]strike{}, dead: map[Cell]bool{}}
	r.fail(c, 0, errFull)
	if r.fail(c, 0, errFull); r.dead[c] {
		t.Error("dropped in its first round")
	}
	if r.fail(c, 1, errFull); !r.dead[c] || r.tally.Void != 3 {
		t.Errorf("%+v", r)
	}
	if said := r.failures[2].Error(); !strings.Contains(said, "dropped after 2 rounds because") {
		t.Error(said)
	}
}

func TestTurnEndsWithItsDirectLoop(t *testing.T) {
	s := &sink{}
	r, p := runner(t, s, "pool")
	p.Blocks[0].Cells[0].Strategy = "wrong"
	state := &run{Runner: r, plan: p, pace: newPace(), strikes: map[Cell]strike{}, dead: map[Cell]bool{}, samples: map[Cell]int{}, controls: controls{},
		jobs: map[Task]Result{p.Blocks[0].Task: {Tasks: 64, Digest: digest}}}
	cells := p.Blocks[0].Cells
	if err := state.turn(t.Context(), 0, []Launch{{cells[0], false}, {cells[1], false}}, 0); err != nil || len(s.samples) != 0 {
		t.Errorf("%d samples, %v", len(s.samples), err)
	}
}

func TestErrorsBeginWithTheirCause(t *testing.T) {
	r, p := runner(t, &sink{}, "crash")
	_, err := r.Run(t.Context(), p)
	if cause, effect := strings.Index(err.Error(), "exit status 3"), strings.Index(err.Error(), "no cell is left"); cause < 0 || effect < cause {
		t.Error(err)
	}
}

func TestBudgetBindsLaunches(t *testing.T) {
	for at, want := range []string{"ends before the sizes of all jobs are known", ""} {
		r, p := runner(t, &sink{}, "pool")
		p.Blocks[0].Cells[at].Strategy, r.Budget = "slow", 300*time.Millisecond
		tally, err := r.Run(t.Context(), p)
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Error(err)
		}
		if !slices.Contains(tally.Unmeasured, p.Blocks[0].Cells[at]) || len(tally.Notes) == 0 || tally.Void != 0 {
			t.Errorf("%+v, %v", tally, err)
		}
	}
	r, p := runner(t, &sink{}, "pool")
	r.Budget = 5 * time.Second
	for grain, want := range map[int]string{
		10e9: "one task of workload=spin/grain=10000000000/payload=0 takes about 10s, more than the budget of 5s",
		2e9:  "takes about 2s and a launch runs at least 5, which is more than the budget of 5s",
	} {
		p.Blocks[0].Task.Grain = grain
		if _, err := r.Run(t.Context(), p); err == nil || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
	}
}

func TestNotesOfARunCutShort(t *testing.T) {
	p := plan(1, 6, 6)
	p.Rounds = 6
	r := &run{Runner: &Runner{Budget: time.Minute}, plan: p, samples: map[Cell]int{p.Blocks[0].Cells[0]: 1}}
	r.end(1)
	r.sumUp()
	if n := r.tally.Notes; len(r.tally.Unmeasured) != 11 || len(n) != 2 || n[0] != "the budget of 1m0s ended the run in round 2 of 6, after 0 launches" ||
		!strings.HasPrefix(n[1], "11 of 12 cells have no sample: workload=spin/") || !strings.HasSuffix(n[1], "; and 5 more") {
		t.Errorf("%q", n)
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

func TestControls(t *testing.T) {
	c := controls{}
	for i, v := range []float64{100, 500, 90, 110, 100} {
		if c.standsOut(1, v) {
			t.Errorf("number %d stands out of too few", i)
		}
	}
	if c.standsOut(1, 119) || c.standsOut(2, 500) || !c.standsOut(1, 130) {
		t.Error(c)
	}
}
