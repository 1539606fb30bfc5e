package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
)

// helpCommand is cobra's help, except that a command that does not exist is a mistake.
func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Say what a command does and which flags it has",
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
				return misuse("unknown command %q; payoff help lists them", strings.Join(args, " "))
			}
			c.InitDefaultHelpFlag()
			return c.Help()
		},
	}
}

// plain says of a flag's value what is wanted in place of what the parser made of it.
func plain(c *cobra.Command, err error) error {
	what, _, ok := strings.Cut(err.Error(), "\" flag: ")
	if !ok {
		return err
	}
	wants := map[string]string{
		"int":      "want a whole number, as 6",
		"uint64":   "want a whole number from 0, as 7",
		"duration": "want a time, as 90s or 5m",
	}
	if f := c.Flags().Lookup(what[strings.LastIndex(what, "-")+1:]); f != nil && wants[f.Value.Type()] != "" {
		return errors.New(what + "\": " + wants[f.Value.Type()])
	}
	return err
}

// noneEmpty refuses flags whose value is empty, which is what an unset shell variable
// makes of them: the defaults would measure something that was not asked for.
func noneEmpty(c *cobra.Command) error {
	for _, name := range []string{"filter", "cores", "worker", "out", "resume", "command", "inputs"} {
		f := c.Flags().Lookup(name)
		if f != nil && f.Changed && strings.Trim(f.Value.String(), "[] \t") == "" {
			return misuse("--%s is empty (a shell variable that is not set?); give it a value, or leave the flag out", name)
		}
	}
	return nil
}
