//go:build !linux

package strategies

// A poller would wait for descriptors; see loop_linux.go.
type poller struct{}

func (l *loop) poll(*wait, int, bool) error { return ErrNoPoller }

func (p *poller) remove(int, *wait) {}
func (p *poller) close()            {}
