//go:build !unix

package worker

import "github.com/payoff-bench/payoff/strategies/work"

// Serve returns [ErrByHand], since this system has no worker processes.
func Serve([]work.Callable) error { return ErrByHand }

// Forgotten returns false, since this system has no worker processes.
func Forgotten() bool { return false }
