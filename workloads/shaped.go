package workloads

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/work"
)

// A shaped task is one with what befalls it.
type shaped[In any] struct {
	fate
	in In
}

// A fate is what befalls one task, 13 bytes when encoded.
type fate struct {
	setup uint64
	leak  uint32
	fault Fault
}

const (
	fateSize   = 13
	shapedName = "+shape" // behind the name of the kernel that is shaped
)

func (f fate) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, f.setup)
	dst = binary.LittleEndian.AppendUint32(dst, f.leak)
	return append(dst, byte(f.fault))
}

func cutFate(src []byte) (f fate, rest []byte, err error) {
	if len(src) < fateSize {
		return f, nil, fmt.Errorf("shaped task of %d bytes: must be at least %d", len(src), fateSize)
	}
	f = fate{binary.LittleEndian.Uint64(src), binary.LittleEndian.Uint32(src[8:]), Fault(src[12])}
	if f.fault > Killed {
		return f, nil, fmt.Errorf("shaped task: unknown fault %d", f.fault)
	}
	return f, src[fateSize:], nil
}

// A host is what a process, or a load of it, keeps of shaped tasks.
type host struct {
	set    sync.Once
	setUp  uint64
	mu     sync.Mutex
	leaked [][]byte
	hung   sync.RWMutex // held for reading by tasks that hang, though their job may be over, and may have been before they did
}

// before is what comes before the work of a task.
func (h *host) before(ctx context.Context, f fate) error {
	if f.setup > 0 {
		var err error
		h.set.Do(func() {
			var o Outcome
			o, err = spin(context.WithoutCancel(ctx), Task{Seed: 1, Steps: f.setup})
			h.setUp = o.Value
		})
		if err != nil {
			return err
		}
	}
	if f.leak > 0 {
		b := make([]byte, f.leak)
		for at := 0; at < len(b); at += 4096 { // or the system would not give it a page
			b[at] = 1
		}
		h.mu.Lock()
		h.leaked = append(h.leaked, b)
		h.mu.Unlock()
	}
	return nil
}

// after is what comes of a task whose work is done. Only a worker process may be ended.
func (h *host) after(f fate, isWorker bool) error {
	switch f.fault {
	case NoFault:
		return nil
	case Panics:
		panic(errPlanned)
	case Hangs:
		h.hung.RLock()
		time.Sleep(hangs)
		h.hung.RUnlock()
	case Exits, Killed:
		if !isWorker {
			return errors.New("planned to end its process, which is not a worker's")
		}
		if f.fault == Exits {
			os.Exit(3)
		}
		return errors.Join(syscall.Kill(os.Getpid(), syscall.SIGKILL), errPlanned)
	}
	return errPlanned
}

// shape returns the kernel for shaped tasks in this process, and as jobs ask for it in
// another.
func shape[In, Out any](k strategies.Kernel[In, Out], h *host) strategies.Kernel[shaped[In], Out] {
	return strategies.Kernel[shaped[In], Out]{
		Name: k.Name + shapedName,
		Func: func(ctx context.Context, t shaped[In]) (out Out, err error) {
			if err := h.before(ctx, t.fate); err != nil {
				return out, err
			}
			if out, err = k.Func(ctx, t.in); err != nil {
				return out, err
			}
			return out, h.after(t.fate, false)
		},
		In: strategies.Codec[shaped[In]]{
			Append: func(dst []byte, t shaped[In]) ([]byte, error) { return k.In.Append(t.fate.append(dst), t.in) },
			Decode: func(src []byte) (t shaped[In], err error) {
				if t.fate, src, err = cutFate(src); err == nil {
					t.in, err = k.In.Decode(src)
				}
				return t, err
			},
		},
		Out: k.Out,
	}
}

// A shapedCallable is a kernel for shaped tasks as a worker process finds it.
type shapedCallable struct {
	work.Callable
	host *host
}

func (c shapedCallable) KernelName() string { return c.Callable.KernelName() + shapedName }
func (c shapedCallable) Resumes() bool      { return false }

// Bind is not the inner kernel's, which knows nothing of fates.
func (c shapedCallable) Bind(step *work.Step) work.Bound {
	return c.around(step, c.Callable.Bind(step))
}

func (c shapedCallable) Call(ctx context.Context, dst, src []byte) ([]byte, error) {
	var step work.Step
	call := func(ctx context.Context, dst, src []byte) (head, rest []byte, err error) {
		head, err = c.Callable.Call(ctx, dst, src)
		return head, nil, err
	}
	head, _, err := c.around(&step, call)(ctx, dst, src)
	return head, err
}

// around is call with what befalls the task before and after it.
func (c shapedCallable) around(step *work.Step, call work.Bound) work.Bound {
	return func(ctx context.Context, dst, src []byte) (head, rest []byte, err error) {
		*step = work.Applying
		f, src, err := cutFate(src)
		if err != nil {
			return dst, nil, &strategies.CodecError{Kernel: c.KernelName(), Step: "decode input", Err: err}
		}
		if err := c.host.before(ctx, f); err != nil {
			return dst, nil, err
		}
		if head, rest, err = call(ctx, dst, src); err != nil {
			return dst, nil, err
		}
		if err := c.host.after(f, true); err != nil {
			return dst, nil, err
		}
		return head, rest, nil
	}
}
