package harness

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// A Block is a set of cells that are compared with each other and therefore measured together. All
// cells have the same task and number of cores. The first cell is the direct loop.
type Block struct {
	Suite   string
	Task    Task
	Cores   int
	MinTime time.Duration
	Cells   []Cell
}

// A Plan determines which cells a run launches and in which order. The order depends only on the
// blocks and the seed, so a resumed run continues in the order of the interrupted run.
type Plan struct {
	Blocks []Block // a block's number is its index
	Seed   uint64  // seed of the order of launches and of the tasks
	Rounds int     // largest number of rounds; 0 for as many as the time budget allows
	// Waits reports whether the tasks of a workload mostly wait. Cells of such a workload are
	// in [WaitClass]. If Waits is nil, no workload waits.
	Waits func(workload string) bool
	// Search is set if a round of the run measures only one block, and not all blocks. Each
	// block then has its own count of rounds.
	Search bool
}

// A Launch is one planned launch: a process that measures a cell once. Twin is set for the second
// launch of the same cell in a round.
type Launch struct {
	Cell Cell
	Twin bool
}

// A Turn is one measurement of a block: a sequence of launches with each cell of the block.
type Turn struct {
	Block    int // number of the block in the plan
	Launches []Launch
}

// Round returns the measurements of round r: one [Turn], with the launches of a block, for each
// block of the plan.
//
// Each round has a new random order of blocks. The order of the cells of a block follows a Williams
// design: in k rounds, each of the k cells is at each position once. Over these rounds (or over 2k
// rounds, if k is odd), each cell also directly follows each other cell equally often.
//
// In each round, some cells of each [Class] are launched twice, the second time at a random position
// in their block: one cell, and another for every pairEvery cells of the plan. The next round
// launches other cells of the class twice, if the class has them.
func (p Plan) Round(r int) (turns []Turn) {
	twins := p.twins(r)
	if p.Search {
		twins = p.searchTwins(r)
	}
	rng := p.rng(orderStream, uint64(r))
	for _, b := range rng.Perm(len(p.Blocks)) {
		cells := p.Blocks[b].Cells
		var launches []Launch
		for _, i := range p.row(b, r) {
			launches = append(launches, Launch{Cell: cells[i]})
		}
		for _, twin := range twins[b] {
			launches = slices.Insert(launches, rng.IntN(len(launches)+1), Launch{twin, true})
		}
		turns = append(turns, Turn{b, launches})
	}
	return turns
}

// Digest returns a short text that identifies the blocks of the plan. Two plans have the same text
// if their blocks have the same cells and minimum times, in the same order.
func (p Plan) Digest() string {
	h := sha256.New()
	cells := 0
	for _, b := range p.Blocks {
		fmt.Fprintf(h, "block %v\n", b.MinTime)
		for _, c := range b.Cells {
			fmt.Fprintln(h, c)
		}
		cells += len(b.Cells)
	}
	return fmt.Sprintf("%d blocks with %d cells, %x", len(p.Blocks), cells, h.Sum(nil)[:8])
}

// Tasks returns the distinct tasks of the plan's blocks, in the order of the blocks.
func (p Plan) Tasks() (tasks []Task) {
	for _, b := range p.Blocks {
		if !slices.Contains(tasks, b.Task) {
			tasks = append(tasks, b.Task)
		}
	}
	return tasks
}

// row returns the order in which round r launches the cells of block b, as indexes of the cells.
// The order is a row of a Williams design; see [Plan.Round]. The design and the order of its rows
// are random. When all rows have been used, row makes a new design.
func (p Plan) row(b, r int) []int {
	k := len(p.Blocks[b].Cells)
	rows := k
	if k%2 == 1 {
		rows = 2 * k
	}
	rng := p.rng(cellStream, uint64(b)<<32|uint64(r/rows))
	label, shift := rng.Perm(k), rng.Perm(k)
	row := make([]int, k)
	i := r % rows
	for place := range k {
		// Positions 0, 1, k-1, 2, k-2, … plus a shift: each difference of neighbours occurs once.
		step := (place + 1) / 2
		if place%2 == 0 {
			step = k - step
		}
		at := place
		if i >= k { // k is odd, and the mirrored rows complete the balance
			at = k - 1 - place
		}
		row[at] = label[(step+shift[i%k])%k]
	}
	return row
}

