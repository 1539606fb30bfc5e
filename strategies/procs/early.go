package procs

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
