package harness

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// A Block is a set of cells that are compared with each other and therefore measured together:
// one task on one core count, the direct loop first.
type Block struct {
	Suite   string
	Task    Task
	Cores   int
	MinTime time.Duration
	Cells   []Cell
}

// A Plan determines what a run launches and in which order. It is a pure function of the blocks
// and the seed, so an interrupted run can resume in the order it would have had.
type Plan struct {
	Blocks []Block // a block's number is its index
	Seed   uint64  // for the order of launches and for the tasks
	Rounds int     // 0 for as many as the time budget allows
	// Waits reports whether the tasks of a workload mostly wait, which puts their cells into
	// [WaitClass]. If it is nil, no tasks do.
	Waits func(workload string) bool
}

// A Launch is one process to start: it measures a cell, or a cell's twin.
type Launch struct {
	Cell Cell
	Twin bool
}

// A Turn is one measurement of a block: its launches in order.
type Turn struct {
	Block    int // number in the plan
	Launches []Launch
}

// Round returns the turns of round r, one for each block.
//
// The order of blocks is a new random permutation in each round. The cells of a block follow a
// Williams design. Over as many rounds as the block has cells, each cell has each position
// once. If their number is even, each cell follows each other cell equally often; if it is odd,
// that takes twice as many rounds. In each round, one cell of each [Class] has a twin, at a random
// position in its block; all cells of the class take turns.
func (p Plan) Round(r int) (turns []Turn) {
	twins := p.twins(r)
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

// Digest returns a short text that is equal for two plans with the same cells and minimum times
// in the same blocks.
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

// Tasks returns the distinct tasks of the plan, in plan order.
func (p Plan) Tasks() (tasks []Task) {
	for _, b := range p.Blocks {
		if !slices.Contains(tasks, b.Task) {
			tasks = append(tasks, b.Task)
		}
	}
	return tasks
}

// row returns the order of block b's cells in round r: a row of a Williams design with random
// labels and a random order of rows. Both are drawn again when all rows have been used.
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
		if i >= k { // for odd k, mirrored rows complete the balance
			at = k - 1 - place
		}
		row[at] = label[(step+shift[i%k])%k]
	}
	return row
}

// twins returns the cells that are launched twice in round r, by block: one of each class, of plain
// tasks if the class has any. Tasks that work on memory, fail or start cold vary in their own way.
func (p Plan) twins(r int) map[int][]Cell {
	type place struct{ block, cell int }
	plain, all := map[Class][]place{}, map[Class][]place{}
	for b := range p.Blocks {
		for i, c := range p.Blocks[b].Cells {
			if c.Rate > 0 { // an open loop has no makespan
				continue
			}
			class := ClassOf(c, p.Waits != nil && p.Waits(c.Workload))
			all[class] = append(all[class], place{b, i})
			if c.Memory == 0 && c.Shape == "" && c.Tasks == 0 {
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
		if len(places) == 0 {
			continue
		}
		p.rng(twinStream, uint64(n)).Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
		at := places[r%len(places)]
		twins[at.block] = append(twins[at.block], p.Blocks[at.block].Cells[at.cell])
	}
	return twins
}

// Uses of the seed; each has its own random sequence.
const (
	orderStream = iota + 1
	cellStream
	twinStream
)

func (p Plan) rng(stream, n uint64) *rand.Rand {
	return rand.New(rand.NewPCG(p.Seed+n*0x9e3779b97f4a7c15, stream))
}

// Bounds on the size of a job.
const (
	serialTime = 50 * time.Millisecond  // most time of the direct loop,
	fewest     = 64                     // unless so few tasks take longer, which they may
	longest    = 500 * time.Millisecond // up to this
	most       = 1 << 24                // largest number of tasks
)

// JobSize returns the number of tasks in a job when one task takes work alone and at most workers
// run at once: a power of two, at least 64, for which the direct loop takes 25 to 50 ms. If 64
// tasks would take more than 0.5 s, it returns the number that fits into 0.5 s, at least one
// for each worker, and sets subsample.
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

// FewestRounds is the least number of rounds in which a block is measured, unless the plan or the
// budget allows fewer.
const FewestRounds = 6

// A Standing says whether the samples of a question answer it, or how much more to measure.
type Standing struct {
	Answered bool
	Rounds   int    // estimated total of rounds needed; 0 if answered or unknown
	Open     string // description of the pair of cells that is farthest from an answer
}
