package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/probe"
	"github.com/payoff-bench/payoff/harness/run"
)

// Limits for the load that other processes put on a quiet machine.
const (
	busyMost  = 0.05                   // cores that other processes keep busy on average
	busyLook  = 500 * time.Millisecond // time for which the load is observed
	quietRows = 4                      // a machine is quiet after this many quiet observations in a row
)

// lookAround prints a line that lists the conditions that will disturb a run that starts now. It
// prints nothing if the machine is quiet. If patience is above 0, it first waits up to that time
// until other processes leave the cores idle.
func lookAround(c *cobra.Command, patience time.Duration) error {
	began, waited := time.Now(), false
	for quiet := 0; patience > 0 && quiet < quietRows && time.Since(began) < patience; {
		busy, err := probe.Busy(busyLook)
		if err != nil {
			return fmt.Errorf("--wait-quiet: %w", err)
		}
		if err := context.Cause(c.Context()); err != nil {
			return fmt.Errorf("interrupted while waiting for a quiet machine: %w", err)
		}
		quiet++
		if busy > busyMost {
			quiet = 0
			if !waited {
				fmt.Fprintf(c.ErrOrStderr(), "payoff: other processes keep %.1f cores busy; waiting for at most %s\n", busy, format.Elapsed(patience))
			}
			waited = true
		}
	}
	if words := disturbances(); len(words) > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "payoff: this machine is not quiet: %s\n", strings.Join(words, "; "))
	}
	return nil
}

// disturbances returns a text for each condition that makes this machine unfit for measuring: the
// bad findings of payoff doctor. Instead of the load of the last minutes, it uses the present load.
func disturbances() (words []string) {
	if busy, err := probe.Busy(busyLook); err == nil && busy > busyMost {
		words = append(words, fmt.Sprintf("other processes keep %.1f cores busy, which makes makespans too long", busy))
	}
	for _, f := range probe.Doctor(run.Pinning) {
		if f.State == probe.Wrong && f.Name != "load" && f.Name != "pressure" {
			words = append(words, fmt.Sprintf("%s: %s", f.Name, f.Found))
		}
	}
	return words
}
