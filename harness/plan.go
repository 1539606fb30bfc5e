package harness

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// A Block is the cells that are compared with each other and so are measured together:
// one task on one core count, the direct loop first.
type Block struct {
	Suite   string
	Task    Task
	Cores   int
	MinTime time.Duration
	Cells   []Cell
}

// A Plan is what a run launches, in which order. It is a pure function of the blocks, which
// follow from suites, filter and machine, and of the seed: these give the order of any
// round, so an interrupted run can be continued as it would have gone on.
type Plan struct {
	Blocks []Block // a block's number is its index here
	Seed   uint64  // of the order and of the tasks
	Rounds int     // 0 for as many as the time budget holds
	// Waits reports whether tasks of a workload mostly wait, which is a class of its own; nil
	// for none.
	Waits func(workload string) bool
}

// A Launch is one process to start: a cell, or the second of an A/A pair.
type Launch struct {
	Cell Cell
	Twin bool
}

// A Turn is one measurement of a block: its launches in their order.
type Turn struct {
	Block    int // number in the plan
	Launches []Launch
}

// Round returns the turns of round r, every block once.
//
// Blocks are in an order permuted afresh for each round. The cells of a block follow a
// Williams design: within as many rounds as the block has cells each stands once in
// each place, and for an even number of cells each follows each other cell equally
// often; for an odd number that takes twice as many rounds. One cell of each [Class] has a
// twin, at a random place of its block; over the rounds that is each cell of the class in turn.
func (p Plan) Round(r int) []Turn {
	twins := p.twins(r)
	rng := p.rng(orderStream, uint64(r))
	turns := make([]Turn, 0, len(p.Blocks))
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

// Digest returns a short text that two plans share if they launch the same cells, for the
// same minimum times, in the same blocks.
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

// Tasks returns the tasks of the plan, in plan order.
func (p Plan) Tasks() (tasks []Task) {
	for _, b := range p.Blocks {
		if !slices.Contains(tasks, b.Task) {
			tasks = append(tasks, b.Task)
		}
	}
	return tasks
}

// row returns the order of block b's cells in round r: row r of a Williams design over
// the cells in a random order, its rows in random order too, drawn again whenever all
// rows have been used.
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
		// 0, 1, k-1, 2, k-2, … shifted: each difference of neighbours occurs once.
		step := (place + 1) / 2
		if place%2 == 0 {
			step = k - step
		}
		at := place
		if i >= k { // the mirror image of a row balances what an odd k leaves
			at = k - 1 - place
		}
		row[at] = label[(step+shift[i%k])%k]
	}
	return row
}

// twins returns the cells that are launched twice in round r, by block: one of each class.
func (p Plan) twins(r int) map[int][]Cell {
	type place struct{ block, cell int }
	all := map[Class][]place{}
	for b := range p.Blocks {
		for i, c := range p.Blocks[b].Cells {
			if c.Rate == 0 { // an open loop has no makespan
				class := ClassOf(c, p.Waits != nil && p.Waits(c.Workload))
				all[class] = append(all[class], place{b, i})
			}
		}
	}
	twins := map[int][]Cell{}
	for n, class := range Classes() {
		places := all[class]
		if len(places) == 0 {
			continue
		}
		p.rng(twinStream, uint64(n)).Shuffle(len(places), func(i, j int) { places[i], places[j] = places[j], places[i] })
		at := places[r%len(places)]
		twins[at.block] = append(twins[at.block], p.Blocks[at.block].Cells[at.cell])
	}
	return twins
}

// What the seed is used for: each has a sequence of its own.
const (
	orderStream = iota + 1
	cellStream
	twinStream
)

func (p Plan) rng(stream, n uint64) *rand.Rand {
	return rand.New(rand.NewPCG(p.Seed+n*0x9e3779b97f4a7c15, stream))
}

// The size of a job.
const (
	serialTime = 50 * time.Millisecond  // what the direct loop should take, about
	fewest     = 64                     // tasks of a job, unless that takes
	longest    = 500 * time.Millisecond // or more
	most       = 1 << 24
)

// JobSize returns how many tasks a job has when one takes work alone, and at most workers
// run at once: a power of two for which the direct loop takes about 50 ms, at least 64.
// Where those would take it over 0.5 s the job is cut down to that, though not below
// one task for each worker, and subsample is set.
func JobSize(work time.Duration, workers int) (n int, subsample bool) {
	work = max(work, 1)
	if fewest*work > longest {
		return max(int(longest/work), workers, 1), true
	}
	n = fewest
	// The next size up is nearer, by ratio, as long as half again of it fits.
	for n < most && time.Duration(n)*work*3/2 <= serialTime {
		n *= 2
	}
	return n, false
}

// FewestRounds is how many rounds a block has at least, unless the plan or the budget has
// fewer.
const FewestRounds = 6

// A Standing says how far the samples of a question, which is one task on some cores, answer it.
type Standing struct {
	Answered bool
	Rounds   int    // that may answer it in all; 0 where it is answered or that is not known
	Open     string // the two cells that are farthest from an answer, in words
}
