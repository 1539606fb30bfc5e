package suite

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/workloads"
)

// Candidates are the cells among which payoff advise chooses for one task.
type Candidates struct {
	// First has the blocks that are measured first, each with the direct loop as its first cell. A
	// model that is fitted to them predicts the makespans of the other candidates.
	First []harness.Block
	// All has all candidates, except the direct loop. If two candidates are equally good, the
	// simpler one comes first.
	All []harness.Cell
}

// Limits of the values that candidates have, and of the numbers of values in the blocks that are
// measured first.
const (
	mostChunk     = 1024
	mostWaiting   = 256 // workers of strategies whose workers are goroutines
	mostProcesses = 16
	firstChunks   = 4
	firstWorkers  = 5
)

// A variant is a strategy with settings, as lines of a [[block.cell]] table.
type variant struct {
	lines   string
	workers int // largest number of workers, for tasks that wait; 1 for a strategy with one worker
}

// Candidates returns the candidates for the task t on a number of cores. The argument work is the
// time that the task takes in the direct loop.
//
// Tasks that compute have one worker for each core, or twice or half as many, and chunks of up to an
// eighth of a worker's share of the job. Tasks that wait have chunks of one task, and up to as many
// workers as the job has tasks.
func (c Catalog) Candidates(t harness.Task, work time.Duration, cores int) (out Candidates, err error) {
	w, err := harness.Find(c.Workloads, "workload", t.Workload, func(w workloads.Workload) string { return w.Name })
	if err != nil {
		return out, err
	}
	if w.Loop != "" {
		return out, fmt.Errorf("workload %s is for pools of Python; this command compares them: payoff run --workload %s", w.Name, w.Name)
	}
	var lacking []error
	c.Lacking = func(_ harness.Cell, why error) { lacking = append(lacking, why) }
	tasks, _ := harness.JobSize(work, 2*cores)
	chunks := max(1, min(tasks/(8*cores), mostChunk))
	var policies []string
	for _, v := range c.variants(w, t) {
		if w.Waits {
			cell, grid := v.lines, [2][]int{}
			if most := min(v.workers, tasks); most > 1 {
				cell, grid = cell+list("workers", powers(2, most, firstWorkers)), [2][]int{{1}, powers(2, most, math.MaxInt)}
			}
			err = c.candidates(&out, w, t, cores, []string{cell}, grid)
		} else {
			few, all := powers(1, chunks, firstChunks), powers(1, chunks, math.MaxInt)
			crews := []int{cores, 2 * cores}
			if cores > 2 {
				crews = append(crews, cores/2)
			}
			cells := []string{v.lines + list("chunk", few) + list("workers", crews[:1]), v.lines + list("chunk", few[len(few)/2:len(few)/2+1]) + list("workers", crews[1:])}
			if len(few) < firstChunks && cores > 1 { // few chunks give too few cells for a fit
				cells = append(cells, v.lines+list("workers", []int{1}))
			}
			err = c.candidates(&out, w, t, cores, cells, [2][]int{all, crews})
			policies = append(policies, v.lines+"chunk = \"auto\"\n")
		}
		if err != nil {
			return out, err
		}
	}
	if len(policies) > 0 {
		err = c.candidates(&out, w, t, cores, policies, [2][]int{})
	}
	if err == nil && len(out.First) == 0 {
		err = errors.Join(append(lacking, fmt.Errorf("no strategy of this program can run workload %s", w.Name))...)
	}
	return out, err
}

// variants returns the strategies of the catalog that may be the best for the workload.
func (c Catalog) variants(w workloads.Workload, t harness.Task) (all []variant) {
	for _, v := range []struct {
		name, settings string
		workers        int
		fits           bool
	}{
		{"pool", "", mostWaiting, true},
		{"steal", "", mostWaiting, !w.Waits},
		{"loop", "", 1, w.Waits && w.Kernel.Resumes()},
		{harness.Processes, "", mostProcesses, true},
		{harness.Processes, "transport = \"shm\"\n", mostProcesses, !w.Waits},
		{harness.Processes, "transport = \"shm\"\ncodec = \"reference\"\n", mostProcesses, t.Payload >= largeNeed && slices.Contains(w.Codecs, workloads.Reference)},
	} {
		for _, s := range c.Strategies {
			if s.Name == v.name && v.fits {
				all = append(all, variant{fmt.Sprintf("strategy = %q\n%s", v.name, v.settings), v.workers})
			}
		}
	}
	return all
}

// candidates adds a block with the given cells to out.First, and the cells to out.All. It also adds
// variants of the block's first cell to out.All, with all combinations of chunks and workers in
// grid.
func (c Catalog) candidates(out *Candidates, w workloads.Workload, t harness.Task, cores int, cells []string, grid [2][]int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "question = \"advise\"\nmin-time = \"50ms\"\n\n[[block]]\nworkload = %q\n", w.Name)
	for _, key := range []string{"grain", "batch", "payload", "memory"} {
		a, _ := harness.AllAxes().Find(key)
		if n := *a.Int(&harness.Cell{Task: t}); n > 0 {
			b.WriteString(list(key, []int{n}))
		}
	}
	for _, cell := range cells {
		b.WriteString("\n[[block.cell]]\n" + cell)
	}
	made, err := Parse("advise.toml", []byte(b.String()))
	var blocks []harness.Block
	if err == nil {
		blocks, err = c.Matrix([]Suite{made}, []int{cores})
	}
	if bad := (*Error)(nil); errors.As(err, &bad) { // the error names a suite file, which does not exist
		return errors.New(bad.Reason)
	}
	if err != nil {
		return err
	}
	add := func(cell harness.Cell) {
		if !slices.Contains(out.All, cell) {
			out.All = append(out.All, cell)
		}
	}
	for _, block := range blocks {
		out.First = append(out.First, block)
		cell := block.Cells[1]
		for _, n := range grid[1] {
			for _, k := range grid[0] {
				cell.Workers, cell.Chunk = n, harness.FixedChunk(k)
				add(cell)
			}
		}
		for _, cell := range block.Cells[1:] {
			add(cell)
		}
	}
	return nil
}

// powers returns at most n powers of two between least and most, evenly spaced, including the
// smallest and the largest. It returns least itself if most is smaller.
func powers(least, most, n int) (all []int) {
	first, last := bits.Len(uint(least))-1, bits.Len(uint(max(least, most)))-1
	n = min(n, last-first+1)
	for i := range n {
		all = append(all, 1<<(first+int(math.Round(float64(i*(last-first))/float64(max(1, n-1))))))
	}
	return all
}

// list returns the line of a suite file that sets the key to the list of values.
func list(key string, values []int) string {
	return fmt.Sprintf("%s = [%s]\n", key, strings.Join(strings.Fields(strings.Trim(fmt.Sprint(values), "[]")), ", "))
}
