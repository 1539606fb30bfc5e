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

// pythonNote returns a note for the report about blocks with strategies of Python. The note says
// where the direct loop and the other strategies ran, and which program measured their makespans.
// The argument function says whether the tasks call a Python function of the user.
func pythonNote(i harness.Interpreter, function bool) string {
	pools := fmt.Sprintf("Strategies that begin with %s ran in %s, which measured their makespans", python.Prefix, interpreterWords(&i))
	if function {
		return pools + ". Here direct is serial Python in the same interpreter, and " + harness.Processes + " ran worker processes of this interpreter. So all numbers are about the ways to call the function, and none about Go"
	}
	return pools + ". In blocks of workloads that begin with " + python.Prefix + ", direct is serial Python in the same interpreter. So the speed-up, the efficiency and the METG of these strategies are about the pool and not about the language. All other strategies ran the same tasks in Go: their makespans compare Go with Python, and their speed-ups include the gain from the language"
}

// interpreterWords returns a text with the versions of an interpreter and its modules. It returns
// "" if i is nil.
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
