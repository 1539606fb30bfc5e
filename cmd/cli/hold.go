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

// Runs on one machine exclude each other by locking this file. Containers on the same machine need
// a common file.
const (
	lockPath = "/tmp/payoff.lock"
	lockEnv  = "PAYOFF_LOCK"
)

// hold locks the machine for this process. If wait is set, it waits for the lock.
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
		err = fmt.Errorf("%w\ntwo at once would disturb each other: wait until it ends, as payoff run --wait does", err)
	}
	return release, err
}
