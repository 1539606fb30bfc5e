package work

import "context"

// A Callable is a kernel in the form that a worker process runs: inputs and outputs are bytes, so
// the type has no type parameters.
type Callable interface {
	// KernelName returns the name by which jobs refer to the kernel.
	KernelName() string
	// Call decodes src, applies the kernel and appends the encoded output to dst. It returns errors
	// and panics of the codecs as a [CodecError], and errors of the kernel unchanged. It does not
	// recover if the kernel panics.
	Call(ctx context.Context, dst, src []byte) ([]byte, error)
	// Bind returns a function that does the work of Call for many tasks, one after another. The
	// function does not recover from panics, so its caller can use one recover for many tasks.
	// After a panic, *step holds the step that panicked. If an output is large, the function may
	// return its last bytes as rest instead of appending them to dst. The caller must read rest
	// before the next call.
	Bind(step *Step) Bound
	// Resumes reports whether the kernel has the form that an event loop needs: see [Job.Begin].
	Resumes() bool
	// Declared returns the errors of the kernel that worker processes can return to the parent: if
	// a task in a worker process fails with one of these errors, errors.Is finds it in the parent.
	Declared() []error
}

// A Bound runs a kernel for one task: it decodes the input from src, applies the kernel, and
// encodes the output. The encoded output is head followed by rest. head begins with dst. rest is
// nil, or the last bytes of a large output, which the Bound does not copy. [Callable].Bind
// describes rest and the error.
type Bound func(ctx context.Context, dst, src []byte) (head, rest []byte, err error)

// A Step is one stage in the processing of a task: the run of the kernel, or the encoding or
// decoding of its input or output.
type Step uint8

const (
	Applying Step = iota // running the kernel itself
	EncodingInput
	DecodingInput
	EncodingOutput
	DecodingOutput
)

func (s Step) String() string {
	return [...]string{"apply", "encode input", "decode input", "encode output", "decode output"}[s]
}
