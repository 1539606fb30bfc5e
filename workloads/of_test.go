package workloads

import (
	"context"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// TestOf checks that the function Of makes a workload from a plain kernel. The workload must run in
// this process, and with encoded inputs as in a worker process.
func TestOf(t *testing.T) {
	number := strategies.Codec[uint64]{
		Append: func(dst []byte, v uint64) ([]byte, error) { return binary.LittleEndian.AppendUint64(dst, v), nil },
		Decode: func(src []byte) (uint64, error) { return binary.LittleEndian.Uint64(src), nil },
	}
	k := strategies.Kernel[uint64, uint64]{
		Name: "square", In: number, Out: number,
		Func: func(_ context.Context, x uint64) (uint64, error) { return x * x, nil },
	}
	w := Of("squares", k, func(i int) uint64 { return uint64(i) })
	l := prepare(t, w, Params{}, 100)
	want := digest(t, l, l.Direct(t.Context()))
	ex, err := catalog.Named("pool").New(t.Context(), catalog.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer ex.Close()
	o := strategies.Options{Order: strategies.CompletionOrder}
	if got := digest(t, l, l.Stream(t.Context(), ex, o)); got != want {
		t.Errorf("stream: digest %x, want %x as in the direct loop", got, want)
	}
	src := []byte{7, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0}
	if got, err := w.Kernel.Call(t.Context(), nil, src); err != nil || !slices.Equal(got, []byte{7, 0, 0, 0, 81, 0, 0, 0, 0, 0, 0, 0}) {
		t.Errorf("kernel with an encoded input: got %v, error %v, want task 7 with the value 81", got, err)
	}
	if _, err := w.Kernel.Call(t.Context(), nil, src[:3]); err == nil {
		t.Error("kernel with an encoded input that lacks the task number: no error")
	}
	k.Out.Append = nil
	if _, err := Of("squares", k, func(i int) uint64 { return 0 }).New(Params{}); err == nil {
		t.Error("workload with a kernel that lacks an encoder: no error")
	}
	if _, err := w.New(Params{Grain: 1}); err == nil {
		t.Error("a grain for a workload without parameters: no error")
	}
}
