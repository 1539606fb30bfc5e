package work

import "context"

// A Callable is a kernel with its types hidden, as a worker process runs it.
type Callable interface {
	// KernelName returns the name that jobs ask for.
	KernelName() string
	// Call decodes src, applies the kernel and appends the encoded output to dst. It returns
	// errors and panics of the codecs as a [CodecError] and errors of the kernel as they
	// are, and does not recover from a panic of the kernel.
	Call(ctx context.Context, dst, src []byte) ([]byte, error)
	// Bind returns Call for many tasks, one at a time. The result recovers from nothing, so
	// that its caller can do so once for many tasks; *step is then the step under way. A
	// large output may end with bytes that are not appended to dst but returned as rest,
	// which the caller reads before the next call.
	Bind(step *Step) Bound
	// Resumes reports whether the kernel has a resumable form.
	Resumes() bool
	// Declared returns the errors of the kernel that survive the way from a worker process:
	// a task's error there that is one of them is the same one here.
	Declared() []error
}

// A Bound applies a kernel, as described at [Callable].Bind.
type Bound func(ctx context.Context, dst, src []byte) (head, rest []byte, err error)

// A Step is a part of running a task apart from its job.
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
