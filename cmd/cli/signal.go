package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// draining returns a function that calls run with a context. The first SIGINT, SIGTERM or SIGHUP
// cancels this context. After that signal, SIGINT and SIGTERM have their default effect, so a second
// one kills the process; launches and worker processes end when their parent ends. A second SIGHUP
// does not kill the process, because terminal and shell both send SIGHUP when a connection drops.
// Under nohup, SIGHUP has no effect.
//
// If standard output has no reader, writing to it fails, but the process continues and records the
// samples.
func draining(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		// Notify keeps SIGPIPE from killing this process. signal.Ignore would do so too, but child
		// processes would inherit it. The notification never stops, because Main may print errors later.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)

		ctx := c.Context()
		if !signal.Ignored(syscall.SIGHUP) {
			hangup, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
			defer stop()
			ctx = hangup
		}
		ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
		defer stop()
		context.AfterFunc(ctx, stop)
		c.SetContext(ctx)
		return run(c, args)
	}
}
