package report

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

var started = harness.Info{Machine: harness.Machine{CPU: "AMD EPYC", Cores: 2}, Started: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), Seed: 7}

// TestXargs executes the xargs command of the report, and checks that the program gets each input
// in the same way as from payoff.
func TestXargs(t *testing.T) {
	if out, err := exec.Command("xargs", "--version").Output(); err != nil || !bytes.Contains(out, []byte("GNU")) {
		t.Skip("needs GNU xargs")
	}
	dir := filepath.Join(t.TempDir(), "it's a folder")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	lines := []string{"a", "b  c", " d ", "it's", `"$HOME" \n`, "-n", "*", "{}", "é"}
	inputs := filepath.Join(dir, "in puts")
	if err := os.WriteFile(inputs, []byte(strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	shell, err := kernels.Shell(`printf '%s;%s;' {} "x{}"; cat; echo "$A"`)
	if err != nil {
		t.Fatal(err)
	}
	script := `for i; do printf '%s;' "$i"; done; cat; echo "$A"`
	for name, c := range map[string]struct {
		program []string
		rules   harness.Rules
		want    func(line string) string // what the program prints for a line
	}{
		"arguments":      {[]string{"/bin/sh", "-c", script, "sh", "{}", "-{}={}", "$x", "a b"}, harness.Rules{}, func(l string) string { return l + ";-" + l + "=" + l + ";$x;a b;\n" }},
		"shell":          {shell, harness.Rules{}, func(l string) string { return l + ";x" + l + ";\n" }},
		"variable":       {shell, harness.Rules{Env: []string{"A={} 'x'"}}, func(l string) string { return l + ";x" + l + ";{} 'x'\n" }},
		"standard input": {[]string{"/bin/sh", "-c", script, "sh", "y"}, harness.Rules{Stdin: true}, func(l string) string { return "y;" + l + "\n\n" }},
		"input and line": {[]string{"/bin/sh", "-c", script, "sh", "{}"}, harness.Rules{Stdin: true, Env: []string{"A=1"}}, func(l string) string { return l + ";" + l + "\n1\n" }},
	} {
		info, samples := analyzetest.Program(started, 16, 50, 8)
		info.Program, info.Inputs, info.Rules = c.program, inputs, c.rules
		line, open := xargs(analyze.New(info, samples, analyze.Settings{}))
		if !strings.Contains(line, " -P 2 ") || open != nil {
			t.Fatalf("%s: %q", name, line)
		}
		// One process at a time, so that outputs do not mix.
		out, err := exec.Command("/bin/sh", "-c", strings.Replace(line, " -P 2 ", " -P 1 ", 1)).CombinedOutput()
		want := ""
		for _, l := range lines {
			want += c.want(l)
		}
		if err != nil || string(out) != want {
			t.Errorf("%s: %s\nprinted %q, want %q, %v", name, line, out, want, err)
		}
		if out, err := exec.Command("/bin/sh", "-c", line).CombinedOutput(); err != nil || len(out) != len(want) {
			t.Errorf("%s: %s\nprinted %d bytes, want %d, %v", name, line, len(out), len(want), err)
		}
	}
}

// TestNoXargs checks that the report has an xargs command only if xargs can do what the answer
// says.
func TestNoXargs(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*harness.Info, []harness.Sample) []harness.Sample
		want   string // part of the command; "" for no command
	}{
		"winner":     {func(_ *harness.Info, all []harness.Sample) []harness.Sample { return all }, "-P 2 "},
		"few rounds": {func(_ *harness.Info, all []harness.Sample) []harness.Sample { return all[:5*5] }, ""},
		"busy": {func(_ *harness.Info, all []harness.Sample) []harness.Sample {
			for i := range all {
				all[i].Marks = []string{harness.MarkStarved}
			}
			return all
		}, ""},
		"open": {func(_ *harness.Info, all []harness.Sample) []harness.Sample {
			for i, s := range all {
				if s.Cell.Workers == 2 {
					all[i].Values[harness.UnitTask] *= 1 + 0.1*float64(s.Round%3)
				}
			}
			return all
		}, "-P 2 "},
		"open, and the loop may be faster": {func(_ *harness.Info, all []harness.Sample) []harness.Sample {
			for i, s := range all {
				if s.Cell.Workers > 1 {
					all[i].Values[harness.UnitTask] *= 1.5 + 0.4*float64(s.Round%3)
				}
			}
			return all
		}, ""},
		"doubtful": {func(i *harness.Info, all []harness.Sample) []harness.Sample { i.Foreign = "edited"; return all }, ""},
		"another strategy": {func(_ *harness.Info, all []harness.Sample) []harness.Sample {
			for i, s := range all {
				if s.Cell.Workers == 2 {
					all[i].Cell.Strategy = harness.Processes
				}
			}
			return all
		}, ""},
		"the loop": {func(_ *harness.Info, all []harness.Sample) []harness.Sample {
			for i, s := range all {
				if s.Cell.Strategy == harness.Direct {
					all[i].Values[harness.UnitTask] /= 9
				}
			}
			return all
		}, "-P 1 "},
		"exit status 255": {func(i *harness.Info, all []harness.Sample) []harness.Sample {
			i.Rules.Exit = []int{0, 255}
			return all
		}, ""},
		"no program": {func(i *harness.Info, all []harness.Sample) []harness.Sample { *i = i.Redacted(); return all }, ""},
	} {
		info, samples := analyzetest.Program(started, 16, 50, 8)
		samples = c.change(&info, samples)
		line, open := xargs(analyze.New(info, samples, analyze.Settings{}))
		if name == "open" != (open != nil) {
			t.Errorf("%s: open %q", name, open)
		}
		if !strings.Contains(line, c.want) || (line == "") != (c.want == "") {
			t.Errorf("%s: %q, want %q", name, line, c.want)
		}
	}
}

