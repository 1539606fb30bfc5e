package work

// Stamps records when the tasks of a job reach a stage outside of the job. An executor whose workers
// are processes calls it, if [Terms].Stamps is set, once for each frame. An executor whose workers are
// goroutines has no such stages. The methods must be safe for concurrent use and return at once.
type Stamps interface {
	// Sent says that the encoded inputs of the tasks of s were written to a worker process.
	Sent(s Span)
	// Came says that encoded outputs of the first tasks of s have arrived, and maybe of all. Came may
	// be called again for the others.
	Came(s Span)
}
