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
// leave the process.
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
	// Resumes reports whether the kernel has a resumable form.
	Resumes() bool
}

// KernelName implements [Callable].
func (k Kernel[In, Out]) KernelName() string { return k.Name }

// Resumes implements [Callable].
func (k Kernel[In, Out]) Resumes() bool { return k.Begin != nil }

// Call implements [Callable].
func (k Kernel[In, Out]) Call(ctx context.Context, dst, src []byte) (b []byte, err error) {
	step := "decode input"
	defer func() {
		if step == "" {
			return
		}
		if p := recover(); p != nil {
			b, err = dst, &CodecError{Kernel: k.Name, Step: step, Err: caught(p)}
		}
	}()
	in, err := k.In.Decode(src)
	if err != nil {
		return dst, &CodecError{Kernel: k.Name, Step: step, Err: err}
	}
	step = ""
	out, err := k.Func(ctx, in)
	if err != nil {
		return dst, err
	}
	step = "encode output"
	b, err = k.Out.Append(dst, out)
	if err != nil {
		return dst, &CodecError{Kernel: k.Name, Step: step, Err: err}
	}
	return b, nil
}
