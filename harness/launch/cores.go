package launch

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"

	"github.com/payoff-bench/payoff/harness/affinity"
)

// A parallelism says how many threads of this process can run at the same time. It holds the value
// of GOMAXPROCS and the cores on which at least one thread may run. The cores are nil if they are
// unknown.
type parallelism struct {
	procs int
	cores []int
}

func readParallelism() parallelism {
	p := parallelism{procs: runtime.GOMAXPROCS(0)}
	threads, _ := os.ReadDir("/proc/self/task") // other systems lack it, and affinity too
	all := map[int]bool{}
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err != nil {
			continue
		}
		cores, err := affinity.Cores(id)
		if err != nil { // the thread has ended
			continue
		}
		for _, core := range cores {
			all[core] = true
		}
	}
	if len(all) > 0 {
		p.cores = slices.Sorted(maps.Keys(all))
	}
	return p
}

// since returns an error if p, which was read after the jobs, differs from was, which was read
// before them. A task or another process has then changed the parallelism, so the makespans are not
// those of a job on the cell's cores.
func (p parallelism) since(was parallelism) error {
	switch {
	case p.procs != was.procs:
		return fmt.Errorf("GOMAXPROCS is %d after the jobs and was %d: a task changed it, so the times are not those of %d cores", p.procs, was.procs, was.procs)
	case !slices.Equal(p.cores, was.cores):
		return fmt.Errorf("the launch may use the cores %s after the jobs, and could use %s before: a task or another process changed the affinity", affinity.FormatList(p.cores), affinity.FormatList(was.cores))
	}
	return nil
}
