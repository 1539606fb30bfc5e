package cli

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/profile"
)

// A budgetColumn is a column of the table of budgets: the sum of some stages, or another value.
type budgetColumn struct {
	name   string
	stages []string
	value  func(profile.Budget) float64
}

func (c budgetColumn) of(b profile.Budget) (sum float64) {
	if c.value != nil {
		return c.value(b)
	}
	for _, s := range b.Stages {
		for _, name := range c.stages {
			if s.Name == name {
				sum += s.Value
			}
		}
	}
	return sum
}

// budgetColumns returns the columns of the table. The first column is the sum of all other columns
// but the last.
func budgetColumns() []budgetColumn {
	return []budgetColumn{
		{name: "core time", value: func(b profile.Budget) float64 { return b.Core() }},
		{name: "= execute", stages: []string{profile.Execute}},
		{name: "codecs", stages: []string{profile.Encode, profile.Decode, profile.EncodeBack, profile.DecodeBack}},
		{name: "transport", stages: []string{profile.Send, profile.Receive, profile.SendBack, profile.ReceiveBack}},
		{name: "sleeping", stages: []string{profile.Wait}},
		{name: "dispatch", stages: []string{profile.Dispatch}},
		{name: "scheduler", stages: []string{profile.Schedule}},
		{name: "gc", stages: []string{profile.Collect}},
		{name: "other", stages: []string{"other"}},
		{name: "missed", value: func(b profile.Budget) float64 { return b.Rest }},
		{name: "idle", value: func(b profile.Budget) float64 { return b.Idle }},
		{name: "waiting", value: func(b profile.Budget) float64 { return b.Waited }},
	}
}

// printBudgets prints a table with the core time of a task, in ns. It has a row for each side that
// has a budget, and no column whose values are all 0.
func printBudgets(w io.Writer, sides []profile.Side) error {
	var budgets []profile.Budget
	var names []string
	for _, s := range sides {
		b, ok := s.Budget()
		if !ok {
			continue
		}
		name := s.Cell
		if cell, _, err := harness.ParseName("Job/" + s.Cell); err == nil {
			name = analyze.Short(cell) + " " + cell.Task.String()
		}
		budgets, names = append(budgets, b), append(names, name)
	}
	if len(budgets) == 0 {
		return nil
	}
	fmt.Fprintln(w, "\nCore time of a task in ns, its share of makespan × cores: CPU time by stage, and idle time")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	var shown []budgetColumn
	for _, c := range budgetColumns() {
		for _, b := range budgets {
			if c.of(b) != 0 {
				shown = append(shown, c)
				break
			}
		}
	}
	for _, c := range shown {
		fmt.Fprint(t, c.name, "\t")
	}
	fmt.Fprintln(t, "  cell")
	for i, b := range budgets {
		for _, c := range shown {
			fmt.Fprint(t, digits(c.of(b)), "\t")
		}
		fmt.Fprintln(t, "  "+names[i])
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, "missed: CPU time that the kernel counted minus that of the samples. waiting: time in which threads\nwere ready without a core. It is not in the core time, because other threads may run meanwhile.")
	return err
}
