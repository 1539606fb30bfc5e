package report_test

import (
	"bytes"
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
	"github.com/payoff-bench/payoff/harness/report"
)

var info = harness.Info{
	Machine: harness.Machine{Host: "host", CPU: "AMD EPYC 7B13", Cores: 2, GOOS: "linux", GOARCH: "amd64", Kernel: "6.1", Memory: 8 << 30},
	Suites:  []string{"quick"}, Go: "go1.26.0", Seed: 42, Rounds: 6, Version: "v0.1.0",
	Started: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), Finished: time.Date(2026, 11, 21, 0, 2, 30, 0, time.UTC),
	Notes: []string{"this machine does not permit affinity: cores are those of GOMAXPROCS"},
}

var keep = flag.String("keep", "", "write the reports into this `folder` for inspection")

func analysis(info harness.Info, samples []harness.Sample) *analyze.Analysis {
	return analyze.New(info, samples, analyze.Settings{Waits: func(w string) bool { return w == "sleep" }})
}

func everything() []harness.Sample {
	r := analyzetest.Quick
	r.Noise = 0.01
	all := r.Samples()
	r.Workload, r.Grains, r.Orders = "sleep", []int{100_000, 1_000_000}, []string{harness.MapOrder, harness.CompletionOrder}
	all = append(all, r.Samples()...)
	r.Workload, r.Grains, r.Orders = "files", []int{0}, []string{harness.MapOrder}
	return append(all, files(r)...)
}

// files returns samples of tasks that have a payload of 4 KiB and a work of 30 µs, but no grain.
func files(r analyzetest.Run) []harness.Sample {
	r.Grains = []int{30_000}
	out := r.Samples()
	for i := range out {
		out[i].Cell.Grain, out[i].Cell.Payload = 0, 4096
	}
	return out
}

// write writes the report of samples, and returns its folder, the text of report.html, and the text
// for the terminal.
func write(t *testing.T, samples []harness.Sample) (dir, web, terminal string) {
	t.Helper()
	dir = *keep
	if dir == "" {
		dir = t.TempDir()
	}
	if _, err := report.Write(dir, dir, analysis(info, samples)); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, report.PageFile))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := report.Terminal(&out, analysis(info, samples)); err != nil {
		t.Fatal(err)
	}
	if *keep != "" {
		if err := os.WriteFile(filepath.Join(dir, "terminal.txt"), out.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir, flat(string(b)), out.String()
}

// flat returns the text of a page, with its tables in the form of Markdown.
func flat(page string) string {
	_, page, _ = strings.Cut(page, "<body>")
	page, _, _ = strings.Cut(page, "<script")
	page = regexp.MustCompile(`(?s)<svg.*?</svg>`).ReplaceAllString(page, "")
	page = strings.NewReplacer("<tr>", "| ", "</td>", " | ", "</th>", " | ", "<li>", "- ", "</li>", "\n", "</tr>", "\n").Replace(page)
	page = html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, ""))
	return strings.ReplaceAll(page, " | \n", " |\n")
}

func TestReport(t *testing.T) {
	dir, md, text := write(t, everything())
	for _, want := range []string{
		`procs \(chunk 1\) beats direct from (3\.9|4\.0|4\.1) µs per task on 2 cores \(spin: interval [\d.]+ to [\d.]+ µs, n = 6; measured at 1.0\d µs and 10.\d µs\)`,
		`pool \(chunk 1\) and pool \(chunk 16\) beat direct at every grain measured, from 10\d ns to 1.0\d ms, on 2 cores \(spin, n = 6\)`,
		`Best for spin on 2 cores: pool \(chunk 16\) (at|from) 102 ns`,
		`pool \(chunk 1\) is (1.9|2.0)\d* \(\S+ to \S+\) times as fast as direct at 30.\d µs per task, on 2 cores \(files with 4 KiB a task, n = 6\)`,
		`A/A: two launches of the same cell differ by [\d.]+ % \(median of \d+ pairs\); the largest difference is [\d.]+ %; \d+ pairs? differs? by more than 2 %; the mean ratio of all pairs is `,
		`Ping-pong between two cores: median 2\d\d ns`,
		`(?i)this machine does not permit affinity`,
		`Spin on 2 cores, 2 workers: 4 strategies should take equal time for the coarsest tasks; they differ by [\d.]+ %, which is`,
		`sleep on 2 cores, completion order`,
	} {
		for name, s := range map[string]string{"report.html": md, "terminal": strings.Join(strings.Fields(text), " ")} {
			if !regexp.MustCompile(want).MatchString(s) {
				t.Errorf("%s has nothing like %s", name, want)
			}
		}
	}
	for _, link := range regexp.MustCompile(`\]\((.*?\.svg)\)`).FindAllStringSubmatch(md, -1) {
		for _, f := range []string{link[1], strings.TrimSuffix(link[1], "svg") + "png"} {
			if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
				t.Error(err)
			}
		}
	}
	for _, line := range strings.Split(text, "\n") {
		if n := utf8.RuneCountInString(line); n > 120 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if i, j := strings.LastIndex(text, "\nWhat this run says"), strings.LastIndex(text, "\nNotes"); i < j {
		t.Error("the sentences are not at the end")
	}
}

