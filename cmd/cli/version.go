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

// none is an argument check that allows no arguments.
func none(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return misuse("%s takes no argument, got %q", c.CommandPath(), args[0])
	}
	return nil
}

// stamp sets an empty version or commit from what the toolchain recorded.
func (p *Program) stamp() {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return
	}
	if p.Version == "" && info.Main.Version != "(devel)" {
		p.Version = info.Main.Version
	}
	commit, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	p.Commit = cmp.Or(p.Commit, commit+dirty)
}
