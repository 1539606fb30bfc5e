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

// Other processes disturb a run that keep more than busyMost cores busy on average; looks of
// this length see it, and so many quiet looks in a row are a quiet machine.
const (
	busyMost  = 0.05
	busyLook  = 500 * time.Millisecond
	quietRows = 4
)

// lookAround says in one line what will disturb a run that starts now, nothing on a quiet
// machine. With patience it first waits, at most so long, for other processes to leave the cores
// alone.
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
				fmt.Fprintf(c.ErrOrStderr(), "payoff: other processes keep %.1f cores busy; waiting up to %s\n", busy, format.Elapsed(patience))
			}
			waited = true
		}
	}
	if words := disturbances(); len(words) > 0 {
		fmt.Fprintf(c.ErrOrStderr(), "payoff: this machine is not quiet: %s\n", strings.Join(words, "; "))
	}
	return nil
}

// disturbances names what is wrong with this machine for measuring, as doctor does, the load of
// the last minutes apart: it looks at the moment instead.
func disturbances() (words []string) {
	if busy, err := probe.Busy(busyLook); err == nil && busy > busyMost {
		words = append(words, fmt.Sprintf("other processes keep %.1f cores busy, and makespans will be too long", busy))
	}
	for _, f := range probe.Doctor(run.Pinning) {
		if f.State == probe.Wrong && f.Name != "load" && f.Name != "pressure" {
			words = append(words, fmt.Sprintf("%s: %s", f.Name, f.Found))
		}
	}
	return words
}
