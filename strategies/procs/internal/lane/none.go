//go:build !unix

package lane

import (
	"context"
	"errors"

	"github.com/payoff-bench/payoff/strategies/work"
)

// A Pool is not available on this system, since processes here do not inherit descriptors.
type Pool struct{}

// New returns errors.ErrUnsupported, since this system has no worker processes.
func New(context.Context, Config) (*Pool, error) { return nil, errors.ErrUnsupported }

func (p *Pool) Kernels() []string { return nil }
func (p *Pool) Start(context.Context, work.Job, int) (work.Lease, error) {
	return nil, errors.ErrUnsupported
}
func (p *Pool) Close()                     {}
func (p *Pool) Stop(context.Context) error { return nil }
func (p *Pool) PIDs() []int                { return nil }
func (p *Pool) Busy() int                  { return 0 }
func (p *Pool) Restarts() Restarts         { return Restarts{} }
