package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// helpCommand returns cobra's help command, changed so that an unknown command is an error.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Explain a command and its flags",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, c := range root.Commands() {
				if c.IsAvailableCommand() {
					names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return misuse("unknown command %q; payoff help lists all commands", strings.Join(args, " "))
			}
			c.InitDefaultHelpFlag()
			return c.Help()
		},
	}
}

// plain returns an error for a flag with an invalid value: err, but with a description of the valid
// values in place of the message of Go's parser. If there is no description for the type of the
// flag, it returns err unchanged.
func plain(c *cobra.Command, err error) error {
	what, _, ok := strings.Cut(err.Error(), "\" flag: ")
	if !ok {
		return err
	}
	wants := map[string]string{
		"int":      "want a whole number, such as 6",
		"uint64":   "want a whole number of at least 0, such as 7",
		"duration": "want a time, such as 90s or 5m",
	}
	if f := c.Flags().Lookup(what[strings.LastIndex(what, "-")+1:]); f != nil && wants[f.Value.Type()] != "" {
		return errors.New(what + "\": " + wants[f.Value.Type()])
	}
	return err
}

// noneEmpty returns an error if a flag has an empty value, which usually comes from an unset shell
// variable. If payoff used the default instead, the run would not measure the cells that the user
// intended.
func noneEmpty(c *cobra.Command) error {
	for _, name := range []string{"filter", "kind", "workload", "cores", "worker", "out", "resume", "command", "inputs", "python", "python-bin", "cpu", "wait", "payload", "memory", "from", "unit", "unchanged", "row", "col", "gates", "format", "strategy", "against", "axis", "to", "grain", "base", "head", "bench", "suite", "pkg", "dir", "nats", "group", "name", "user", "password-file", "nkey", "ca", "cert", "key"} {
		f := c.Flags().Lookup(name)
		if f != nil && f.Changed && f.Value.Type() != "bool" && strings.Trim(f.Value.String(), "[] \t") == "" {
			return misuse("--%s is empty (an unset shell variable?); give it a value, or remove the flag", name)
		}
	}
	return nil
}

// noneTwice returns an error if args give a flag twice that keeps only its last value. The user may
// expect that both values count, as those of --command do in other tools. It ignores other mistakes
// in args, which the command reports.
func noneTwice(root *cobra.Command, args []string) error {
	c, rest, err := root.Find(args)
	if err != nil {
		return nil
	}
	seen := map[string]bool{}
	for i := 0; i < len(rest) && rest[i] != "--"; i++ {
		name, _, valued := strings.Cut(strings.TrimPrefix(rest[i], "--"), "=")
		f := c.Flags().Lookup(name)
		if !strings.HasPrefix(rest[i], "--") {
			if len(rest[i]) < 2 || rest[i][0] != '-' {
				continue
			}
			f, valued = c.Flags().ShorthandLookup(rest[i][1:2]), len(rest[i]) > 2
		}
		if f == nil || f.NoOptDefVal != "" { // a flag that needs no value, such as --verbose
			continue
		}
		if seen[f.Name] && !slices.Contains([]string{"stringArray", "stringSlice"}, f.Value.Type()) {
			return misuse("--%s is given twice, and takes one value; remove one", f.Name)
		}
		seen[f.Name] = true
		if !valued {
			i++ // the next argument is the value
		}
	}
	return nil
}
