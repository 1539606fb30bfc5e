//go:build !linux

package inproc

import "github.com/payoff-bench/payoff/strategies/work"

// A poller does nothing on this system. On Linux, the poller in loop_linux.go waits for
// descriptors.
type poller struct{}

func (l *loop) poll(*wait, int, bool) error { return work.ErrNoPoller }

func (p *poller) take(int, *wait) *wait { return nil }
func (p *poller) close()                {}
