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

// A run locks the file lockPath while it measures, so that only one run measures at a time. The
// environment variable lockEnv can name another file. Containers on one machine must use the same
// file.
const (
	lockPath = "/tmp/payoff.lock"
	lockEnv  = "PAYOFF_LOCK"
)

// hold locks the machine, so that no other run measures at the same time. The caller calls release
// to unlock it. If another run has the lock, hold waits if wait is true, and otherwise returns an
// error.
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
			fmt.Fprintf(c.ErrOrStderr(), "payoff: %v; locking %s instead, which excludes only runs that lock the same file; set %s to lock another file\n", refused[0], path, lockEnv)
			return release, nil
		case errors.As(err, &busy) && !wait:
			return nil, fmt.Errorf("%w\ntwo runs at once would disturb each other; wait until the other run ends, or use payoff run --wait", err)
		case err == nil, errors.As(err, &busy), c.Context().Err() != nil:
			return release, err
		}
		refused = append(refused, err)
	}
	return nil, fmt.Errorf("%w\nset %s to a file that this user may write and lock, the same for all runs on this machine", errors.Join(refused...), lockEnv)
}

// lockPaths returns the paths of possible lock files, in order of preference. If lockEnv is set, it
// returns only that path.
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
