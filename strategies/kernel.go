package strategies

import "context"

// A Kernel is the function that a job applies to each task, with what a worker
// process needs to apply it elsewhere: a name to find it by and codecs for what
// goes in and comes out. In this process Func is used, and by some strategies Key.
type Kernel[In, Out any] struct {
	Name string
	Func func(context.Context, In) (Out, error)
	In   Codec[In]
	Out  Codec[Out]
	// Key says what a task is about: strategy actor runs tasks with equal keys on one
	// worker, one at a time and in the order of the input. It is called once a task, is
	// quick, and does not use the executor. Where it is nil tasks go to workers by turns.
	Key func(In) uint64
	// Begin is the kernel's resumable form, for strategy loop: it starts the task and
	// returns, and goes on when what it asked of ev comes. It calls done once, on any
	// goroutine; only the first call counts. Func is needed beside it.
	Begin func(ctx context.Context, in In, ev *Events, done func(Out, error))
}

// A Codec is how values become bytes and come back. A Codec that is zero cannot
// leave the process. A task fails alone by a [CodecError] if its codec returns an error,
// panics, or calls [runtime.Goexit]; but the goroutine that waits for one task may code it
// itself, since to wake another would take longer, and Goexit then ends that goroutine too.
type Codec[T any] struct {
	// Append appends the encoding of v to dst. It may be called again for one v.
	Append func(dst []byte, v T) ([]byte, error)
	// Decode reads the whole of src and keeps nothing of it.
	Decode func(src []byte) (T, error)
}

// A Callable is a kernel with its types hidden, as a worker process runs it.
type Callable interface {
	// KernelName returns the name that jobs ask for.
	KernelName() string
	// Call decodes src, applies the kernel and appends the encoded output to dst.
	// Errors and panics of the codecs are returned as a [CodecError], errors of the
	// kernel as they are; its panic is not recovered.
	Call(ctx context.Context, dst, src []byte) ([]byte, error)
	// Bind returns Call for many tasks, one at a time: it does not recover from anything,
	// so that who does can do so once. *step is then what was being done.
	Bind(step *Step) func(ctx context.Context, dst, src []byte) ([]byte, error)
	// Resumes reports whether the kernel has a resumable form.
	Resumes() bool
}

// KernelName implements [Callable].
func (k Kernel[In, Out]) KernelName() string { return k.Name }

// Resumes implements [Callable].
func (k Kernel[In, Out]) Resumes() bool { return k.Begin != nil }

// Call implements [Callable].
func (k Kernel[In, Out]) Call(ctx context.Context, dst, src []byte) (b []byte, err error) {
	var step Step
	defer func() {
		if step == Applying {
			return
		}
		if p := recover(); p != nil {
			b, err = dst, &CodecError{Kernel: k.Name, Step: step.String(), Err: caught(p)}
		}
	}()
	return k.Bind(&step)(ctx, dst, src)
}

// Bind implements [Callable].
func (k Kernel[In, Out]) Bind(step *Step) func(ctx context.Context, dst, src []byte) ([]byte, error) {
	decode, apply, encode := k.In.Decode, k.Func, k.Out.Append
	refused := func(dst []byte, err error) ([]byte, error) {
		e := &CodecError{Kernel: k.Name, Step: step.String(), Err: err}
		*step = Applying
		return dst, e
	}
	return func(ctx context.Context, dst, src []byte) ([]byte, error) {
		*step = DecodingInput
		in, err := decode(src)
		if err != nil {
			return refused(dst, err)
		}
		*step = Applying
		out, err := apply(ctx, in)
		if err != nil {
			return dst, err
		}
		*step = EncodingOutput
		b, err := encode(dst, out)
		if err != nil {
			return refused(dst, err)
		}
		*step = Applying
		return b, nil
	}
}

// A Step is what is being done to a task that is run elsewhere than its job.
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
