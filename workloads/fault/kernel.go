package fault

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
)

// An Input is the input of a task with the faults that are planned for this task.
type Input[In any] struct {
	plan
	in In
}

// A plan describes the faults of one task: the set-up of its process, the memory that it leaks, and
// the kind of fault by which it fails. An encoded plan has 13 bytes.
type plan struct {
	setup uint64 // number of steps, as in Shape.setup
	leak  uint32 // number of bytes, as in Shape.leak
	kind  Kind
}

const (
	planSize = 13
	suffix   = "+shape" // end of the name of each kernel that takes an Input
)

func (p plan) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, p.setup)
	dst = binary.LittleEndian.AppendUint32(dst, p.leak)
	return append(dst, byte(p.kind))
}

// cutPlan decodes the plan at the start of src. It returns the plan and the bytes of src that
// follow it.
func cutPlan(src []byte) (p plan, rest []byte, err error) {
	if len(src) < planSize {
		return p, nil, fmt.Errorf("encoded input with a fault plan has %d bytes, must have at least %d", len(src), planSize)
	}
	p = plan{binary.LittleEndian.Uint64(src), binary.LittleEndian.Uint32(src[8:]), Kind(src[12])}
	if p.kind > Killed {
		return p, nil, fmt.Errorf("encoded input with a fault plan has the unknown fault %d", p.kind)
	}
	return p, src[planSize:], nil
}

// Kernel returns a kernel that runs k and executes the fault plan of each task. It keeps the state
// that faults leave behind, such as leaked memory, in process. If served is true, the kernel runs
// in a worker process. Otherwise faults must not end the process.
func Kernel[In, Out any](k strategies.Kernel[In, Out], process *Process, served bool) strategies.Kernel[Input[In], Out] {
	return strategies.Kernel[Input[In], Out]{
		Name: k.Name + suffix,
		Func: func(ctx context.Context, t Input[In]) (out Out, err error) {
			process.before(t.plan)
			if out, err = k.Func(ctx, t.in); err != nil {
				return out, err
			}
			return out, process.after(t.plan, served)
		},
		In: strategies.Codec[Input[In]]{
			Append: func(dst []byte, t Input[In]) ([]byte, error) { return k.In.Append(t.plan.append(dst), t.in) },
			Decode: func(src []byte) (t Input[In], err error) {
				if t.plan, src, err = cutPlan(src); err == nil {
					t.in, err = k.In.Decode(src)
				}
				return t, err
			},
		},
		Out: k.Out,
	}
}
