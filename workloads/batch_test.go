package workloads

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
)

// words returns a workload whose task i has a text of i%5 bytes. Its kernel applies the function
// apply.
func words(apply func(context.Context, string) (string, error)) Workload {
	k := strategies.Kernel[string, string]{Name: "words", Func: apply, In: raw.Text(), Out: raw.Text()}
	return Of("copies words", k, func(i int) string { return "abcd"[:i%5] })
}

func echoed(_ context.Context, s string) (string, error) { return s, nil }

// TestBatches checks that a batch has the outcomes of its inputs, in their order, with every
// strategy. This must also hold after the batch is encoded and decoded.
func TestBatches(t *testing.T) {
	w := words(echoed)
	pool, err := catalog.Named("pool").New(t.Context(), catalog.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	seen := map[uint64]int{}
	for _, batch := range []int{0, 1, 2, 7} {
		l := prepare(t, w, Params{Batch: batch}, 20)
		want := digest(t, l, l.Direct(t.Context()))
		for _, n := range []int{1, 3} {
			o := strategies.Options{Chunk: chunk.Fixed(n)}
			if got := digest(t, l, l.Map(t.Context(), pool, o)); got != want {
				t.Errorf("batches of %d inputs, map with chunks of %d: digest %x, want %x as in the direct loop", batch, n, got, want)
			}
			o.Order = strategies.CompletionOrder
			if got := digest(t, l, l.Stream(t.Context(), pool, o)); got != want {
				t.Errorf("batches of %d inputs, stream with chunks of %d: digest %x, want %x as in the direct loop", batch, n, got, want)
			}
		}
		seen[want] = batch
	}
	if len(seen) != 3 { // batch sizes 0 and 1 both mean a plain task
		t.Errorf("batch sizes by digest: %v; want three different digests", seen)
	}
	k := strategies.Kernel[string, string]{Name: "words", Func: echoed, In: raw.Text(), Out: raw.Text()}
	whole := batched(k)
	src, err := whole.In.Append([]byte("x"), []string{"ab", "", "c"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := whole.Call(t.Context(), nil, src[1:]); err != nil || !bytes.Equal(got, src[1:]) {
		t.Errorf("kernel with an encoded batch: got %q, error %v; want %q", got, err, src[1:])
	}
	if names, want := kernelNames(w), []string{"words", "words+stages", "words+batch", "words+batch+stages"}; !slices.Equal(names, want) {
		t.Errorf("a worker process serves the kernels %v, want %v", names, want)
	}
}

func kernelNames(w Workload) (names []string) {
	for _, k := range Kernels([]Workload{w}) {
		names = append(names, k.KernelName())
	}
	return names
}

// TestBatchOutcomesAreChecked checks two results of a batch. If an outcome is missing, doubled or
// in the wrong place, the batch must have no valid task number. If an outcome is wrong, the value
// of the batch must change.
func TestBatchOutcomesAreChecked(t *testing.T) {
	typed := batches(Typed[Numbered[string], Numbered[string]]{
		Number: func(out Numbered[string]) (int, uint64) { return int(out.Index), uint64(len(out.Value)) },
	}, 3)
	good := []Numbered[string]{{6, "a"}, {7, "bb"}, {8, "ccc"}}
	index, value := typed.Number(good)
	if index != 2 {
		t.Errorf("number of a good batch: got %d, want 2", index)
	}
	for name, outs := range map[string][]Numbered[string]{
		"empty":     nil,
		"missing":   good[:2],
		"doubled":   {good[0], good[0], good[2]},
		"exchanged": {good[1], good[0], good[2]},
		"shifted":   {good[1], good[2], {9, "a"}},
	} {
		if index, _ := typed.Number(outs); index != -1 {
			t.Errorf("batch whose outcomes are %s: got task number %d, want -1", name, index)
		}
	}
	if _, v := typed.Number([]Numbered[string]{{6, "bb"}, {7, "a"}, {8, "ccc"}}); v == value {
		t.Error("a batch with exchanged values of two inputs has the same value, want another")
	}
}

func TestBatchErrors(t *testing.T) {
	broken := errors.New("broken")
	w := words(func(_ context.Context, s string) (string, error) {
		if s == "abc" {
			return "", broken
		}
		return s, nil
	})
	l := prepare(t, w, Params{Batch: 4}, 3)
	if err := l.Direct(t.Context()); !errors.Is(err, broken) || err.Error() != "task 0: input 3 of the batch: broken" {
		t.Errorf("batch with an input that fails: got error %v", err)
	}
	l = prepare(t, words(echoed), Params{Batch: 4}, 3)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Direct(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("batch with a context that has ended: got error %v, want context.Canceled", err)
	}
	for _, batch := range []int{-1, MaxBatch + 1} {
		if _, err := words(echoed).New(Params{Batch: batch}); err == nil {
			t.Errorf("batch size %d, which is out of range: no error", batch)
		}
	}
	grained := Define(Workload{Name: "grained", Grains: true}, strategies.Kernel[Task, Outcome]{}, func(Params) (t Typed[Task, Outcome], err error) { return t, nil })
	if _, err := grained.New(Params{Grain: 1, Batch: 2}); grained.Batches() || err == nil {
		t.Error("a workload with a grain accepts batches, want a refusal")
	}
}

func FuzzBatchCodec(f *testing.F) {
	c := batchCodec(raw.Text())
	for _, batch := range [][]string{nil, {""}, {"a", "", "bc"}} {
		b, _ := c.Append(nil, batch)
		f.Add(b)
	}
	f.Add([]byte{1, 0, 0, 0})
	f.Add([]byte{255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, src []byte) {
		batch, err := c.Decode(src)
		if err != nil {
			return
		}
		if again, err := c.Append(nil, batch); err != nil || !bytes.Equal(again, src) {
			t.Errorf("bytes %q became %q after decoding and encoding, error %v", src, again, err)
		}
	})
}