// TestReportThatCannotBeWritten checks that a failed report leaves no files.
func TestReportThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, report.File), 0o777); err != nil { // makes the rename fail
		t.Fatal(err)
	}
	_, err := report.Write(dir, dir, analysis(info, nil))
	if err == nil || !strings.HasPrefix(err.Error(), filepath.Join(dir, report.File)+" could not be written") {
		t.Error(err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
}

func TestReportOfChunks(t *testing.T) {
	dir, md, text := write(t, analyzetest.Bathtub.Samples())
	for _, want := range []string{
		`Chunks for pool: spin on 2 cores`,
		`Best for spin on 2 cores \(with chunk 1 or auto\): pool \(chunk auto\)`,
		`longer by % .*1 .*4 .*16 .*64 .*1024 .*static .*guided .*factoring .*auto .*quarters .*slices`,
		`21\d ns \(last\)[ |]+2[45][ |]+\*[ |]+[45]\.\d\??[ |]+(19|2\d)`,
		`worst[ |]+(49|5\d)`,
		`the best number of tasks per chunk is 16 at 21\d ns and 4 at 21\d ns \(last\)\. Compared with this, chunk 1 takes 3\d % \(3\d to (3|4)\d %\) longer on average and (49|5\d) % longer at worst, at 21\d ns; chunk 16, the best single number for all tasks, takes .*; chunk auto takes \d\.\d % \(.*\) longer on average and (10|9\.\d) % longer at worst, at 21\d ns \(last\) \(n = 6\)`,
		`chosen from the other rounds`,
		`Claim C03, .*: confirmed\. It holds in 2 of 2 cases: pool \(chunk 1\) takes (49|5\d) % \(.* %\) more time than chunk 16 at 21\d ns; .* 2\d % .* more time than chunk 4 at 21\d ns \(last\)\.`,
		`Claim C04, .*: confirmed\. It holds in 1 of 1 case: pool \(chunk static\) takes .* at 21\d ns \(last\)`,
	} {
		for name, s := range map[string]string{"report.html": md, "terminal": strings.Join(strings.Fields(text), " ")} {
			if !regexp.MustCompile(want).MatchString(s) {
				t.Errorf("%s has nothing like %s", name, want)
			}
		}
	}
	if !strings.Contains(md, "| 1024 | ") || strings.Contains(text, "best number |") {
		t.Error("report.html has no intervals, or the terminal has them")
	}
	if _, err := os.Stat(filepath.Join(dir, "regret-spin-2-cores.svg")); err != nil {
		t.Error(err)
	}
	for _, line := range strings.Split(text, "\n") {
		if n := utf8.RuneCountInString(line); n > 120 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestReportOfOrderAndIsolation(t *testing.T) {
	_, md, text := write(t, append(analyzetest.Orders(6, 0.003), analyzetest.Isolations(6, 0.003)...))
	for _, want := range []string{
		`Order for pool \(chunk 1\): spin on 2 cores, nominal 10\.0 µs`,
		`4[ |]+input[ |]+8\.\d+ µs[ |]+1\.6\d.*-[ |]+1\.(49|50|51).*-[ |]`,
		`4[ |]+input[ |]+\d+ µs[ |]+20\.0 µs[ |]+10\.0 µs[ |]+4[ |]+50 %`,
		`Claim C10, .*: confirmed\. It holds in 4 of 4 cases: pool \(chunk 1, input order, window 64\) takes 0\.01\S* .* times as long as map to the first result at 10\.\d µs`,
		`Claim C11, .*: depends\. It holds in 1 of 2 cases: pool \(chunk 1, input order, window 4\) takes 50 % \(.*\) more time than completion order at 10\.\d µs \(pareto\)`,
		`Worker processes compared with goroutines`,
		`Processes for alloc on 64 MiB, 20\.\d µs: procs \(chunk 1\) takes 0\.\d+ \(.*\) times the time and uses 0\.\d+ \(.*\) times the memory of pool \(chunk 1\); time: better, memory: better \(n = 6\)`,
		`Processes for spin/kill1000, 20\.\d µs: procs \(chunk 1\) contains the faults, so that every other task has its result; it takes 0\.\d+ \(.*\) times the time of direct, which runs without the injected faults: better`,
		`Claim C19, .*: confirmed`, `Claim C35, .*: confirmed`, `Claim C36, .*: confirmed`,
	} {
		for name, s := range map[string]string{"report.html": md, "terminal": strings.Join(strings.Fields(text), " ")} {
			if !regexp.MustCompile(want).MatchString(s) {
				t.Errorf("%s has nothing like %s", name, want)
			}
		}
	}
	if !strings.Contains(text, "procs (recycle 500, chunk 1)  pool (chunk 1)") {
		t.Error("the table in the terminal does not name the compared strategies")
	}
	if !strings.Contains(md, "| more than direct, per worker |") {
		t.Error("report.html has no memory")
	}
	for _, line := range strings.Split(text, "\n") {
		if n := utf8.RuneCountInString(line); n > 120 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// TestTextOfAnything checks that missing, contaminated, repeated and absurd launches still yield a
// valid report.
func TestTextOfAnything(t *testing.T) {
	r := analyzetest.Quick
	r.Grains = r.Grains[:3]
	all := r.Samples()
	rapid.Check(t, func(t *rapid.T) {
		var some []harness.Sample
		for range rapid.IntRange(0, 150).Draw(t, "launches") {
			s := all[rapid.IntRange(0, len(all)-1).Draw(t, "which")]
			if rapid.IntRange(0, 9).Draw(t, "odd") == 0 {
				s.Marks = []string{"steal"}
				s.Values = map[string]float64{harness.UnitTask: rapid.Float64().Draw(t, "ns")}
			}
			some = append(some, s)
		}
		var out bytes.Buffer
		if err := report.Terminal(&out, analysis(info, some)); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"NaN", "Inf", "%!"} {
			if strings.Contains(out.String(), bad) {
				t.Fatalf("the text holds %s:\n%s", bad, out.String())
			}
		}
	})
}

func TestFolderThatCannotBeWritten(t *testing.T) {
	if _, err := report.Write(filepath.Join(t.TempDir(), "missing"), "run", analysis(info, nil)); err == nil {
		t.Error("no error")
	}
}

// TestReportOfWhereTheTimeWent checks that a report has accounts if and only if CPU time was
// measured.
func TestReportOfWhereTheTimeWent(t *testing.T) {
	samples := everything()
	_, md, _ := write(t, samples)
	if strings.Contains(md, "Where the time") {
		t.Error("an account of launches without CPU time")
	}
	for i := range samples {
		v := samples[i].Values
		v[harness.UnitCPU] = v[harness.UnitTask]
		v[harness.UnitIdle] = v[harness.UnitTask]
		v[harness.UnitPSS] = 3 << 20
		if samples[i].Cell.Workload == "sleep" {
			v[harness.UnitServer] = 4000
		}
		v[harness.UnitTasks] = 64
		v[harness.UnitFirst] = 64 * 3 * v[harness.UnitTask]
	}
	_, md, _ = write(t, samples)
	for _, want := range []string{
		`Core time \(cores × makespan\) per task`,
		`\| 102 ns \| direct \| 30\d ns \| 10\d ns \| 20\d ns \| 10\d ns \| \S+( ns)? \| 10\d ns \| – \| – \| – \| – \| – \| 3\.0 MiB \|\n`,
		`memory \| server CPU \(separate\) \|\n`,
		`3\.0 MiB \| 4\.00 µs \|\n`,
	} {
		if !regexp.MustCompile(want).MatchString(md) {
			t.Errorf("report.html has nothing like %s", want)
		}
	}
}
