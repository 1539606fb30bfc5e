package workloads

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/strategies"
)

// A Waited is the outcome of a task that waits, 20 bytes when encoded: it says how long the
// task took where it ran, which is not digested.
type Waited struct {
	Outcome
	Nanos uint64
}

const waitedSize = outcomeSize + 8

// ServiceUnit is the unit of how long a task took from its own start to its end, on average
// over a job: what the tasks of a job that runs many at once take each.
const ServiceUnit = "service-ns"

// timed is f with a clock.
func timed[In any](f func(context.Context, In) (Outcome, error)) func(context.Context, In) (Waited, error) {
	return func(ctx context.Context, in In) (Waited, error) {
		began := time.Now()
		o, err := f(ctx, in)
		return Waited{o, uint64(time.Since(began))}, err
	}
}

func waitedCodec() strategies.Codec[Waited] {
	return strategies.Codec[Waited]{
		Append: func(dst []byte, w Waited) ([]byte, error) {
			dst, _ = appendOutcome(dst, w.Outcome)
			return binary.LittleEndian.AppendUint64(dst, w.Nanos), nil
		},
		Decode: func(src []byte) (w Waited, err error) {
			if len(src) != waitedSize {
				return w, fmt.Errorf("outcome of %d bytes: must be %d", len(src), waitedSize)
			}
			w.Outcome, err = decodeOutcome(src[:outcomeSize])
			w.Nanos = binary.LittleEndian.Uint64(src[outcomeSize:])
			return w, err
		},
	}
}

func waitedNumber(w Waited) (index int, value uint64) { return number(w.Outcome) }

// service is what a [Typed] of tasks that wait says of a job.
func service(out []Waited) (map[string]float64, error) {
	var sum uint64
	for _, w := range out {
		sum += w.Nanos
	}
	return map[string]float64{ServiceUnit: float64(sum) / float64(len(out))}, nil
}
