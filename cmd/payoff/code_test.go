package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/peers"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// advised returns cells that together have every strategy of the table, every setting of worker
// processes, and every chunk policy. It leaves out cells that this system does not support.
func advised() (cells []harness.Cell) {
	add := func(strategy string, set func(c *harness.Cell)) {
		c := harness.Cell{Strategy: strategy, Cores: 2, Workers: 2, Chunk: "1", Order: harness.MapOrder}
		set(&c)
		cells = append(cells, c)
	}
	for _, s := range table.Strategies {
		if s.Name == harness.Processes || s.Code == "" || s.Capabilities.Idiom == catalog.RemoteIdiom {
			continue
		}
		add(s.Name, func(*harness.Cell) {})
		add(s.Name, func(c *harness.Cell) { c.Workers = 3 })
	}
	for _, policy := range append(chunk.All(), chunk.Fixed(64)) {
		add("pool", func(c *harness.Cell) { c.Chunk = harness.Chunk(policy.String()) })
	}
	for _, t := range transport.All() {
		add(harness.Processes, func(c *harness.Cell) { c.Transport = t.Name })
	}
	for _, s := range procs.Starts() {
		add(harness.Processes, func(c *harness.Cell) { c.Start = s.Name })
	}
	add(harness.Processes, func(c *harness.Cell) { c.Prefetch, c.Ahead, c.Recycle, c.Workers = 8, 1000, 500, 3 })
	return slices.DeleteFunc(cells, func(c harness.Cell) bool { return table.Code(c) == nil })
}

// packages returns the import paths of the packages that the code of a cell may use, keyed by
// package name.
func packages() map[string]string {
	own := "github.com/payoff-bench/payoff/strategies"
	all := map[string]string{
		"strategies": own, "cluster": own + "/cluster", "procs": own + "/procs", "worker": own + "/procs/worker", "work": own + "/work", "json": own + "/wire/json", "transport": own + "/wire/transport", "chunk": own + "/chunk",
		"runtime": "runtime", "time": "time", "sync": "sync", "context": "context", "fmt": "fmt", "os": "os",
	}
	for _, l := range peers.Libraries() {
		if path := l.Import; strings.Contains(path, "/") {
			all[filepath.Base(strings.TrimSuffix(path, "/v2"))] = path
		}
	}
	return all
}

// TestCodeOfAdvice builds and runs a program that contains the Go code of every cell. It checks
// that each executor has the strategy of its cell and maps inputs. The code for pools of other
// libraries and for workers behind a server is only built.
func TestCodeOfAdvice(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a program")
	}
	var body strings.Builder
	want := ""
	for _, c := range advised() {
		lines := table.Code(c)
		if i := slices.IndexFunc(table.Strategies, func(s catalog.Strategy) bool { return s.Name == c.Strategy }); table.Strategies[i].Capabilities.Idiom != catalog.AnyJob {
			fmt.Fprintf(&body, "\tuse(%s)\n", lines[0])
			continue
		}
		first := lines[0]
		if strings.HasPrefix(first, "ex, err") {
			first += "\n\t\tcheck(err)"
		}
		if strings.Contains(first, "cluster.") {
			fmt.Fprintf(&body, "\tuse(func(options cluster.Options) {\n\t\t%s\n\t\tdefer ex.Close()\n\t\t%s\n\t\tuse(out, err)\n\t})\n", first, lines[1])
			continue
		}
		fmt.Fprintf(&body, "\tfunc() {\n\t\t%s\n\t\tdefer ex.Close()\n\t\t%s\n\t\tcheck(err)\n\t\tfmt.Println(ex.Core().Name, out)\n\t}()\n", first, lines[1])
		want += c.Strategy + " [1 2 3]\n"
	}
	text := `
type In = int

func use(...any) {}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	kernel := strategies.NewKernel("same", func(_ context.Context, i int) (int, error) { return i, nil })
	kernel.Begin = func(_ context.Context, i int, _ strategies.Events, done func(int, error)) { done(i, nil) }
	kernel.In, kernel.Out = json.Of[int](), json.Of[int]()
	worker.Main([]work.Callable{kernel})
	ctx, in := context.Background(), []In{1, 2, 3}
` + body.String() + "}\n"
	imports := ""
	for name, path := range packages() {
		if regexp.MustCompile(`\b` + name + `\.`).MatchString(text) {
			imports += fmt.Sprintf("import %q\n", path)
		}
	}
	dir := t.TempDir()
	module, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	source := filepath.Join(dir, "main.go")
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(module, "cmd/payoff/codeofadvice/main.go"): source}})
	for name, data := range map[string]string{source: "package main\n\n" + imports + text, filepath.Join(dir, "overlay.json"): string(overlay)} {
		if err == nil {
			err = os.WriteFile(name, []byte(data), 0o666)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "program")
	build := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program, "./cmd/payoff/codeofadvice")
	build.Dir = module
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, text)
	}
	out, err := exec.Command(program).CombinedOutput()
	if err != nil || string(out) != want {
		t.Errorf("%v: the program prints\n%s\nwant\n%s", err, out, want)
	}
}

// TestStrategiesHaveCode checks that every strategy has code, except executors that adapt pools of
// other libraries. It also checks that the code of worker processes names every transport except
// the default.
func TestStrategiesHaveCode(t *testing.T) {
	for _, s := range table.Strategies {
		if (s.Code == "") != strings.HasSuffix(s.Name, "-job") {
			t.Errorf("strategy %s has the code %q", s.Name, s.Code)
		}
	}
	for _, tr := range transport.All()[1:] {
		c := harness.Cell{Strategy: harness.Processes, Transport: tr.Name, Cores: 1, Workers: 1, Chunk: "1"}
		if lines := table.Code(c); lines != nil && !strings.Contains(lines[0], "Transport: transport.") {
			t.Errorf("transport %s: %q", tr.Name, lines)
		}
	}
}
