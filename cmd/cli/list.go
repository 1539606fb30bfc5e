package cli

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/fault"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

// kinds is what list lists.
func (p Program) kinds() []string {
	kinds := []string{"strategies", "workloads", "spreads", "shapes"}
	for _, k := range p.Kinds {
		kinds = append(kinds, k.Name)
	}
	return append(kinds, "suites")
}

// listWhat asks which of them.
func (p Program) listWhat() string {
	kinds := p.kinds()
	last := len(kinds) - 1
	return "list what? " + strings.Join(kinds[:last], ", ") + " or " + kinds[last]
}

func (p Program) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list " + strings.Join(p.kinds(), "|"),
		Short: "List what there is to compare",
		Example: `  payoff list strategies
  payoff list suites`,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return p.kinds(), cobra.ShellCompDirectiveNoFileComp
		},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return misuse("%s", p.listWhat())
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
		for _, w := range append(slices.Clip(p.Workloads), kernels.Command()) {
			rows = append(rows, row{name: w.Name, doc: w.Doc, can: w.Uses + takes(w)})
		}
	case "spreads":
		for _, s := range workloads.Spreads() {
			rows = append(rows, row{name: s.Name, doc: s.Doc})
		}
	case "shapes":
		for _, s := range fault.Words() {
			rows = append(rows, row{name: s.Name, doc: s.Doc})
		}
	case "suites":
		all, err := harness.Suites()
		if err != nil {
			return nil, err
		}
		for _, s := range all {
			rows = append(rows, row{name: s.Name, doc: s.Question})
		}
	default:
		k := slices.IndexFunc(p.Kinds, func(k Kind) bool { return k.Name == kind })
		if k < 0 {
			return nil, misuse("%s, not %q", p.listWhat(), kind)
		}
		for _, w := range p.Kinds[k].Words() {
			rows = append(rows, row{name: w.Name, doc: w.Doc})
		}
	}
	return rows, nil
}

// takes says which parameters a workload has, with their units.
func takes(w workloads.Workload) string {
	var all []string
	if w.Grains {
		grain := "grain (ns)"
		if w.Finest > 0 {
			grain = fmt.Sprintf("grain (ns, from %d)", w.Finest)
		}
		all = append(all, grain, "spread")
	}
	if w.Payloads {
		all = append(all, "payload (bytes)")
	}
	if w.Memories {
		all = append(all, "memory (bytes)")
	}
	if w.Shapeable() {
		all = append(all, "shape")
	}
	if len(w.Codecs) > 0 {
		all = append(all, "codec")
	}
	text := ""
	if len(all) > 0 {
		text = "; takes " + strings.Join(all, ", ")
	}
	if w.Kernel.Resumes() {
		text += "; resumes, so loop can run it"
	}
	return text
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
