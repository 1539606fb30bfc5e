package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// hold locks the machine, so that no other run measures at the same time. If wait is true and
// another run has the lock, it waits.
func (p Program) hold(c *cobra.Command, wait bool) (release func() error, err error) {
	who := run.Holder{PID: os.Getpid(), Command: strings.Join(os.Args, " "), Since: time.Now()}
	var refused []error
	for _, path := range lockPaths(os.Getenv) {
		if wait {
			release, err = run.Await(c.Context(), path, who, func(e *run.BusyError) {
				fmt.Fprintln(c.ErrOrStderr(), "payoff: waiting:", e)
			})
		} else {
			release, err = run.Hold(path, who)
		}
		busy := (*run.BusyError)(nil)
		switch {
		case err == nil && len(refused) > 0:
			fmt.Fprintf(c.ErrOrStderr(), "payoff: %v; locking %s instead, which excludes only runs that lock the same file; %s can name another file\n", refused[0], path, lockEnv)
			return release, nil
		case errors.As(err, &busy) && !wait:
			return nil, fmt.Errorf("%w\ntwo runs at once would disturb each other: wait until the other run ends, as payoff run --wait does", err)
		case err == nil, errors.As(err, &busy), c.Context().Err() != nil:
			return release, err
		}
		refused = append(refused, err)
	}
	return nil, fmt.Errorf("%w\nset %s to a file that this user may write and lock, the same for all runs on this machine", errors.Join(refused...), lockEnv)
}

// lockPaths returns the files that can be locked, in order of preference. If an environment
// variable names a file, it returns only this file.
func lockPaths(getenv func(string) string) []string {
	if path := getenv(lockEnv); path != "" {
		return []string{path}
	}
	paths := []string{lockPath}
	for _, dir := range []string{getenv("XDG_RUNTIME_DIR"), getenv("TMPDIR")} {
		if path := filepath.Join(dir, filepath.Base(lockPath)); dir != "" && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}
