package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness/run"
)

// Where runs of one machine meet. Containers that share a machine share the file if they
// are given one in common.
const (
	lockPath = "/tmp/payoff.lock"
	lockEnv  = "PAYOFF_LOCK"
)

// hold makes this process the only one that measures this machine, or waits until it is.
func (p Program) hold(c *cobra.Command, wait bool) (release func() error, err error) {
	path := cmp.Or(os.Getenv(lockEnv), lockPath)
	who := run.Holder{PID: os.Getpid(), Command: strings.Join(os.Args, " "), Since: time.Now()}
	if wait {
		return run.Await(c.Context(), path, who, func(e *run.BusyError) {
			fmt.Fprintln(c.ErrOrStderr(), "payoff: waiting:", e)
		})
	}
	release, err = run.Hold(path, who)
	if busy := (*run.BusyError)(nil); errors.As(err, &busy) {
		err = fmt.Errorf("%w\ntwo at once would measure each other: wait for its end, which payoff run --wait does", err)
	}
	return release, err
}
