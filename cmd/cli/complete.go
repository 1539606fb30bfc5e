package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
)

// completeSuites completes the names of built-in suites, suite files and tasks.
func (p Program) completeSuites(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	kinds := p.kinds()
	tasks := []string{cobra.CompletionWithDesc("cpu=", "tasks that compute, such as cpu=5us"), cobra.CompletionWithDesc("wait=", "tasks that wait, such as wait=1ms")}
	return append(described(kinds[len(kinds)-1], ""), tasks...), cobra.ShellCompDirectiveDefault
}

// completeFolder completes the path of a run folder.
var completeFolder = cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs)

// completeFilter completes the last key or the last value of a filter on the command line. Values
// come from the lists of payoff list, or from the cells of the suites that the command line names.
func (p Program) completeFilter(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	cut := strings.LastIndexByte(word, ' ') + 1
	head, last := word[:cut], word[cut:]
	key, _, hasKey := strings.Cut(last, ":")
	var all []string
	directive := cobra.ShellCompDirectiveNoFileComp
	prefix, kinds := head+key+":", p.kinds()
	if k := slices.IndexFunc(kinds, func(k Kind) bool { return k.Key == key }); !hasKey {
		directive |= cobra.ShellCompDirectiveNoSpace
		for _, key := range harness.AllAxes().Keys() {
			all = append(all, head+key+":")
		}
	} else if k >= 0 && key != "" {
		all = described(kinds[k], prefix)
	} else {
		all = p.values(args, key, prefix)
	}
	return slices.DeleteFunc(all, func(v string) bool { return !strings.HasPrefix(v, word) }), directive
}

// described returns completions for the names in the list k. Each completion is a name with the
// prefix before it, and the description of the name.
func described(k Kind, prefix string) (names []string) {
	all, _ := k.Words()
	for _, w := range all {
		names = append(names, cobra.CompletionWithDesc(prefix+w.Name, w.Doc))
	}
	return names
}

// values returns the values that the cells of the suites have for a filter key, each with the
// prefix before it. The values are in the order in which they first appear. If a suite or the key
// is invalid, values returns nil.
func (p Program) values(suites []string, key, prefix string) (values []string) {
	axis, known := harness.AllAxes().Find(key)
	loaded, _, err := p.load(suites, choice{})
	if err != nil || !known {
		return nil
	}
	blocks, _ := p.blocks(loaded, nil, "", func(harness.Cell, error) {})
	for _, b := range blocks {
		for _, c := range b.Cells {
			if v := axis.Text(c); v != "" && !slices.Contains(values, prefix+v) {
				values = append(values, prefix+v)
			}
		}
	}
	return values
}
