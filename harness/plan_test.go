package harness

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

// plan returns a plan with one block for each element of sizes. The element is the number of cells
// in the block.
func plan(seed uint64, sizes ...int) Plan {
	p := Plan{Seed: seed}
	for i, n := range sizes {
		b := Block{Task: Task{Workload: "spin", Grain: i + 1}, Cores: 2}
		for j := range n {
			c := Cell{Task: Task{Workload: "spin", Grain: i + 1}, Strategy: Direct, Workers: 1, Cores: 2, Chunk: FixedChunk(max(1, j)), Order: MapOrder}
			if j > 0 {
				c.Strategy = "pool"
			}
			b.Cells = append(b.Cells, c)
		}
		p.Blocks = append(p.Blocks, b)
	}
	return p
}

func TestRoundHasEveryCellOnceAndOneTwin(t *testing.T) {
	p := plan(7, 6, 1, 5)
	for r := range 40 {
		seen := map[Cell]int{}
		twins := 0
		for _, turn := range p.Round(r) {
			for _, l := range turn.Launches {
				if l.Cell.Task != p.Blocks[turn.Block].Task {
					t.Fatalf("round %d: %s in block %d", r, l.Cell, turn.Block)
				}
				if l.Twin {
					twins++
				} else {
					seen[l.Cell]++
				}
			}
		}
		if len(seen) != 12 || twins != 1 {
			t.Fatalf("round %d: %d cells, %d twins", r, len(seen), twins)
		}
	}
}

func TestRoundFollowsFromTheSeed(t *testing.T) {
	a, b := plan(1, 6, 4, 3), plan(1, 6, 4, 3)
	if b.Round(3); !reflect.DeepEqual(a.Round(5), b.Round(5)) {
		t.Error("round 5 depends on earlier calls of Round")
	}
	if reflect.DeepEqual(a.Round(5), plan(2, 6, 4, 3).Round(5)) {
		t.Error("another seed, the same order")
	}
	if reflect.DeepEqual(a.Round(0), a.Round(6)) {
		t.Error("the order repeats")
	}
}

// TestOrderIsBalanced counts, over a full design, how often each cell has each position and
// follows each other cell.
func TestOrderIsBalanced(t *testing.T) {
	for k := 1; k <= 12; k++ {
		rows := k
		if k%2 == 1 {
			rows = 2 * k
		}
		p := plan(99, k)
		for start := 0; start < 3*rows; start += rows {
			place := make([][]int, k)
			follows := make([][]int, k)
			for i := range k {
				place[i], follows[i] = make([]int, k), make([]int, k)
			}
			for r := start; r < start+rows; r++ {
				row := p.row(0, r)
				for at, cell := range row {
					place[cell][at]++
					if at > 0 {
						follows[cell][row[at-1]]++
					}
				}
			}
			for i := range k {
				for j := range k {
					if place[i][j] != rows/k {
						t.Errorf("k=%d: cell %d stands %d times in place %d", k, i, place[i][j], j)
					}
					if i != j && follows[i][j] != rows/k {
						t.Errorf("k=%d: cell %d follows cell %d %d times", k, i, j, follows[i][j])
					}
				}
			}
		}
		// In the first k rounds alone, each cell has each position once.
		for at := range k {
			var cells []int
			for r := range k {
				cells = append(cells, p.row(0, r)[at])
			}
			if slices.Sort(cells); len(slices.Compact(cells)) != k {
				t.Errorf("k=%d: place %d has %v", k, at, cells)
			}
		}
	}
}

// TestTwinsOfLargePlans checks that a large plan has more twins in each round, all of different
// cells, and none with a large payload if there are others.
func TestTwinsOfLargePlans(t *testing.T) {
	p := plan(1, 90, 90, 20)
	for i := range p.Blocks[2].Cells {
		p.Blocks[2].Cells[i].Payload = 1 << 20
	}
	for r := range 10 {
		seen := map[Cell]bool{}
		for _, cells := range p.twins(r) {
			for _, c := range cells {
				seen[c] = true
				if c.Payload > 0 {
					t.Errorf("round %d launches a cell with a payload of %d bytes twice", r, c.Payload)
				}
			}
		}
		if len(seen) != 3 {
			t.Errorf("round %d launches %d cells twice, want 3", r, len(seen))
		}
	}
}

// TestTwinsTakeTurns checks that each round has a twin of each class in the plan, and that all cells
// of a class take turns.
func TestTwinsTakeTurns(t *testing.T) {
	p := plan(3, 3, 6, 5)
	p.Waits = func(workload string) bool { return workload == "sleep" }
	for i := range p.Blocks[1].Cells {
		p.Blocks[1].Cells[i].Workload = "sleep"
	}
	p.Blocks[2].Cells[1].Strategy = Processes
	p.Blocks[2].Cells[2].Rate = 100
	p.Blocks[2].Cells[3].Memory = 1 << 20 // never launched twice, because its class has plain tasks
	seen, classes := map[Cell]int{}, map[Class]int{}
	const rounds = 36
	for r := range rounds {
		for _, cells := range p.twins(r) {
			for _, c := range cells {
				seen[c]++
				classes[ClassOf(c, p.Waits(c.Workload))]++
			}
		}
	}
	if len(classes) != 3 || classes[FineClass] != rounds || classes[ProcessClass] != rounds || classes[WaitClass] != rounds {
		t.Errorf("got classes %v", classes)
	}
	if want := 3 + 6 + 3; len(seen) != want {
		t.Errorf("%d cells had twins, want %d", len(seen), want)
	}
}

func TestJobSize(t *testing.T) {
	for _, c := range []struct {
		work    time.Duration
		workers int
		n       int
		cut     bool
	}{
		{0, 2, 1 << 24, false},
		{100, 2, 1 << 18, false},
		{time.Microsecond, 2, 1 << 15, false},
		{time.Millisecond, 2, 64, false},
		{7 * time.Millisecond, 2, 64, false},
		{10 * time.Millisecond, 2, 50, true},
		{time.Second, 2, 2, true},
		{time.Second, 16, 16, true},
	} {
		if n, cut := JobSize(c.work, c.workers); n != c.n || cut != c.cut {
			t.Errorf("%v on %d: %d %t", c.work, c.workers, n, cut)
		}
	}
	for w := time.Duration(10); w < 100*time.Microsecond; w += w/3 + 1 {
		n, _ := JobSize(w, 2)
		if d := time.Duration(n) * w; n < 1<<24 && (d <= serialTime/2 || d > serialTime) {
			t.Errorf("%v: %d tasks take %v", w, n, d)
		}
	}
}
