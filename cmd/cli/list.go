package cli

import (
	"fmt"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// kinds is what list lists.
var kinds = [...]string{"strategies", "workloads", "spreads", "transports", "starts", "suites"}

func (p Program) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list strategies|workloads|spreads|transports|starts|suites",
		Short: "List what there is to compare",
		Example: `  payoff list strategies
  payoff list suites`,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return kinds[:], cobra.ShellCompDirectiveNoFileComp
		},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return misuse("list what? strategies, workloads, spreads, transports, starts or suites")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			rows, err := p.rows(args[0])
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for i, r := range rows {
				if i > 0 && r.group != rows[i-1].group {
					fmt.Fprintln(w)
				}
				fmt.Fprintf(w, "%s\t%s", r.name, r.doc)
				if r.can != "" {
					fmt.Fprintf(w, "\t%s", r.can)
				}
				fmt.Fprintln(w)
			}
			return w.Flush()
		},
	}
}

// A row is a thing that has a name, a sentence on it, and words on what it can do. A blank line sets groups apart.
type row struct{ name, doc, can, group string }

func (p Program) rows(kind string) ([]row, error) {
	var rows []row
	switch kind {
	case "strategies":
		for _, s := range p.Strategies {
			rows = append(rows, row{s.Name, s.Doc, s.Capabilities.String(), groupOf(s)})
		}
	case "workloads":
		for _, w := range append(slices.Clip(p.Workloads), workloads.Command()) {
			can := ""
			if w.Kernel.Resumes() {
				can = "resumes"
			}
			rows = append(rows, row{name: w.Name, doc: w.Doc, can: can})
		}
	case "spreads":
		for _, s := range workloads.Spreads() {
			rows = append(rows, row{name: s.Name, doc: s.Doc})
		}
	case "transports":
		rows = wordsOf(p.Transports)
	case "starts":
		rows = wordsOf(p.Starts)
	case "suites":
		all, err := harness.Suites()
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			rows = append(rows, row{name: s.Name, doc: s.Question})
		}
	default:
		return nil, misuse("list what? strategies, workloads, spreads, transports, starts or suites, not %q", kind)
	}
	return rows, nil
}

func wordsOf(table func() []Word) (rows []row) {
	if table == nil {
		return nil
	}
	for _, w := range table() {
		rows = append(rows, row{name: w.Name, doc: w.Doc})
	}
	return rows
}

// groupOf tells apart what workers are, and whether a library runs whole jobs by itself.
func groupOf(s strategies.Strategy) string {
	switch can := s.Capabilities; {
	case can.Processes:
		return "processes"
	case can.Idiom != strategies.AnyJob:
		return "natives"
	}
	return ""
}
