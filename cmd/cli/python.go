package cli

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/run"
	"github.com/payoff-bench/payoff/harness/suite"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/python"
	"github.com/payoff-bench/payoff/workloads"
	task "github.com/payoff-bench/payoff/workloads/python"
)

// pythonFlags declares the flags for a Python function that is measured as a task.
func (ch *choice) pythonFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&ch.function, "python", "", "Python function to measure as a task, as `module:function`, instead of suites")
	c.RegisterFlagCompletionFunc("python", cobra.NoFileCompletions)
}

// generator matches the name of a generator of inputs.
var generator = regexp.MustCompile(`^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*$`)

// pythonTask prepares the measurement of a user's Python function as a task, instead of suites. It returns
// a suite for the function, and adds the workload that calls the function to p.
func (m *matrix) pythonTask(ctx context.Context, p *Program, names []string, ch choice) ([]suite.Suite, error) {
	was := ch.resumed
	switch {
	case len(names) > 0:
		return nil, fmt.Errorf("--python is measured by itself, not with suite %s; run them separately", names[0])
	case ch.command != "":
		return nil, errors.New("--python and --command are two tasks; run them separately")
	case was == nil && ch.inputs == "":
		return nil, errors.New("--python without --inputs: name a file with one input per line, or a generator as module:generator")
	}
	if err := p.pools(); err != nil {
		return nil, err
	}
	i, err := python.Find(ctx, ch.python)
	if err != nil {
		return nil, fmt.Errorf("--python-bin: %w", err)
	}
	of := harness.Function{Name: ch.function, Source: ch.inputs}
	if was != nil {
		of = *was
	} else if err := m.call(ctx, i, &of, cmp.Or(ch.rules.Timeout, workloads.UsualTimeout)); err != nil {
		return nil, fmt.Errorf("--python: %w", err)
	}
	if m.folder, err = os.Getwd(); err != nil {
		return nil, err
	}
	if err := cmp.Or(intact("--python", of.Name), intact("--inputs", of.Source), intact("the working directory", m.folder)); err != nil {
		return nil, err
	}
	var files []string
	if of.File != "" {
		files = []string{of.File}
	}
	if m.content, err = run.NewGuard(files...); err != nil {
		return nil, err
	}
	m.content.Watch(of.Files)
	m.function, m.programs.Function = &of, of.Name
	if limit := ch.rules.Timeout; limit != 0 && limit != workloads.UsualTimeout {
		m.programs.Rules.Timeout = limit
	}
	p.callers = i.Worker(of.Name)
	p.Workloads = append(slices.Clip(p.Workloads), task.Workload())
	s, err := suite.Parse("python.toml", pythonSuite(of))
	return []suite.Suite{s}, err
}

// pools returns an error if the program lacks serial Python, with which all pools of Python are
// compared, or worker processes.
func (p Program) pools() error {
	for _, name := range []string{python.Loop, harness.Processes} {
		if !slices.ContainsFunc(p.Strategies, func(s catalog.Strategy) bool { return s.Name == name }) {
			return fmt.Errorf("--python: this program has no strategy %s; use the command payoff, or let its main function call cli.Own, or add python.Table and cli.Processes to the strategies", name)
		}
	}
	return nil
}

// call calls the Python function for its inputs, to check both. It adds facts, such as the number
// of inputs, to the description of the function. It keeps the inputs in m.
func (m *matrix) call(ctx context.Context, i python.Interpreter, function *harness.Function, limit time.Duration) error {
	f := python.Function{Name: function.Name, Inputs: function.Source}
	if _, err := os.Stat(function.Source); err != nil && generator.MatchString(function.Source) {
		f.Generated = true
	}
	c, err := i.Check(ctx, f, limit)
	if err != nil {
		return err
	}
	if !f.Generated {
		if function.Source, err = filepath.Abs(function.Source); err != nil {
			return err
		}
	}
	m.values = c.Inputs
	function.Count, function.File, function.Files, function.Chunks, function.Digest = len(c.Inputs), c.File, c.Files, python.Chunks(c.Work), digestOf(task.Encode(c.Inputs))
	return nil
}

