package work

import "context"

// A Callable is a kernel without its type parameters, as a worker process runs it.
type Callable interface {
	// KernelName returns the name by which jobs refer to the kernel.
	KernelName() string
	// Call decodes src, applies the kernel and appends the encoded output to dst. It returns
	// errors and panics of the codecs as a [CodecError], and errors of the kernel unchanged.
	// It does not recover from a panic of the kernel.
	Call(ctx context.Context, dst, src []byte) ([]byte, error)
	// Bind returns a function that does the work of Call for many tasks, one at a time. The
	// function leaves panics to its caller, which can recover once for many tasks; *step then
	// holds the step that panicked. A large output may end with bytes that the function
	// returns as rest instead of appending them to dst. The caller must read rest before the
	// next call.
	Bind(step *Step) Bound
	// Resumes reports whether the kernel has a resumable form.
	Resumes() bool
	// Declared returns the errors of the kernel that keep their identity between processes:
	// if a task in a worker process fails with one of them, errors.Is finds it in the parent.
	Declared() []error
}

// A Bound applies a kernel, as described at [Callable].Bind.
type Bound func(ctx context.Context, dst, src []byte) (head, rest []byte, err error)

// A Step is a stage of running a task: the kernel itself, or a codec.
type Step uint8

const (
	Applying Step = iota // the kernel itself
	EncodingInput
	DecodingInput
	EncodingOutput
	DecodingOutput
)

func (s Step) String() string {
	return [...]string{"apply", "encode input", "decode input", "encode output", "decode output"}[s]
}
