package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/launch"
	"github.com/payoff-bench/payoff/harness/probe"
	"github.com/payoff-bench/payoff/harness/run"
)

// A machine is quiet after quietRows observations in a row in which other processes kept at most
// busyMost cores busy. Each observation takes the time busyLook.
const (
	busyMost  = 0.05 // cores, on average
	busyLook  = 500 * time.Millisecond
	quietRows = 4
)

// lookAround prints a line about everything that disturbs measurements on this machine now, or no
// line if nothing does. If patience is above 0, it first waits until other processes leave the
// cores idle, but at most this time.
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
				fmt.Fprintf(c.ErrOrStderr(), "payoff: other processes keep %.1f cores busy; waiting for at most %s until they stop\n", busy, format.Elapsed(patience))
			}
			waited = true
		}
	}
	busy, _ := probe.Busy(busyLook) // 0 if the load is unknown
	if line := disturbances(busy, findings()); line != "" {
		fmt.Fprintln(c.ErrOrStderr(), "payoff:", line)
	}
	return nil
}

// findings returns the findings of payoff doctor.
func findings() []probe.Finding { return append(probe.Doctor(run.Pinning), launch.RoundTrip()) }

// disturbances returns a line with everything that disturbs measurements on this machine, or "" if
// nothing does. The line has the findings of payoff doctor with the state wrong. The findings on
// load cover the last minutes, so disturbances replaces them by busy, the number of cores that
// other processes keep busy now.
func disturbances(busy float64, all []probe.Finding) string {
	var words []string
	if busy > busyMost {
		words = append(words, fmt.Sprintf("other processes keep %.1f cores busy, which makes makespans too long", busy))
	}
	for _, f := range all {
		if f.State == probe.Wrong && f.Name != "load" && f.Name != "pressure" {
			words = append(words, fmt.Sprintf("%s: %s", f.Name, f.Found))
		}
	}
	if len(words) == 0 {
		return ""
	}
	return "this machine disturbs measurements (see payoff doctor): " + strings.Join(words, "; ")
}
