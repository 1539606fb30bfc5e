package work

// Stamps records when the tasks of a job are sent to worker processes, and when their outputs
// arrive. An executor whose workers are processes calls it, if [Terms].Stamps is set, once for each
// frame. Executors whose workers are goroutines do not call it. The methods must be safe for
// concurrent use and return at once.
type Stamps interface {
	// Sent says that the encoded inputs of the tasks of s were written to a worker process.
	Sent(s Span)
	// Came says that encoded outputs of the first tasks of s have arrived, and maybe of all. Came may
	// be called again for the others.
	Came(s Span)
}
