package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/python"
)

// interpreter returns the interpreter at path that runs strategies of Python, or nil if no block needs
// it.
func (p Program) interpreter(ctx context.Context, path string, blocks []harness.Block) (*harness.Interpreter, error) {
	elsewhere := func(c harness.Cell) bool {
		return slices.ContainsFunc(p.Strategies, func(s catalog.Strategy) bool {
			return s.Capabilities.Idiom == catalog.RemoteIdiom && (s.Name == c.Strategy || s.Name == p.workload(c.Workload).Loop)
		})
	}
	if !slices.ContainsFunc(blocks, func(b harness.Block) bool { return slices.ContainsFunc(b.Cells, elsewhere) }) {
		return nil, nil
	}
	found, err := python.Find(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("strategies of Python: %w", err)
	}
	i := harness.Interpreter(found)
	return &i, nil
}

// pythonNote returns a note for the report about blocks with strategies of Python: where the direct
// loop and the other strategies ran, and which program measured their makespans.
func pythonNote(i harness.Interpreter) string {
	return fmt.Sprintf("In blocks of workloads such as py-spin and python, direct is serial Python, and speed-ups and efficiencies are relative to it. Strategies that begin with %s ran in %s, which measured their makespans. Other strategies ran the tasks of python in worker processes of Python, and all other tasks in Go", python.Prefix, interpreterWords(&i))
}

// interpreterWords returns the version of an interpreter and those of its modules as text, and "" for
// nil.
func interpreterWords(i *harness.Interpreter) string {
	if i == nil {
		return ""
	}
	words := []string{python.Interpreter(*i).String()}
	for _, name := range slices.Sorted(maps.Keys(i.Modules)) {
		words = append(words, name+" "+i.Modules[name])
	}
	return strings.Join(words, ", ")
}