func digestOf(text []byte) string { return fmt.Sprintf("%x", sha256.Sum256(text))[:16] }

// inputsOf returns the path of the file in a run's folder that holds the inputs of the Python function.
// For a new run it writes this file. For a resumed run it checks the file.
func (m matrix) inputsOf(folder string) (path string, err error) {
	if path, err = filepath.Abs(filepath.Join(folder, harness.FunctionInputs)); err != nil {
		return "", err
	}
	if m.values != nil {
		return path, os.WriteFile(path, task.Encode(m.values), 0o666)
	}
	text, err := os.ReadFile(path)
	if err == nil && digestOf(text) != m.function.Digest {
		err = fmt.Errorf("%s was changed after the run began; start a new run", path)
	}
	return path, err
}

// pythonSuite returns the TOML text of a suite for a Python function. In the suite, two groups of
// strategies call the function: pools of Python, with several chunk sizes, and worker processes of
// payoff.
func pythonSuite(function harness.Function) []byte {
	chunks := []string{"1", `"auto"`}
	for _, n := range function.Chunks {
		chunks = append(chunks, fmt.Sprint(n))
	}
	all := strings.Join(chunks, ", ")
	var b strings.Builder
	b.WriteString("question = \"How should Python call this function for many inputs?\"\nbudget = \"" + pythonBudget.String() + "\"\nmin-time = \"50ms\"\n[[block]]\nworkload = \"" + task.Name + "\"\n")
	cell := func(strategy, chunk string) {
		fmt.Fprintf(&b, "[[block.cell]]\nstrategy = %q\n", strategy)
		if chunk != "" {
			fmt.Fprintf(&b, "chunk = [%s]\n", chunk)
		}
	}
	cell("py-pool-map", all)
	cell("py-executor-map", strings.Join(slices.Delete(chunks, 1, 2), ", ")) // without "auto": the default chunk is 1
	cell("py-threads-map", "")
	cell("py-joblib-loky", `"auto"`)
	cell(harness.Processes, `"auto"`)
	return []byte(b.String())
}

// pythonBudget is the default budget of a run for a Python function.
const pythonBudget = 90 * time.Second

// pythonCode returns nil unless the run measures a Python function. For such a run, it returns a
// function that returns lines of Python code for a cell.
func (p Program) pythonCode(info harness.Info) func(harness.Cell) []string {
	if info.Function == nil {
		return nil
	}
	return func(c harness.Cell) []string {
		code := ""
		for _, s := range p.Strategies {
			if s.Name == c.Strategy {
				code = s.Code
			}
		}
		return pythonCode(c, info.Function.Name, code)
	}
}

// pythonCode returns lines of Python code that call the function for all inputs, with the strategy
// and settings of the cell. The argument code is the code of the strategy in the table of
// strategies. pythonCode returns nil for a strategy that is not one of Python.
func pythonCode(c harness.Cell, function, code string) []string {
	if c.Strategy == harness.Direct {
		code = "[f(x) for x in inputs]"
	} else if !strings.HasPrefix(c.Strategy, python.Prefix) || code == "" {
		return nil
	}
	module, path, _ := strings.Cut(function, ":")
	lines := []string{"from " + module + " import " + path + " as f"}
	if first, _, nested := strings.Cut(path, "."); nested {
		lines = []string{"from " + module + " import " + first, "f = " + path}
	}
	for _, needed := range []string{"multiprocessing", "concurrent.futures", "joblib"} {
		if strings.HasPrefix(code, needed+".") {
			lines = append([]string{"import " + needed}, lines...)
		}
	}
	if c.Chunk == "auto" {
		code = strings.ReplaceAll(strings.ReplaceAll(code, ", chunksize={chunk}", ""), ", batch_size={chunk}", "")
	}
	code = strings.NewReplacer("{workers}", fmt.Sprint(c.Workers), "{chunk}", string(c.Chunk)).Replace(code)
	return append(lines, `if __name__ == "__main__":`, "    outputs = list("+code+")")
}
