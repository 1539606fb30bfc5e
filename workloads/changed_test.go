package workloads

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"slices"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
)

// TestChangedInput checks that Digest notices a kernel that sorts its input in place: after the first
// job, the loop would sort slices that are already sorted.
func TestChangedInput(t *testing.T) {
	inputs := func(i int) []int { return []int{3 + i, 1, 2} }
	for name, c := range map[string]struct {
		kernel func(context.Context, []int) (int, error)
		bad    bool
	}{
		"sorts the input": {func(_ context.Context, x []int) (int, error) { slices.Sort(x); return x[0], nil }, true},
		"sorts a copy":    {func(_ context.Context, x []int) (int, error) { return slices.Sorted(slices.Values(x))[0], nil }, false},
	} {
		w := Of("sorts", strategies.Kernel[[]int, int]{Name: "sorts", Func: c.kernel, In: raw.Slice[int](), Out: raw.One[int]()}, inputs)
		l := prepared(t, w, 2*mostChecked+1)
		err := l.Direct(t.Context())
		if err == nil {
			_, err = l.Digest()
		}
		var changed *ChangedError
		if errors.As(err, &changed) != c.bad || err != nil && !c.bad {
			t.Errorf("a kernel that %s: error %v", name, err)
		}
	}
}

// TestUnsteadyCodec checks that a codec which encodes the same map in several ways is no change.
func TestUnsteadyCodec(t *testing.T) {
	codec := strategies.Codec[map[int]int]{
		Append: func(dst []byte, m map[int]int) ([]byte, error) {
			b := bytes.NewBuffer(dst)
			err := gob.NewEncoder(b).Encode(m)
			return b.Bytes(), err
		},
		Decode: func(src []byte) (m map[int]int, err error) {
			return m, gob.NewDecoder(bytes.NewReader(src)).Decode(&m)
		},
	}
	k := strategies.Kernel[map[int]int, int]{Name: "maps", In: codec, Out: raw.One[int](),
		Func: func(_ context.Context, m map[int]int) (int, error) { return m[1], nil }}
	l := prepared(t, Of("maps", k, func(i int) map[int]int { return map[int]int{1: i, 2: i} }), 50)
	err := l.Direct(t.Context())
	if err == nil {
		_, err = l.Digest()
	}
	if err != nil {
		t.Error(err)
	}
}

func prepared(t *testing.T, w Workload, tasks int) Load {
	l, err := w.New(Params{})
	if err == nil {
		err = l.Inputs(tasks)
	}
	if err != nil {
		t.Fatal(err)
	}
	return l
}
