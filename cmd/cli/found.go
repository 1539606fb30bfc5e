package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/report"
)

// finder returns the finder of the search of m, in a run with the given info.
func (p Program) finder(m matrix, info harness.Info) analyze.Finder {
	var since time.Time
	if n := len(info.Resumed); n > 0 {
		since = info.Resumed[n-1]
	}
	return analyze.NewFinder(*m.search, m.blocks, analyze.Settings{Waits: p.waits}, since)
}

// boundary returns the result of the search of a run, or nil if the run is not a search. It returns
// an error if this program lacks a workload or a strategy of the search.
func (p Program) boundary(info harness.Info, samples []harness.Sample) (*analyze.Boundary, error) {
	if info.Search == nil {
		return nil, nil
	}
	blocks, err := p.catalog("", nil).Search(*info.Search)
	if err != nil {
		return nil, fmt.Errorf("the boundary of this search is not known here: %w", err)
	}
	b := p.finder(matrix{search: info.Search, blocks: blocks}, info).Found(samples)
	return &b, nil
}

// printFound writes the files of the report of a search, and prints its answer. The argument ran is
// the error of the run, or nil.
func (p Program) printFound(c *cobra.Command, out string, m matrix, a *analyze.Analysis, samples []harness.Sample, ran error) error {
	b := p.finder(m, a.Info).Found(samples)
	a.Boundary = &b
	_, err := report.Write(out, out, a)
	err = freeSpace(out, errors.Join(ran, err))
	_, printErr := fmt.Fprintf(c.OutOrStdout(), "%s%s in %s; details: %s\n", report.Found(*m.search, b), format.Count(len(samples), "launch"), format.Elapsed(a.Info.Spent.Wall), command("report", out))
	if err = errors.Join(err, printErr); err != nil || b.Done {
		return err
	}
	why := string(b.Why)
	if b.More {
		why += "; " + command("find", "--resume", out, "--budget", "5m") + " continues the search"
	}
	return &statusError{Unresolved, errors.New("unresolved: " + why)}
}
