package trial_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/ab"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/record"
)

// threshold is the share by which a median may grow. Many projects use such a rule in CI.
const threshold = 0.05

// abPackages lists packages of the standard library, each with a pattern that matches 25 to 60
// benchmarks. A budget of 45 s is enough for six rounds of these.
var abPackages = []struct{ path, pattern string }{
	{"encoding/json", "Code|Marshal|Unmarshal|Decoder|Issue|Encode|Number"},
	{"bytes", "^Benchmark(IndexByte|Count|CountEasy|Fields|TrimSpace)$"},
	{"unicode/utf8", "."},
}

// An abCase is a comparison of two programs, head and base, with a known difference. During the
// run, other work may use the machine.
type abCase struct {
	name    string
	suite   bool // the sides are two builds of payoff that launch a suite
	steps   int  // steps of head's benchmark, 1000 in base's; 0 for equal sides
	busy    bool // another process keeps a core busy
	budget  string
	correct func(worse float64) bool // reports whether this share of runs with exit status 1 is acceptable
}

func abCases() []abCase {
	few := func(worse float64) bool { return worse <= falsely }
	return []abCase{
		{"two copies of a test binary", false, 0, false, "45s", few},
		{"two copies of a test binary, a busy core", false, 0, true, "45s", few},
		{"two builds of payoff", true, 0, false, "30s", few},
		{"two builds of payoff, a busy core", true, 0, true, "30s", few},
		{"a benchmark 5 % slower", false, 1050, false, "60s", func(worse float64) bool { return worse >= 0.9 }},
		{"a benchmark 10 % slower", false, 1100, false, "60s", func(worse float64) bool { return worse == 1 }},
	}
}

// A score counts runs, and the runs in which head is found to be worse: by payoff ab, by payoff ab
// and over the threshold, by benchstat, and by a threshold on the medians.
type score struct{ runs, payoff, above, benchstat, medians int }

// programs makes runs of payoff ab, and prints how often head is found to be worse in the same
// samples: by payoff ab, by benchstat's test at p < 0.05, and by a threshold on the medians.
func programs() error {
	if err := os.MkdirAll(*out, 0o777); err != nil {
		return err
	}
	fmt.Printf("| head | runs | payoff ab | above %.0f %% | benchstat p < 0.05 | medians + %.0f %% |\n|---|---|---|---|---|---|\n", 100*threshold, 100*threshold)
	var wrong error
	for _, c := range abCases() {
		var s score
		for i := range *runs {
			if err := c.run(i, &s); err != nil {
				return err
			}
		}
		fmt.Printf("| %s | %d | %d | %d | %d | %d |\n", c.name, s.runs, s.payoff, s.above, s.benchstat, s.medians)
		if !c.correct(float64(s.payoff)/float64(s.runs)) || c.steps == 0 && s.above > 0 {
			wrong = errors.Join(wrong, fmt.Errorf("%s: %d of %d runs end with status 1, %d of them name a benchmark that is more than 5 %% slower", c.name, s.payoff, s.runs, s.above))
		}
	}
	return wrong
}

// run makes run i if its folder does not exist, and adds the run to the score.
func (c abCase) run(i int, s *score) error {
	dir := filepath.Join(*out, fmt.Sprintf("%s-%03d", strings.NewReplacer(" ", "-", ",", "", "%", "").Replace(c.name), i))
	if _, err := os.Stat(dir); err != nil {
		args, err := c.args(i)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if c.busy {
				loads()[0].run(ctx)
			}
		}()
		cmd := exec.Command(*program, append(args, "--budget", c.budget, "--out", dir, "--seed", fmt.Sprint(i+1), "--wait")...)
		text, err := cmd.CombinedOutput()
		cancel()
		<-ended
		if status := cmd.ProcessState.ExitCode(); status == 2 || status < 0 {
			return fmt.Errorf("%s: %w: %s", dir, err, text)
		}
	}
	var info ab.Info
	sides, err := record.ReadSides(dir, &info)
	if err != nil {
		return err
	}
	table, outcome := ab.Report(info, ab.Turns(sides.Samples), nil, false)
	s.runs++
	if outcome == ab.Worse {
		s.payoff++
	}
	above, medians := false, false
	for _, r := range table.Rows {
		above = above || r.Gate && r.Verdict == analyze.Worse && r.Ratio.Value > 1+threshold
		medians = medians || r.Unit == harness.UnitOp && r.New.Value > r.Old.Value*(1+threshold)
	}
	worse, err := benchstatWorse(dir)
	for _, of := range []struct {
		found bool
		n     *int
	}{{above, &s.above}, {medians, &s.medians}, {worse, &s.benchstat}} {
		if of.found {
			*of.n++
		}
	}
	return err
}

