package workloads

import (
	"fmt"

	"github.com/payoff-bench/payoff/workloads/mix"
)

// A ChangedError reports a kernel that changed the input of a task. In later jobs, the direct loop
// would use the changed input, but worker processes would not, because they receive copies and
// change only these.
type ChangedError struct{ Task int }

func (e *ChangedError) Error() string {
	return fmt.Sprintf("the kernel changed the input of task %d, so later jobs would have other inputs; copy the input before changing it", e.Task)
}

// Constants for checking that kernels do not change inputs.
const (
	mostChecked = 1000 // largest number of inputs to check in a job
	tries       = 64   // number of times to encode an input that seems changed, because a codec may encode equal inputs differently
)

// A checked holds hashes of the encoded form of some inputs. They show whether a kernel changes one
// of these inputs.
type checked struct {
	hashes []uint64
	stride int // difference between the numbers of two tasks whose inputs are checked
}

// seal records hashes of some inputs of the job, so that the method changed can find an input that
// a kernel changed. It records nothing if inputs are made during the job, or if they contain only
// references to their data.
func (l *load[In, Out]) seal() {
	l.checked = checked{}
	if l.in == nil || l.Kernel.In.Append == nil || l.params.Codec == Reference {
		return
	}
	l.checked.stride = (len(l.in) + mostChecked - 1) / mostChecked
	var encoded []byte
	for i := 0; i < len(l.in); i += l.checked.stride {
		encoded = l.encode(encoded, i)
		l.checked.hashes = append(l.checked.hashes, mix.Hash(0, encoded))
	}
}

// changed returns a [ChangedError] if an input differs from what seal recorded. After that it clears
// the record, since a kernel that changes inputs does so in its first job.
func (l *load[In, Out]) changed() error {
	var encoded []byte
	for k, was := range l.checked.hashes {
		i := k * l.checked.stride
		encoded = l.encode(encoded, i)
		now := mix.Hash(0, encoded)
		if now == was {
			continue
		}
		same := true // a codec may encode equal inputs differently, such as maps
		for range tries {
			encoded = l.encode(encoded, i)
			same = same && mix.Hash(0, encoded) == now
		}
		if same {
			return &ChangedError{i}
		}
	}
	l.checked = checked{}
	return nil
}

// encode returns the encoded input of task i. It uses the memory of buffer. If the input cannot be
// encoded, it returns an empty slice.
func (l *load[In, Out]) encode(buffer []byte, i int) []byte {
	b, err := l.Kernel.In.Append(buffer[:0], l.in[i])
	if err != nil {
		return buffer[:0]
	}
	return b
}
