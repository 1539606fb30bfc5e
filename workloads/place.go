package workloads

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/shared"
)

// Reference is the name of the codec with which the data of a task stays in memory that the program
// shares with its worker processes. A task carries a reference to it; see package shared.
const Reference = "reference"

// ArenaSize is the size in bytes of the shared memory for the codec [Reference].
const ArenaSize = 256 << 20

// placed holds the buffers in shared memory to which a load has moved the data of its tasks.
type placed struct{ buffers []shared.Buffer }

// Place implements [Load].
func (l *load[In, Out]) Place(ctx context.Context, ex strategies.Executor) error {
	arena, ok := ex.(interface {
		Buffer(ctx context.Context, n int) (shared.Buffer, error)
	})
	if !ok || l.params.Codec != Reference || l.Move == nil {
		return nil
	}
	now, cancel := context.WithCancelCause(ctx) // no task frees a buffer before the job ends, so waiting for room would not help
	cancel(errors.New("the data of all tasks must fit into the shared memory"))
	var failed error
	moved := map[*byte][]byte{} // tasks share data
	for i := range l.in {
		l.in[i] = l.Move(l.in[i], func(b []byte) []byte {
			from := unsafe.SliceData(b)
			to, ok := moved[from]
			if ok || len(b) == 0 || failed != nil {
				return to
			}
			buffer, err := arena.Buffer(now, len(b))
			if err == nil {
				l.placed.buffers = append(l.placed.buffers, buffer)
				to, err = buffer.Bytes()
			}
			if err != nil {
				failed = fmt.Errorf("cannot place the data of task %d: %w", i, err)
				return nil
			}
			copy(to, b)
			moved[from] = to
			return to
		})
	}
	return failed
}

// free frees all buffers. It returns the errors of buffers that could not be freed.
func (p *placed) free() (err error) {
	for _, b := range p.buffers {
		err = errors.Join(err, b.Free())
	}
	p.buffers = nil
	return err
}
