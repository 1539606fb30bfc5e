package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
)

// completeSuites completes the names of the built-in suites, and suite files.
func (p Program) completeSuites(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return p.described("suites", ""), cobra.ShellCompDirectiveDefault
}

// completeFilter completes the last key or value of a filter; values are those of the
// cells of the suites that are named.
func (p Program) completeFilter(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	cut := strings.LastIndexByte(word, ' ') + 1
	head, word := word[:cut], word[cut:]
	key, _, ok := strings.Cut(word, ":")
	if !ok {
		var keys []string
		for _, k := range harness.AllAxes().Keys() {
			if strings.HasPrefix(k, word) {
				keys = append(keys, head+k+":")
			}
		}
		return keys, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
	}
	var values []string
	switch prefix := head + key + ":"; key {
	case "strategy":
		values = p.described("strategies", prefix)
	case "workload":
		values = p.described("workloads", prefix)
	case "spread":
		values = p.described("spreads", prefix)
	default:
		if k := slices.IndexFunc(p.Kinds, func(k Kind) bool { return k.Key == key }); k >= 0 {
			values = p.described(p.Kinds[k].Name, prefix)
			break
		}
		for _, v := range p.values(args, key) {
			values = append(values, prefix+v)
		}
	}
	values = slices.DeleteFunc(values, func(v string) bool { return !strings.HasPrefix(v, head+word) })
	return values, cobra.ShellCompDirectiveNoFileComp
}

// described returns the names of a kind, each with its sentence for the shell to show.
func (p Program) described(kind, prefix string) []string {
	rows, err := p.rows(kind)
	if err != nil {
		return nil
	}
	var names []string
	for _, r := range rows {
		names = append(names, cobra.CompletionWithDesc(prefix+r.name, r.doc))
	}
	return names
}

// values returns what the cells of the suites have for key, in order of appearance.
func (p Program) values(suites []string, key string) []string {
	axis, known := harness.AllAxes().Find(key)
	loaded, err := load(suites)
	if err != nil || !known {
		return nil
	}
	blocks, err := p.blocks(loaded, nil)
	if err != nil {
		return nil
	}
	var values []string
	for _, b := range blocks {
		for _, c := range b.Cells {
			if v := axis.Text(c); v != "" && !slices.Contains(values, v) {
				values = append(values, v)
			}
		}
	}
	return values
}
