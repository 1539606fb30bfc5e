package ab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/run"
)

// Tests is a [Subject] for the benchmarks in Go test binaries, which go test -c builds.
type Tests struct {
	Programs [harness.Sides]string // path of each side's test binary
	Dirs     [harness.Sides]string // working directory of each side, usually the folder of the package; "" for that of this process
	Procs    int                   // GOMAXPROCS of the benchmarks
	Timeout  time.Duration         // time limit of a launch; 0 for a limit that depends on the benchmark
}

// CopyTests copies the test binaries of base and head into three folders below dir, one for each
// [harness.Side]. So base has two copies. The comparison of these two shows the effect of where the
// system places a program in memory. The paths of the copies have equal lengths.
func CopyTests(dir, base, head string) (programs [harness.Sides]string, err error) {
	for side, from := range []string{base, base, head} {
		folder := filepath.Join(dir, string("abc"[side]))
		if err := CopyPrograms(folder, from); err != nil {
			return programs, err
		}
		programs[side] = filepath.Join(folder, filepath.Base(base))
		if err := os.Rename(filepath.Join(folder, filepath.Base(from)), programs[side]); err != nil {
			return programs, err
		}
	}
	return programs, nil
}

// CopyPrograms creates a folder and copies the given programs into it.
func CopyPrograms(folder string, programs ...string) error {
	if err := os.Mkdir(folder, 0o777); err != nil {
		return err
	}
	for _, from := range programs {
		if err := copyProgram(filepath.Join(folder, filepath.Base(from)), from); err != nil {
			return err
		}
	}
	return nil
}

// copyProgram copies the file source to the new file target, and makes target executable.
func copyProgram(target, source string) error {
	in, err := os.Open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o777)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// A Listing holds the names of the benchmarks in a test binary.
type Listing struct {
	Package string
	Benches []Bench  // benchmarks, with Reps 1 and the time of one operation as Cost
	Failed  []string // names of benchmarks that failed
}

// List returns the names of the benchmarks of one side that match the pattern of go test -bench. To
// find them, it runs each with one operation.
func (t *Tests) List(ctx context.Context, side harness.Side, pattern string) (l Listing, err error) {
	verbose := append(t.command(side, pattern, 1), "-test.v") // prints the name of each benchmark before it runs
	p := run.Process{Command: verbose, Dir: t.Dirs[side], Timeout: t.Timeout}
	ended, runErr := p.Run(ctx)
	if ctx.Err() != nil {
		return l, context.Cause(ctx)
	}
	out, err := record.ParseOutput(ended.Output)
	l.Package = out.Package
	for line := range strings.Lines(string(ended.Output)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "--- FAIL: Benchmark"); ok {
			l.Failed = append(l.Failed, strings.TrimSpace(name))
		}
	}
	if runErr != nil && (len(l.Failed) == 0 || panicLine.MatchString(runErr.Error())) { // a failed benchmark does not end the program
		return l, fmt.Errorf("cannot list the benchmarks of the test binary%s: %w", stoppedIn(ended.Output, runErr.Error()), runErr)
	}
	if err != nil {
		return l, err
	}
	if len(out.Bad) > 0 {
		return l, fmt.Errorf("a benchmark prints to standard output, which damages its result %q; remove the printing, or leave the benchmark out by --bench", out.Bad[0])
	}
	for _, r := range out.Results {
		if slices.ContainsFunc(l.Benches, func(b Bench) bool { return b.Name == r.Name }) {
			return l, fmt.Errorf("the test binary has two benchmarks with the name %s; rename one", r.Name)
		}
		l.Benches = append(l.Benches, Bench{Name: r.Name, Reps: 1, Cost: time.Duration(r.Values[harness.UnitOp])})
	}
	return l, nil
}

// A program that panics prints panicLine on standard error, then the stack of the goroutine that
// panicked. If this is the goroutine of a benchmark, the stack contains the benchmark's function.
var (
	panicLine  = regexp.MustCompile(`(panic|fatal error): `)
	benchFrame = regexp.MustCompile(`(?m)^\S+\.(Benchmark\w*)[.(]`)
)

// stoppedIn returns the words ", because of BenchmarkName" for the benchmark that ended the
// program. output is the standard output of the program, and err contains its standard error. The
// benchmark is found in one of two ways:
//
//   - If the stack of a panic in err contains a benchmark's function, it is the last benchmark of
//     this function in the output.
//   - Otherwise it is the last benchmark that printed its name, if this benchmark printed no result.
//
// If neither finds a benchmark, stoppedIn returns "".
func stoppedIn(output []byte, err string) string {
	function := ""
	if at := panicLine.FindStringIndex(err); at != nil {
		if frame := benchFrame.FindStringSubmatch(err[at[1]:]); frame != nil {
			function = frame[1]
		}
	}
	last := function
	for line := range strings.Lines(string(output)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		if function != "" { // a panic may let the program print a result before it ends
			if strings.HasPrefix(fields[0], function+"/") {
				last = fields[0]
			}
			continue
		}
		last = fields[0]
		if len(fields) > 1 { // a result has the number of operations
			if _, err := strconv.Atoi(fields[1]); err == nil {
				last = ""
			}
		}
	}
	if last == "" {
		return ""
	}
	return ", because of " + last
}

