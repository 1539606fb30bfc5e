package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// draining gives a subcommand a context that ends with the first SIGINT, SIGTERM or
// SIGHUP. From then on SIGINT and SIGTERM do what they do by default, so that the second
// kills; launches and worker processes see their parent gone and end by themselves. A
// second SIGHUP does not kill: when a connection drops, terminal and shell both send one.
// Under nohup there is none.
//
// Output without a reader is an error of the write, not the end of the process:
// what was measured is worth more than the text about it.
func draining(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		// Not ignored, since processes that are started would inherit that, and not
		// stopped, since Main has errors to print afterwards.
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
