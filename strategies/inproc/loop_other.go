//go:build !linux

package inproc

import "github.com/payoff-bench/payoff/strategies/work"

// A poller would wait for descriptors; see loop_linux.go.
type poller struct{}

func (l *loop) poll(*wait, int, bool) error { return work.ErrNoPoller }

func (p *poller) remove(int, *wait) {}
func (p *poller) close()            {}
