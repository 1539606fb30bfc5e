package strategiestest

import (
	"context"
	"encoding/json"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Kernels returns the kernels that a worker program must serve for [Run], for tasks that
// have pools of their own by strategy s.
func Kernels(s catalog.Strategy) []work.Callable {
	return []work.Callable{actKernel, bytesKernel, nestKernel(s)}
}

// actKernel performs acts.
var actKernel = resumable(strategies.Kernel[act, done]{
	Name: "strategiestest.act",
	Func: perform,
	In:   failingCodec(func(a act) deed { return a.Do }, doEncodeInput, doDecodeInput),
	Out:  failingCodec(func(d done) deed { return d.Do }, doEncodeOutput, doDecodeOutput),
})

// bytesKernel adds 1 to every byteStep-th byte of its input and returns the same slice.
var bytesKernel = resumable(strategies.Kernel[[]byte, []byte]{
	Name: "strategiestest.bytes",
	Func: func(_ context.Context, b []byte) ([]byte, error) {
		for i := 0; i < len(b); i += byteStep {
			b[i]++
		}
		return b, nil
	},
	In:  bytesCodec,
	Out: bytesCodec,
})

const byteStep = 1021

var bytesCodec = strategies.Codec[[]byte]{
	Append: func(dst, v []byte) ([]byte, error) { return append(dst, v...), nil },
	Decode: func(src []byte) ([]byte, error) { return append([]byte(nil), src...), nil },
}

// kernel returns a kernel of f for executors in this process.
func kernel[In, Out any](f func(context.Context, In) (Out, error)) strategies.Kernel[In, Out] {
	return resumable(strategies.Kernel[In, Out]{Func: f})
}

// resumable gives k a resumable form that runs Func at once, and so holds up its loop. A
// strategy that needs such a form then runs one task after the other, as most rules expect.
func resumable[In, Out any](k strategies.Kernel[In, Out]) strategies.Kernel[In, Out] {
	f := k.Func
	k.Begin = func(ctx context.Context, in In, _ strategies.Events, done func(Out, error)) { done(f(ctx, in)) }
	return k
}

// identity returns its input.
var identity = kernel(func(_ context.Context, n int) (int, error) { return n, nil })

func jsonCodec[V any]() strategies.Codec[V] {
	return strategies.Codec[V]{
		Append: func(dst []byte, v V) ([]byte, error) {
			b, err := json.Marshal(v)
			return append(dst, b...), err
		},
		Decode: func(src []byte) (v V, err error) {
			err = json.Unmarshal(src, &v)
			return v, err
		},
	}
}

// failingCodec returns a codec that fails for two deeds.
func failingCodec[V any](do func(V) deed, encode, decode deed) strategies.Codec[V] {
	fail := func(v V, at deed) error {
		switch do(v) {
		case at:
			return errAct
		case at + byPanic:
			panic("boom")
		}
		return nil
	}
	codec := jsonCodec[V]()
	return strategies.Codec[V]{
		Append: func(dst []byte, v V) ([]byte, error) {
			if err := fail(v, encode); err != nil {
				return nil, err
			}
			return codec.Append(dst, v)
		},
		Decode: func(src []byte) (V, error) {
			v, err := codec.Decode(src)
			if err != nil {
				return v, err
			}
			return v, fail(v, decode)
		},
	}
}
