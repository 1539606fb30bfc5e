package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// draining returns run with a context that the first SIGINT, SIGTERM or SIGHUP cancels. After that
// signal, SIGINT and SIGTERM have their default effect, so that a second one kills the process;
// launches and worker processes end when their parent ends. A second SIGHUP does not kill, because
// terminal and shell both send one when a connection drops. Under nohup, SIGHUP is ignored.
//
// If standard output has no reader, writing fails but the process continues, so that the samples
// are still recorded.
func draining(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		// SIGPIPE is not ignored, because child processes would inherit that. Notify is never
		// stopped, because Main may print errors later.
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