// benchstatWorse reports whether benchstat finds at p < 0.05 that a benchmark takes longer in head,
// for the run in dir.
func benchstatWorse(dir string) (bool, error) {
	text, err := exec.Command("go", "tool", "benchstat", "-format", "csv", "-filter", ".unit:ns/op",
		"base="+filepath.Join(dir, "base", record.SamplesFile), "head="+filepath.Join(dir, "head", record.SamplesFile)).Output()
	if err != nil {
		return false, fmt.Errorf("benchstat: %w", err)
	}
	r := csv.NewReader(strings.NewReader(string(text)))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	for _, row := range rows {
		for _, cell := range row {
			if len(row) > 5 && strings.HasPrefix(cell, "+") && strings.HasSuffix(cell, "%") && row[0] != "geomean" {
				return true, err
			}
		}
	}
	return false, err
}

// args returns the first arguments of payoff for run i. It builds the programs that are missing.
func (c abCase) args(i int) ([]string, error) {
	args := []string{"ab"}
	if c.suite {
		for _, side := range []string{"base", "head"} {
			dir := filepath.Join(*out, "payoff-"+side) // each side has a worker program of its own
			if err := built(dir, "", "build", "-buildvcs=false", "-o", dir+"/", "../payoff", "../payoff-worker"); err != nil {
				return nil, err
			}
			args = append(args, "--"+side, filepath.Join(dir, "payoff"))
		}
		return append(args, "--suite", "smoke"), nil
	}
	if c.steps > 0 {
		base, err := stepping(1000)
		head, headErr := stepping(c.steps)
		return append(args, "--base", base, "--head", head, "--bench", ".", "--dir", *out), errors.Join(err, headErr)
	}
	p := abPackages[i%len(abPackages)]
	for _, side := range []string{"base", "head"} {
		path := filepath.Join(*out, strings.ReplaceAll(p.path, "/", "-")+"."+side+".test")
		if err := built(path, "", "test", "-c", "-o", path, p.path); err != nil {
			return nil, err
		}
		args = append(args, "--"+side, path)
	}
	folder, err := exec.Command("go", "list", "-f", "{{.Dir}}", p.path).Output() // the benchmarks read files in the folder of their package
	return append(args, "--bench", p.pattern, "--dir", strings.TrimSpace(string(folder))), err
}

// stepping returns the path of a test binary with one benchmark. An operation of the benchmark makes
// 10 times the given number of steps.
func stepping(steps int) (path string, err error) {
	dir := filepath.Join(*out, fmt.Sprint("steps-", steps))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	source := fmt.Sprintf("package steps\n\nimport \"testing\"\n\nvar result uint64\n\nfunc BenchmarkSteps(b *testing.B) {\n\tfor b.Loop() {\n\t\tx := uint64(1)\n\t\tfor range 10 * %d {\n\t\t\tx = x*x + 1\n\t\t}\n\t\tresult = x\n\t}\n}\n", steps)
	err = errors.Join(os.WriteFile(filepath.Join(dir, "steps_test.go"), []byte(source), 0o666),
		os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module steps\n\ngo 1.26\n"), 0o666))
	path = dir + ".test"
	if err == nil {
		err = built(path, dir, "test", "-c", "-o", path, ".")
	}
	return path, err
}

// built runs the go command with args in the folder dir, to make the file path. If path exists,
// built does nothing. So both sides of a case are built from the same code, even if the code
// changes between the runs.
func built(path, dir string, args ...string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	c := exec.Command("go", args...)
	c.Dir = dir
	if text, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, text)
	}
	return nil
}
