package strategies

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// sizes hands out n tasks by a policy and returns the chunks.
func sizes(p Chunk, n, workers int, task time.Duration) (chunks []int) {
	c := Claim{Total: n, Left: n, Workers: workers, Target: time.Millisecond}
	for c.Left > 0 {
		c.Last = max(1, min(p.Size(c), c.Left))
		c.Left -= c.Last
		c.Task = task
		chunks = append(chunks, c.Last)
	}
	return chunks
}

func TestChunks(t *testing.T) {
	for _, c := range []struct {
		policy  Chunk
		n       int
		workers int
		want    []int
	}{
		{Fixed(3), 8, 2, []int{3, 3, 2}},
		{Static{}, 10, 3, []int{4, 4, 2}},
		{Guided{}, 10, 2, []int{5, 3, 1, 1}},
		{Factoring{}, 16, 2, []int{4, 4, 2, 2, 1, 1, 1, 1}},
		{Quarters{}, 17, 2, []int{3, 3, 3, 3, 3, 2}},
		{Slices{}, 100, 1, slices.Repeat([]int{2}, 50)},
	} {
		if got := sizes(c.policy, c.n, c.workers, 0); !slices.Equal(got, c.want) {
			t.Errorf("%s: %d tasks among %d: %v, want %v", c.policy, c.n, c.workers, got, c.want)
		}
	}
}

func TestAutoChunk(t *testing.T) {
	claim := Claim{Total: 1 << 20, Left: 1 << 20, Workers: 2, Target: time.Millisecond}
	for _, c := range []struct {
		name string
		last int
		task time.Duration
		want int
	}{
		{"nothing is known", 0, 0, 1},
		{"grows twofold", 8, time.Microsecond, 16},
		{"reaches its target", 800, time.Microsecond, 1000},
		{"comes back at once", 1000, 500 * time.Microsecond, 2},
		{"never below one", 1000, time.Second, 1},
	} {
		claim.Last, claim.Task = c.last, c.task
		if got := max(1, Auto{}.Size(claim)); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestParseChunk(t *testing.T) {
	for _, p := range append(Chunks(), Fixed(64)) {
		if got, err := ParseChunk(p.String()); got != p || err != nil {
			t.Errorf("%s: %v, %v", p, got, err)
		}
	}
	for _, name := range []string{"", "0", "-1", "1.5", "some"} {
		if got, err := ParseChunk(name); err == nil {
			t.Errorf("%q is %v", name, got)
		}
	}
}

// Whatever the policy and the strategy, every task has its outcome.
func TestChunkedMap(t *testing.T) {
	for _, s := range Table() {
		t.Run(s.Name, func(t *testing.T) {
			ex, err := s.New(t.Context(), Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer ex.Close()
			rapid.Check(t, func(t *rapid.T) { chunkedMap(t, ex) })
		})
	}
}

func chunkedMap(t *rapid.T, ex Executor) {
	p := rapid.SampledFrom(append(Chunks(), Fixed(1), Fixed(7))).Draw(t, "chunk")
	in := slices.Collect(count(rapid.IntRange(0, 3000).Draw(t, "tasks")))
	out, err := Map(context.Background(), ex, double, in, Options{Chunk: p})
	if err != nil || len(out) != len(in) {
		t.Fatal(err)
	}
	for i, v := range out {
		if v != 2*i {
			t.Fatalf("task %d: %d", i, v)
		}
	}
}

// A chunk is handed over as a whole by strategies that hand over one by one, whatever
// the policy that sized it.
func TestDispatchedChunks(t *testing.T) {
	for _, c := range []struct {
		chunk Chunk
		want  []int
	}{
		{nil, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
		{Fixed(4), []int{4, 4, 2}},
		{Static{}, []int{5, 5}},
		{Guided{}, []int{5, 3, 1, 1}},
	} {
		d := newDispatcher("test", 2)
		var got []int
		d.hand = func(c *chunk) error {
			lo, hi := unpack(c.word.Load())
			got = append(got, int(hi-lo))
			c.run(d.desks.at(0))
			return nil
		}
		d.end = func() {}
		if _, err := Map(t.Context(), d, double, slices.Collect(count(10)), Options{Chunk: c.chunk}); err != nil {
			t.Error(err)
		}
		d.Close()
		if !slices.Equal(got, c.want) {
			t.Errorf("%v: chunks %v, want %v", c.chunk, got, c.want)
		}
	}
}