// command returns the command that runs the benchmarks of one side that match the pattern, each
// with reps operations.
func (t *Tests) command(side harness.Side, pattern string, reps int) []string {
	return []string{t.Programs[side], "-test.run=^$", "-test.bench=" + pattern, "-test.benchtime=" + strconv.Itoa(reps) + "x",
		"-test.count=1", "-test.benchmem", "-test.cpu=" + strconv.Itoa(t.Procs), "-test.paniconexit0"}
}

// pattern returns the -bench pattern that matches only the benchmark with the given name. The name
// ends with the number of cores, which a pattern must not contain.
func (t *Tests) pattern(name string) string {
	if t.Procs != 1 {
		name = strings.TrimSuffix(name, "-"+strconv.Itoa(t.Procs))
	}
	elements := strings.Split("Benchmark"+name, "/")
	for i, e := range elements {
		elements[i] = "^" + regexp.QuoteMeta(e) + "$"
	}
	return strings.Join(elements, "/")
}

// Launch implements [Subject]: it runs the benchmark b once, with the test binary of the given
// side.
func (t *Tests) Launch(ctx context.Context, side harness.Side, b Bench) (s harness.SideSample, err error) {
	p := run.Process{Command: t.command(side, t.pattern(b.Name), b.Reps), Dir: t.Dirs[side], Timeout: t.Timeout}
	if p.Timeout == 0 {
		p.Timeout = patience(b.Cost)
	}
	ended, err := p.Run(ctx)
	if err != nil {
		return s, err
	}
	out, err := record.ParseOutput(ended.Output)
	switch {
	case err != nil:
		return s, err
	case len(out.Bad) > 0:
		return s, fmt.Errorf("the benchmark prints to standard output, which damages its result %q; remove the printing", out.Bad[0])
	case len(out.Results) != 1 || out.Results[0].Name != b.Name:
		return s, fmt.Errorf("the benchmark printed %d results, want one result with its name; its output: %s", len(out.Results), excerpt(ended.Output))
	case out.Results[0].Reps != b.Reps:
		return s, fmt.Errorf("the benchmark ran %d operations, want %d", out.Results[0].Reps, b.Reps)
	}
	s = out.Results[0]
	s.At, s.Wall, s.CPU, s.Marks = ended.At, ended.Wall, ended.User+ended.System, ended.Marks
	return s, nil
}

// excerpt returns the beginning of a text in double quotes.
func excerpt(text []byte) string {
	const most = 200
	if len(text) > most {
		return strconv.Quote(string(text[:most])) + "…"
	}
	return strconv.Quote(string(text))
}

// The time limit of a launch is its usual time multiplied by slowest, but at least waitLeast.
const (
	slowest   = 50
	waitLeast = 30 * time.Second
)

// patience returns the time limit for a launch that usually takes the time cost.
func patience(cost time.Duration) time.Duration { return max(waitLeast, slowest*cost) }

// Limits of the time and the number of the operations in a launch.
const (
	leastTime = 10 * time.Millisecond
	mostTime  = 20 * time.Millisecond
	mostReps  = 1_000_000_000
)

// LaunchTime returns how long the operations of a launch should take. With this time, the budget
// holds enough rounds for verdicts on n benchmarks.
func LaunchTime(budget time.Duration, n int) time.Duration {
	const rounds = 3 * harness.FewestRounds
	return min(max(budget/time.Duration(rounds*harness.Sides*max(n, 1)), leastTime), mostTime)
}

// Calibrate returns the benchmark b with the fields Reps and Cost set, so that the operations of a
// launch of base take about the time goal. It launches base several times, with more operations each
// time.
func (t *Tests) Calibrate(ctx context.Context, b Bench, goal time.Duration) (Bench, error) {
	for {
		s, err := t.Launch(ctx, harness.Base, b)
		if err != nil {
			return b, err
		}
		b.Cost = s.Wall
		op := s.Values[harness.UnitOp]
		if op <= 0 { // the benchmark itself removed this unit from its result
			op = float64(s.Wall) / float64(b.Reps)
		}
		reps := grow(b.Reps, op, goal)
		if reps == b.Reps {
			return b, nil
		}
		b.Reps = reps
	}
}

// grow returns the number of operations for the next launch. The last launch had reps operations,
// each of which took op ns. If all of them together took about the time goal, grow returns reps.
func grow(reps int, op float64, goal time.Duration) int {
	if float64(reps)*op >= 0.7*float64(goal) || reps >= mostReps {
		return reps
	}
	want := float64(goal) / max(op, 1e-3)
	return int(max(min(want, 100*float64(reps), mostReps), float64(reps)+1))
}
