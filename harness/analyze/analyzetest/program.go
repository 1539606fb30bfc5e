package analyzetest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// Program returns a run that measured a program as a task, on two cores with 1, 2, 4 and 8 workers.
// The input file has the given number of lines, and the run measured as many of them as inputs
// says. Two workers are the fastest by 5 %. The input in line n takes n times 10 ms. The first
// launch of the direct loop is starved.
func Program(info harness.Info, inputs, lines, rounds int) (harness.Info, []harness.Sample) {
	g := newGenerator(5, 7, 0.002)
	task := harness.Task{Workload: "command"}
	job := harness.Job{Task: task, Tasks: inputs, Subsample: inputs < lines, Inputs: harness.Selection{Of: lines}}
	for _, i := range rand.New(rand.NewPCG(3, 3)).Perm(lines)[:inputs] {
		job.Inputs.Lines = append(job.Inputs.Lines, i+1)
		job.Inputs.Texts = append(job.Inputs.Texts, fmt.Sprintf("file %d.txt", i+1))
		job.Work += float64(i+1) * 1e7 / float64(inputs)
	}
	info.Jobs = []harness.Job{job}
	info.Suites, info.Program, info.Inputs, info.Folder = []string{"command"}, []string{"/usr/bin/gzip", "-c", "{}"}, "/home/me/my files.txt", "/home/me"
	info.Precision = 0.05
	info.Spent.Wall = time.Minute
	for g.round = range rounds {
		for _, workers := range []int{0, 1, 2, 4, 8} {
			c := harness.Cell{Task: task, Strategy: "pool", Workers: workers, Cores: 2, Chunk: "1", Order: harness.MapOrder}
			cost := 1.05
			switch workers {
			case 0:
				c.Strategy, c.Workers, cost = harness.Direct, 1, 2
			case 1:
				cost = 2.02
			case 2:
				cost = 1
			}
			values := g.add(c, job.Work*cost/2, false)
			values[harness.UnitTasks] = float64(inputs)
			s := &g.out[len(g.out)-1]
			s.Reps, s.Subsample = 1, job.Subsample
			for _, line := range job.Inputs.Lines {
				s.Inputs = append(s.Inputs, float64(line)*1e7*(1+0.01*float64(g.round)))
			}
			if g.round == 0 && workers == 0 {
				s.Inputs[0] *= 9
				s.Marks = []string{harness.MarkStarved}
			}
		}
	}
	return info, g.out
}
