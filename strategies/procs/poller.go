package procs

// A sign is what a poller found; nothing when time was up.
type sign uint8

const (
	readyWoken sign = 1 << iota
	readyOut        // the worker has sent something, or has ended
	readyStderr
	readyIn // there is room for more input
)
