package kernels

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

const (
	textSize  = 128 << 10 // size of the text in bytes; it is larger than the part of a text that gzip searches for repetitions
	textChunk = 16 << 10  // number of bytes between two checks of the context; compressing so many takes less than a millisecond
)

// newGzip returns the workload gzip. Its tasks compress text.
func newGzip() workloads.Workload {
	text := sync.OnceValue(func() []byte { return prose(textSize) })
	// Tasks reuse compressors, 1 MiB each, as a file server does.
	compressors := sync.Pool{New: func() any {
		z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // fails only for an invalid level
		return z
	}}
	return counted(workloads.Workload{
		Name:   "gzip",
		Doc:    "compresses text with gzip at its fastest level, as a server does with its answers",
		Uses:   "reuses compressors of 1 MiB each, and allocates 20 B for each task; uses L2",
		Finest: 100_000,
	}, scale{steps: 1, nanos: 10, lead: 2900}.count, func(ctx context.Context, t workloads.Task) (workloads.Outcome, error) {
		z := compressors.Get().(*gzip.Writer)
		defer compressors.Put(z)
		return compress(ctx, t, z, text())
	})
}

// compress compresses one byte of text per step. It begins at a position that the seed of the task
// selects. At the end of the text, it continues at the beginning.
func compress(ctx context.Context, t workloads.Task, z *gzip.Writer, text []byte) (workloads.Outcome, error) {
	sum := &digester{value: t.Start()}
	z.Reset(sum)
	at := uint64(t.Seed) % textSize
	for left := t.Steps; left > 0; {
		n := min(left, textChunk, textSize-at)
		if _, err := z.Write(text[at : at+n]); err != nil {
			return workloads.Outcome{}, err
		}
		at = (at + n) % textSize
		if left -= n; left > 0 && ctx.Err() != nil {
			return workloads.Outcome{}, ctx.Err()
		}
	}
	if err := z.Close(); err != nil {
		return workloads.Outcome{}, fmt.Errorf("gzip: %w", err)
	}
	return workloads.Outcome{Index: t.Index, Value: sum.value}, nil
}

// A digester is a writer that hashes the bytes written to it. The hash does not depend on how the
// bytes are divided into writes.
type digester struct{ value uint64 }

func (d *digester) Write(p []byte) (int, error) {
	for _, c := range p {
		d.value = (d.value ^ uint64(c)) * mix.Odd
	}
	return len(p), nil
}

// vocabulary holds the most frequent English words.
const vocabulary = `the of and to in is that it was for on are as with his they be at this have from or had by
not but what all were we when your can said there use an each which she do how their if will up other about
out many then them these so some her would make like him into time has look two more write go see number no
way could people my than first water been called who oil its now find long down day did get come made may part`

// prose returns size bytes of text, in which the frequencies of words approximately follow Zipf's
// law.
func prose(size int) []byte {
	all := strings.Fields(vocabulary)
	var b bytes.Buffer
	for x := uint64(0); b.Len() < size; {
		for n := 4 + mix.Bits(x)%12; n > 0; n-- {
			x += mix.Odd
			// The product of two uniform numbers approximates Zipf's law.
			draw := mix.Bits(x)
			b.WriteString(all[int(draw>>40%uint64(len(all)))*int(draw<<24>>40%uint64(len(all)))/len(all)])
			b.WriteByte(' ')
		}
		x += mix.Odd
		b.WriteString("that is " + fmt.Sprint(mix.Bits(x)%1000) + ".\n")
	}
	return b.Bytes()[:size]
}