// A round launches one more cell of each class twice for every pairEvery cells of the plan. With one
// pair per round, a single noisy cell would decide for a large suite that the whole class is noisy.
const pairEvery = 100

// Jobs whose payloads have at least pageable bytes have makespans that depend on the state of the
// memory, because the system maps and moves such payloads page by page.
const pageable = 64 << 10

// twins returns the cells of each [Class] that round r launches twice, keyed by block number. It
// prefers cells whose makespans vary only for the reasons that their class stands for. So it avoids
// cells whose tasks work on memory, have large payloads or fail, and cells whose jobs have a fixed
// number of tasks.
func (p Plan) twins(r int) map[int][]Cell {
	type place struct{ block, cell int }
	plain, all := map[Class][]place{}, map[Class][]place{}
	cells := 0
	for b := range p.Blocks {
		cells += len(p.Blocks[b].Cells)
		for i, c := range p.Blocks[b].Cells {
			if c.Rate > 0 { // an open loop has no makespan
				continue
			}
			class := ClassOf(c, p.Waits != nil && p.Waits(c.Workload))
			all[class] = append(all[class], place{b, i})
			if c.Memory == 0 && c.Payload < pageable && c.Shape == "" && c.Tasks == 0 {
				plain[class] = append(plain[class], place{b, i})
			}
		}
	}
	twins := map[int][]Cell{}
	for n, class := range Classes() {
		places := plain[class]
		if len(places) == 0 {
			places = all[class]
		}
		p.rng(twinStream, uint64(n)).Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
		pairs := min(1+cells/pairEvery, len(places))
		for i := range pairs {
			at := places[(r*pairs+i)%len(places)]
			twins[at.block] = append(twins[at.block], p.Blocks[at.block].Cells[at.cell])
		}
	}
	return twins
}

// searchTwins returns the cells that are launched twice in round r of a search, keyed by block
// number. In every third round, it is one cell of each block: the first cell, then the second, and
// so on.
func (p Plan) searchTwins(r int) map[int][]Cell {
	const each = 3
	twins := map[int][]Cell{}
	if r%each == each-1 {
		for i, b := range p.Blocks {
			twins[i] = []Cell{b.Cells[r/each%len(b.Cells)]}
		}
	}
	return twins
}

// The purposes of random numbers in a plan. Each purpose has its own sequence from the seed.
const (
	orderStream = iota + 1
	cellStream
	twinStream
)

func (p Plan) rng(stream, n uint64) *rand.Rand {
	return rand.New(rand.NewPCG(p.Seed+n*0x9e3779b97f4a7c15, stream))
}

// Bounds on the number of tasks in a job.
const (
	serialTime = 50 * time.Millisecond  // longest time of the direct loop over a job of more than 64 tasks
	fewest     = 64                     // least number of tasks in a job that is not a subsample
	longest    = 500 * time.Millisecond // longest time of the direct loop over 64 tasks; jobs of longer tasks are subsamples
	most       = 1 << 24                // largest number of tasks
)

// JobSize returns the number of tasks in a job: a power of two for which the direct loop takes 25
// to 50 ms, but at least 64. The argument work is the time that one task takes alone. The argument
// workers is the largest number of workers of all cells with the task.
//
// If 64 tasks would take more than 0.5 s, JobSize returns the number of tasks that take 0.5 s, but
// at least one task for each worker, and sets the result subsample.
func JobSize(work time.Duration, workers int) (n int, subsample bool) {
	work = max(work, 1)
	if fewest*work > longest {
		return max(int(longest/work), workers, 1), true
	}
	n = fewest
	for n < most && time.Duration(2*n)*work <= serialTime {
		n *= 2
	}
	return n, false
}

// MaxMinTime is the largest minimum time that a suite can set for the timed part of a launch.
const MaxMinTime = time.Minute

// FewestRounds is the least number of rounds that a verdict needs. Each block is measured in this
// many rounds, unless the plan or the budget allows fewer.
const FewestRounds = 6

// A Standing says whether the samples so far answer a [Question] and, if not, how many rounds an
// answer needs.
type Standing struct {
	Answered bool
	Rounds   int    // estimated total number of rounds that an answer needs; 0 if answered or unknown
	Open     string // description of the pair of cells that is farthest from an answer
}
