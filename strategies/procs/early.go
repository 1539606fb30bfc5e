package procs

import (
	"time"

	"github.com/payoff-bench/payoff/strategies/wire"
)

// A worker sends outcomes of a stream when they are 50 µs old, and asks for the time between
// tasks only. So those of fast tasks lie there while it runs a slow one that came in their
// midst; once it has been silent for peekAfter they are looked for.
const (
	peekAfter = 150 * time.Microsecond
	fastTask  = int64(50 * time.Microsecond) // outcomes of slower ones are sent one by one
)

// mayHold reports whether the worker may hold outcomes of a stream that were not looked for
// since the last one came. To look once is enough: who runs for long sends when it has run.
func (l *lane) mayHold() bool {
	if l.flight.tasks < 2 || l.peekedAt == l.p.outcomes {
		return false
	}
	le := l.flight.first().lease
	return le.flags&wire.FlagPrompt != 0 && le.mean.Load() < fastTask
}

// fetch passes on outcomes that the worker has in its buffer and does not send, since a
// slow task came behind fast ones. They are in the shared page; when they come through the
// channel too they are dropped.
func (l *lane) fetch() {
	p := l.p
	if p.decoder.Buffered() > 0 || l.interrupted {
		return // in the middle of what comes through the channel
	}
	state := p.page.State()
	b := p.page.Results(state)
	if len(b) == 0 || p.page.State() != state {
		return // nothing, or the worker goes on by itself
	}
	channel, before := p.decoder, p.outcomes
	defer func() { // a codec may end the goroutine
		p.decoder, l.salvaging, l.undecoded = channel, false, nil
		p.early += p.outcomes - before
	}()
	l.salvage(b)
}
