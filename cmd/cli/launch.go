package cli

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/launch"
)

// launchCommand is the hidden subcommand that is one launch: a fresh process of this
// program. Its spec comes and its result goes by descriptors of their own, so that
// nothing printed reaches them.
const launchCommand = "launch"

func (p Program) launchCommand() *cobra.Command {
	return &cobra.Command{
		Use:    launchCommand,
		Short:  "Be one launch: a spec on descriptor 3, a result on descriptor 4",
		Hidden: true,
		Args:   none,
		RunE: func(c *cobra.Command, _ []string) error {
			in, out := os.NewFile(3, "descriptor 3"), os.NewFile(4, "descriptor 4")
			defer in.Close()
			defer out.Close()
			var spec harness.Spec
			if err := json.NewDecoder(in).Decode(&spec); err != nil {
				return misuse("spec of the launch: %w; payoff run makes launches, people do not", err)
			}
			result, err := launch.Run(c.Context(), spec, p.Strategies, p.Workloads)
			if err != nil {
				return err
			}
			if err := json.NewEncoder(out).Encode(result); err != nil {
				return fmt.Errorf("result of the launch: %w", err)
			}
			return nil
		},
	}
}
