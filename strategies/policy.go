package strategies

import (
	"slices"
	"sync/atomic"

	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A guardedPolicy wraps a chunk policy of the user. If the policy panics or calls Goexit, the
// guardedPolicy cancels the job with a CallbackError and returns chunks of one task from then on.
type guardedPolicy struct {
	chunk.Policy
	core   *work.Core
	cancel func(cause error)
	failed atomic.Pointer[CallbackError]
}

// guarded wraps p in a guardedPolicy, which handles a panic of p. It returns policies of package
// chunk unwrapped, since they do not panic.
func guarded(p chunk.Policy, core *work.Core, cancel func(cause error)) chunk.Policy {
	if _, fixed := p.(chunk.Fixed); fixed || slices.Contains(chunk.All(), p) {
		return p
	}
	return &guardedPolicy{Policy: p, core: core, cancel: cancel}
}

// policyError returns the error of p if p wraps a policy of the user that panicked or called
// Goexit, else nil.
func policyError(p chunk.Policy) error {
	if g, ok := p.(*guardedPolicy); ok && g.failed.Load() != nil {
		return g.failed.Load()
	}
	return nil
}

// Size implements [chunk.Policy].
func (p *guardedPolicy) Size(c chunk.Claim) (n int) {
	if e := p.failed.Load(); e != nil {
		p.cancel(e) // the goroutine in which the policy failed may not have called cancel yet
		return 1
	}
	returned := false
	defer func() {
		if !returned {
			e := &CallbackError{Callback: "chunk policy", Err: work.Caught(recover())}
			p.failed.Store(e)
			p.cancel(e)
			n = 1
		}
	}()
	p.core.Task(0, func() { n = p.Policy.Size(c) }) // Task, so that a policy that waits for its own executor receives ErrNested
	returned = true
	return n
}
