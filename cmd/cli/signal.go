package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// drainOnSignal returns a context that ends with the first SIGINT or SIGTERM. From then
// on the signals do what they do by default, so that the second kills; worker processes
// and launches see their parent gone and end by themselves.
func drainOnSignal(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(parent, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
