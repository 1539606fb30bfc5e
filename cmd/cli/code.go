package cli

import (
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/workloads"
)

// Code returns lines of Go code that run a job with the strategy and settings of the cell: the
// constructor of the executor, and the call that maps a slice with a kernel. The slice is named in.
// It returns nil if the strategy has no constructor.
func (p Program) Code(c harness.Cell) []string {
	if c.Strategy == harness.Direct {
		return []string{"for i := range in { … }"}
	}
	i := slices.IndexFunc(p.Strategies, func(s catalog.Strategy) bool { return s.Name == c.Strategy })
	if i < 0 {
		return nil
	}
	s := p.Strategies[i]
	if set := c.Setup().Setting; s.With != nil {
		var err error
		if s, err = s.With(set); err != nil {
			return nil // this system does not support the setting of the cell
		}
	}
	workers := c.Workers
	if workers == c.Cores {
		workers = 0
	}
	made := s.Constructor(workers)
	switch {
	case made == "":
		return nil
	case s.Capabilities.Idiom != catalog.AnyJob:
		return []string{made}
	case s.Capabilities.Processes:
		made = "ex, err := " + made
	default:
		made = "ex := " + made
	}
	lines := []string{made}
	if c.Codec == workloads.Reference {
		lines = append(lines, "b, err := ex.Buffer(ctx, n) // the memory of an input; kernel.In is shared.Bytes()")
	}
	var options []string
	if c.Chunk != "1" && c.Chunk != "" {
		options = append(options, "Chunk: "+c.Chunk.Code())
	}
	return append(lines, "out, err := kernel.Map(ctx, ex, in, strategies.Options{"+strings.Join(options, ", ")+"})")
}
