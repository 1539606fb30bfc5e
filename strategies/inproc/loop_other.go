//go:build !linux

package inproc

import "github.com/payoff-bench/payoff/strategies/work"

// A poller does nothing on this system; see loop_linux.go.
type poller struct{}

func (l *loop) poll(*wait, int, bool) error { return work.ErrNoPoller }

func (p *poller) take(int, *wait) *wait { return nil }
func (p *poller) close()                {}
