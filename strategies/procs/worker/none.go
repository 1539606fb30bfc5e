//go:build !unix

package worker

import "github.com/payoff-bench/payoff/strategies/work"

// Serve returns [ErrByHand]: on this system no program can start a worker process.
func Serve([]work.Callable) error { return ErrByHand }

// Forgotten reports that this process was not started as a worker.
func Forgotten() bool { return false }
