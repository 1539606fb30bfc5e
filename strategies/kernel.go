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
	// Lend is Append for values whose encoding ends with bytes that they hold already: these
	// are not appended but returned as rest, so that large ones need not be copied on their
	// way. Rest is only read, and not any more once the task has its outcome. Where it is
	// set it is called in place of Append, which is needed all the same.
	Lend func(dst []byte, v T) (head, rest []byte)
	// Adopt is Decode that may keep src, which nobody else has any more, in its value. Where
	// it is set it may be called in place of Decode, which is needed all the same, for what is
	// at least [LentFrom].
	Adopt func(src []byte) (T, error)
}

// LentFrom is the size in bytes from which on a rest is not copied.
const LentFrom = 32 << 10

// lend is Lend of what is large.
func (c *Codec[T]) lend(dst []byte, v T) (head, rest []byte) {
	if head, rest = c.Lend(dst, v); len(rest) < LentFrom {
		return append(head, rest...), nil
	}
	return head, rest
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
	// so that who does can do so once. *step is then what was being done. A large output
	// may end with bytes that are not appended to dst but returned as rest, which is to be
	// read before the next call.
	Bind(step *Step) Bound
	// Resumes reports whether the kernel has a resumable form.
	Resumes() bool
}

// A Bound applies a kernel, as [Callable.Bind] says.
type Bound func(ctx context.Context, dst, src []byte) (head, rest []byte, err error)

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
	b, rest, err := k.Bind(&step)(ctx, dst, src)
	return append(b, rest...), err
}

// Bind implements [Callable].
func (k Kernel[In, Out]) Bind(step *Step) Bound {
	decode, apply, output := k.In.Decode, k.Func, k.Out
	refused := func(dst []byte, err error) ([]byte, []byte, error) {
		e := &CodecError{Kernel: k.Name, Step: step.String(), Err: err}
		*step = Applying
		return dst, nil, e
	}
	return func(ctx context.Context, dst, src []byte) (head, rest []byte, err error) {
		*step = DecodingInput
		in, err := decode(src)
		if err != nil {
			return refused(dst, err)
		}
		*step = Applying
		out, err := apply(ctx, in)
		if err != nil {
			return dst, nil, err
		}
		*step = EncodingOutput
		if output.Lend != nil {
			head, rest = output.lend(dst, out)
		} else if head, err = output.Append(dst, out); err != nil {
			return refused(dst, err)
		}
		*step = Applying
		return head, rest, nil
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
