package cli

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/suite"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/fault"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

// A Kind is a list that payoff list prints, such as the values of an axis. The function Words
// returns the rows of the list. It may be slow, so payoff calls it only to print or complete this
// list.
type Kind struct {
	Name  string // name of the list, such as "transports"
	Key   string // axis whose values filters complete from this list, such as "transport"; "" for none
	Words func() ([]Word, error)
}

// A Word is one row of a list: the name of a value and its description Doc. The field Can lists
// capabilities or parameters, and may be empty. In the printed list, a blank line separates rows
// with different Groups.
type Word struct{ Name, Doc, Can, Group string }

// kinds returns all lists that the command payoff list can print.
func (p Program) kinds() []Kind {
	all := []Kind{
		{"strategies", "strategy", p.strategies},
		{"workloads", "workload", words(append(slices.Clip(p.Workloads), kernels.Command()), func(w workloads.Workload) Word {
			return Word{Name: w.Name, Doc: w.Doc, Can: w.Uses + takes(w)}
		})},
		{"spreads", "spread", words(workloads.Spreads(), func(s workloads.Spread) Word { return Word{Name: s.Name, Doc: s.Doc} })},
		{"shapes", "", words(fault.Words(), func(s fault.Word) Word { return Word{Name: s.Name, Doc: s.Doc} })},
		{"axes", "", words(harness.AllAxes(), axisWord)},
	}
	return append(append(all, p.Kinds...), Kind{"suites", "", func() ([]Word, error) {
		suites, err := suite.All()
		if err != nil {
			return nil, err
		}
		return words(suites, func(s suite.Suite) Word { return Word{Name: s.Name, Doc: s.Question} })()
	}})
}

// strategies returns a row for the direct loop and one for each strategy.
func (p Program) strategies() ([]Word, error) {
	direct := Word{Name: harness.Direct, Doc: "no executor: a plain loop; every block measures it, so suites do not name it", Group: "loop"}
	all, err := words(p.Strategies, func(s catalog.Strategy) Word { return Word{s.Name, s.Doc, s.Capabilities.String(), groupOf(s)} })()
	return append([]Word{direct}, all...), err
}

// axisWord returns the row of an axis: its key, the part of a cell that has this axis, and whether
// its values are words or numbers, with their unit.
func axisWord(a harness.Axis) Word {
	w := Word{Name: a.Key, Doc: a.Part.String(), Can: "word"}
	if a.Int != nil {
		w.Can = strings.TrimSpace("number " + a.Unit)
	}
	return w
}

// words returns a function that returns a [Word] for each row of a table.
func words[T any](table []T, word func(T) Word) func() ([]Word, error) {
	return func() (all []Word, _ error) {
		for _, row := range table {
			all = append(all, word(row))
		}
		return all, nil
	}
}

func (p Program) listCommand() *cobra.Command {
	var names []string
	for _, k := range p.kinds() {
		names = append(names, k.Name)
	}
	what := "name a list: " + format.List(names, "or")
	return &cobra.Command{
		Use:   "list " + strings.Join(names, "|"),
		Short: "List strategies, workloads, suites and more",
		Example: `  payoff list strategies
  payoff list suites`,
		ValidArgs: names,
		Args:      one(what),
		RunE: func(c *cobra.Command, args []string) error {
			k := slices.Index(names, args[0])
			if k < 0 {
				return misuse("%s, not %q", what, args[0])
			}
			all, err := p.kinds()[k].Words()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for i, word := range all {
				if i > 0 && word.Group != all[i-1].Group {
					fmt.Fprintln(w)
				}
				fmt.Fprintf(w, "%s\t%s", word.Name, word.Doc)
				if word.Can != "" {
					fmt.Fprintf(w, "\t%s", word.Can)
				}
				fmt.Fprintln(w)
			}
			return w.Flush()
		},
	}
}

// one returns a function which checks that a command has exactly one argument. If not, the error
// has the text ask, which asks the user for the argument.
func one(ask string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return misuse("%s", ask)
		}
		return nil
	}
}

// takes returns a text that lists the parameters of a workload with their units. The text also says
// if the kernel is resumable, which the strategy loop needs. The text is "" if neither applies.
func takes(w workloads.Workload) string {
	grain := "grain (ns), spread"
	if w.Finest > 0 {
		grain = fmt.Sprintf("grain (ns, from %d), spread", w.Finest)
	}
	var all []string
	for _, p := range []struct {
		has  bool
		text string
	}{
		{w.Grains, grain}, {w.Batches(), "batch"}, {w.Payloads, "payload (bytes)"}, {w.Memories, "memory (bytes)"},
		{w.Shapeable(), "shape"}, {len(w.Codecs) > 0, "codec"},
	} {
		if p.has {
			all = append(all, p.text)
		}
	}
	text := ""
	if len(all) > 0 {
		text = "; takes " + strings.Join(all, ", ")
	}
	if w.Kernel.Resumes() {
		text += "; resumable, so the strategy loop can run it"
	}
	return text
}

// groupOf returns the group of a strategy in the printed list: "processes", "natives" (third-party
// pools), or "" for all other strategies.
func groupOf(s catalog.Strategy) string {
	switch can := s.Capabilities; {
	case can.Processes:
		return "processes"
	case can.Idiom != catalog.AnyJob:
		return "natives"
	}
	return ""
}
