package chunk

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// sizes hands out n tasks by policy p and returns the chunk sizes. Each task takes the time given
// by the parameter task.
func sizes(p Policy, n, workers int, task time.Duration) (chunks []int) {
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
		policy  Policy
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
		{"no estimate", 0, 0, 1},
		{"doubles", 8, time.Microsecond, 16},
		{"reaches its target", 800, time.Microsecond, 1000},
		{"shrinks at once", 1000, 500 * time.Microsecond, 2},
		{"never below one", 1000, time.Second, 1},
	} {
		claim.Last, claim.Task = c.last, c.task
		if got := max(1, Auto{}.Size(claim)); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// After a call of More, a Sizer still has its estimate of the time per task. Time that passes until
// the next chunk does not change the estimate.
func TestSizerMore(t *testing.T) {
	z := NewSizer(Auto{}, 1000, 2, time.Millisecond)
	for _, c := range []struct {
		more int
		took time.Duration
		left int
		want int
	}{
		{0, 0, 1000, 1},
		{0, 10 * time.Microsecond, 999, 2},
		{0, 20 * time.Microsecond, 997, 4},
		{500, 0, 500, 8},
		{0, 8 * time.Millisecond, 492, 1}, // the tasks became slower
		{0, time.Millisecond, 491, 1},
	} {
		if c.more > 0 {
			z.More(c.more)
		}
		if got := z.after(c.took, c.left); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
	if z.next.Total != 500 {
		t.Errorf("total is %d tasks", z.next.Total)
	}
}

// makespan simulates a job whose workers claim chunks from one counter, and returns its makespan in
// ns. tasks[i] is the time of task i in ns, and handOver the time of each hand-over. Automatic
// chunks aim at the duration target.
func makespan(p Policy, tasks []int, workers, handOver int, target time.Duration) int {
	sizers, free, took := make([]Sizer, workers), make([]int, workers), make([]int, workers)
	for w := range sizers {
		sizers[w] = NewSizer(p, len(tasks), workers, target)
	}
	for next := 0; next < len(tasks); {
		w := slices.Index(free, slices.Min(free))
		size := sizers[w].fixed
		if size == 0 {
			size = sizers[w].after(time.Duration(took[w]), len(tasks)-next)
		}
		took[w] = handOver
		for range min(size, len(tasks)-next) {
			took[w] += tasks[next]
			next++
		}
		free[w] += took[w]
	}
	return slices.Max(free)
}

// A job with automatic chunks takes at most 10 % longer than with the best fixed chunk size. The
// test varies the times of the tasks: all equal, log-normal with a coefficient of variation of 2,
// or ten times as long in the last tenth. It also varies the cost of a hand-over, which is higher
// for worker processes.
func TestAutoChunkRegret(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	spreads := []struct {
		name   string
		weight func(i, n int) float64
	}{
		{"alike", func(i, n int) float64 { return 1 }},
		{"log-normal", func(i, n int) float64 { return math.Exp(math.Sqrt(math.Log(5))*rng.NormFloat64()) / math.Sqrt(5) }},
		{"long last", func(i, n int) float64 {
			if i < n*9/10 {
				return 1 / 1.9
			}
			return 10 / 1.9
		}},
	}
	for _, where := range []struct {
		name     string
		handOver int
		target   time.Duration
		grains   []int
	}{
		{"goroutines", 150, Target, []int{20, 200, 2000, 20_000, 200_000}},
		{"processes", 5000, 200 * time.Microsecond, []int{200, 2000, 20_000, 200_000}},
	} {
		for _, grain := range where.grains {
			for _, spread := range spreads {
				for _, workers := range []int{2, 8} {
					tasks := make([]int, max(1000, 20_000_000/grain)) // with fewer tasks, chance picks the best size
					for i := range tasks {
						tasks[i] = int(float64(grain) * spread.weight(i, len(tasks)))
					}
					best, size := math.MaxInt, 0
					for k := 1; k <= len(tasks); k *= 2 {
						if d := makespan(Fixed(k), tasks, workers, where.handOver, where.target); d < best {
							best, size = d, k
						}
					}
					if d := makespan(Auto{}, tasks, workers, where.handOver, where.target); float64(d) > 1.1*float64(best) {
						t.Errorf("%d %s, %d ns, %s: %.1f %% over chunks of %d", workers, where.name, grain, spread.name, 100*(float64(d)/float64(best)-1), size)
					}
				}
			}
		}
	}
}

func TestParse(t *testing.T) {
	for _, p := range append(All(), Fixed(64)) {
		if got, err := Parse(p.String()); got != p || err != nil {
			t.Errorf("%s: %v, %v", p, got, err)
		}
	}
	for _, name := range []string{"", "0", "-1", "1.5", "some"} {
		if got, err := Parse(name); err == nil {
			t.Errorf("%q is %v", name, got)
		}
	}
}

// A shareOut is a policy that divides by the number of tasks that are left, and so panics if there
// are none.
type shareOut struct{}

func (shareOut) Size(c Claim) int { return c.Total / c.Left }
func (shareOut) String() string   { return "shareout" }

// When no task is left, a Sizer does not ask its policy for a size: the policy may divide by the
// number of tasks.
func TestNoneLeft(t *testing.T) {
	z := NewSizer(shareOut{}, 10, 2, Target)
	for _, left := range []int{10, 5, 0} {
		if n := z.Next(left); n < 1 {
			t.Errorf("%d of %d tasks", n, left)
		}
	}
}