// TestInputsOfAProgram checks what the screen and the files say about the measured inputs.
func TestInputsOfAProgram(t *testing.T) {
	for _, c := range []struct {
		inputs, of int
		want       string
	}{{16, 50, "16 of 50 inputs (listed in the report); the program takes "}, {2, 50, "2 of 50 inputs (lines "}, {1, 50, "1 of 50 inputs (line "}, {3, 3, "3 of 3 inputs; the program takes 21 ms for a single input (10 to 31 ms)"}} {
		info, samples := analyzetest.Program(started, c.inputs, c.of, 7)
		a := analyze.New(info, samples, analyze.Settings{Command: "./my tool"})
		var screen bytes.Buffer
		if err := Screen(&screen, "my run", a); err != nil || !strings.Contains(screen.String(), c.want) {
			t.Errorf("%q is not in:\n%s%v", c.want, &screen, err)
		}
		dir := t.TempDir()
		charts, err := Write(dir, "my run", a)
		if err != nil || slices.Contains(charts, "inputs") != (c.inputs > 1) {
			t.Errorf("%d inputs: charts %v, %v", c.inputs, charts, err)
		}
		var all bytes.Buffer
		if err := Terminal(&all, a); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{PageFile, File, "report.json"} {
			text, err := os.ReadFile(filepath.Join(dir, file))
			if err != nil {
				t.Fatal(err)
			}
			for _, in := range a.Programs[0].Inputs {
				if file != File && !bytes.Contains(text, []byte(in.Text)) {
					t.Errorf("%s lacks %s", file, in.Text)
				}
				if file == PageFile && !strings.Contains(all.String(), in.Text) {
					t.Errorf("the terminal lacks %s", in.Text)
				}
			}
			if file == File && !bytes.Contains(text, []byte("xargs -a '/home/me/my files.txt'")) {
				t.Errorf("%s lacks the command for xargs:\n%s", file, text)
			}
		}
	}
}

// TestTimesOfInputs compares the times of inputs with values computed by hand. The run has seven
// rounds, and a starved launch, which the times exclude.
func TestTimesOfInputs(t *testing.T) {
	info, samples := analyzetest.Program(started, 16, 50, 7)
	p := analyze.New(info, samples, analyze.Settings{}).Programs[0]
	if len(p.Inputs) != 16 || p.Of != 50 || !slices.IsSortedFunc(p.Inputs, func(a, b analyze.Input) int { return a.Line - b.Line }) {
		t.Fatalf("%+v", p)
	}
	for _, in := range p.Inputs {
		near := func(got, want float64) bool { return got > 0.9999*want && got < 1.0001*want }
		if unit := float64(in.Line) * 1e7; in.N != 6 || !near(in.Min, 1.01*unit) || !near(in.Median, 1.035*unit) || !near(in.Max, 1.06*unit) {
			t.Errorf("%+v", in)
		}
	}
}

// TestRepeat checks that the command that repeats a run names the program and its rules, and that
// payoff splits the program in that command correctly.
func TestRepeat(t *testing.T) {
	program := []string{"/bin/sh", "-c", `echo "it's" 'a' | cat`, "sh", "{}", "", "a b", `\`, "$x"}
	info := started
	info.Program, info.Inputs = program, "my files"
	info.Rules = harness.Rules{Exit: []int{0, 3}, Timeout: time.Second, Env: []string{"A=b c"}, Stdin: true, NoDigest: true, Prepare: "echo 'p'", Cleanup: "c"}
	line := repeat(analyze.New(info, nil, analyze.Settings{Command: "/my bin/tool"}))
	rest, ok := strings.CutPrefix(line, "tool run ")
	if !ok {
		t.Fatalf("%s", line)
	}
	out, err := exec.Command("/bin/sh", "-c", `printf '%s\0' `+rest).Output()
	words := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	want := []string{"--inputs", "my files", "--stdin", "--env", "A=b c", "--exit-codes", "0,3", "--timeout", "1s", "--no-digest", "--prepare", "echo 'p'", "--cleanup", "c", "--seed", "7"}
	if err != nil || words[0] != "--command" || !slices.Equal(words[2:], want) {
		t.Fatalf("%s\n%q, %v", line, words, err)
	}
	if got, err := kernels.SplitCommand(words[1], true); err != nil || !slices.Equal(got, program) {
		t.Errorf("%s\n%q, %v", words[1], got, err)
	}
}
