package cli

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness/probe"
)

func (p Program) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check what makes timings on this machine noisy, and how to fix it",
		Long: `Doctor checks what disturbs measurements on this machine: core frequencies, other
programs, and time taken by a hypervisor or control groups. It also checks whether payoff
can pin processes to cores and count their instructions. It changes nothing. For each
check it prints the finding, why it matters and, if there is one, the command that fixes
it. Most of these commands need root.

  good      as it should be
  noted     important for reading results, but not wrong or not fixable
  wrong     disturbs or prevents measurements
  unknown   cannot be read here, for the reason given

Exit status: 0 nothing is wrong, 1 something is wrong, 2 wrong usage.`,
		Example:           "  payoff doctor",
		Args:              none,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			found := findings()
			b := bufio.NewWriter(c.OutOrStdout())
			var wrong []string
			for _, f := range found {
				fmt.Fprintf(b, "%-8s %-11s %s\n%20s why: %s\n", f.State, f.Name, f.Found, "", f.Why)
				if f.Mend != "" {
					fmt.Fprintf(b, "%20s fix: %s\n", "", f.Mend)
				}
				if f.State == probe.Wrong {
					wrong = append(wrong, f.Name)
				}
			}
			if err := b.Flush(); err != nil || len(wrong) == 0 {
				return err
			}
			return fmt.Errorf("%d of %d findings disturb measurements: %s", len(wrong), len(found), strings.Join(wrong, ", "))
		},
	}
}
