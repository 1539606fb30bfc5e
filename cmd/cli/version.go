package cli

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (p Program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "version",
		Short:             "Print the version, commit and toolchain of this build",
		Args:              none,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(c.OutOrStdout(), "payoff %s commit %s %s %s/%s\n",
				cmp.Or(p.Version, "unknown"), cmp.Or(p.Commit, "unknown"), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// atMost returns a function which checks that a command has at most n arguments. If not, the error
// contains what, a description of the arguments that the command takes.
func atMost(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > n {
			return misuse("%s takes %s, got %q", c.CommandPath(), what, args)
		}
		return nil
	}
}

var none = atMost(0, "no argument")

// stamp sets an empty version or commit of p to the one that the Go toolchain recorded in the
// binary.
func (p *Program) stamp() {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return
	}
	if p.Version == "" && info.Main.Version != "(devel)" {
		p.Version = info.Main.Version
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	commit := settings["vcs.revision"]
	if settings["vcs.modified"] == "true" {
		commit += "+dirty"
	}
	p.Commit = cmp.Or(p.Commit, commit)
}
