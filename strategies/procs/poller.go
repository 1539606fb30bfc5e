package procs

// A ready is what a poller found; nothing when time was up.
type ready uint8

const (
	readyWoken ready = 1 << iota
	readyOut         // the worker has sent something, or has ended
	readyStderr
	readyIn // there is room for more input
)
