package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// draining gives a subcommand a context that ends with the first SIGINT or SIGTERM. From
// then on the signals do what they do by default, so that the second kills; launches and
// worker processes see their parent gone and end by themselves.
func draining(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		ctx, stop := signal.NotifyContext(c.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		context.AfterFunc(ctx, stop)
		c.SetContext(ctx)
		return run(c, args)
	}
}
