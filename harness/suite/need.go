package suite

import (
	"fmt"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// needed returns the suite for a name such as "cpu=5us", which describes the tasks of a user. The
// suite compares the strategies that may be the best for such tasks; see [needCells].
func needed(name string) (Suite, error) {
	n, err := harness.ParseNeed(name)
	if err != nil {
		return Suite{}, err
	}
	s, err := Parse(strings.NewReplacer("=", "-", ",", "-").Replace(n.String())+".toml", needText(n))
	if err != nil {
		return s, fmt.Errorf("task %s: %w", name, err)
	}
	return s, nil
}

// NeedBudget returns the time budget of the suite for the tasks that n describes. It is a minute
// for short tasks, and more for long tasks, because a launch runs several hundred tasks.
func NeedBudget(n harness.Need) time.Duration {
	const unit = 10 * time.Second
	return (time.Minute + 7000*n.Size()).Truncate(unit)
}

// needText returns the TOML text of the suite for the tasks that n describes.
func needText(n harness.Need) []byte {
	var b strings.Builder
	verb := "computing"
	if n.Wait > 0 {
		verb = "waiting"
	}
	fmt.Fprintf(&b, "question = \"Which strategy pays off for tasks of %s %s?\"\n", format.RoundTime(float64(n.Size())), verb)
	fmt.Fprintf(&b, "rounds = 60\nbudget = %q\nmin-time = \"55ms\"\n\n", NeedBudget(n))
	fmt.Fprintf(&b, "[[block]]\nworkload = %q\ngrain = [%d]\n", n.Workload(), n.Size())
	for _, field := range []struct {
		key   string
		value int
	}{{"payload", n.Payload}, {"memory", n.Memory}} {
		if field.value > 0 {
			fmt.Fprintf(&b, "%s = [%d]\n", field.key, field.value)
		}
	}
	if n.Crash {
		b.WriteString("shape = [\"kill1000\"]\n")
	}
	for _, cell := range needCells(n) {
		fmt.Fprintf(&b, "\n[[block.cell]]\n%s\n", cell)
	}
	return []byte(b.String())
}

// coarseNeed is the time of a task from which handing over several tasks at once, in chunks, gains
// nothing.
const coarseNeed = 50 * time.Microsecond

// largeNeed is the size in bytes from which passing a payload by reference may save more time than
// a task takes.
const largeNeed = 16 << 10

// needCells returns the text of the [[block.cell]] tables for the tasks that n describes: one table
// for each strategy that may be the best for them.
func needCells(n harness.Need) []string {
	const chunked = "\nchunk = [1, 64]"
	fine := chunked
	if n.CPU >= coarseNeed {
		fine = ""
	}
	switch {
	case n.Crash:
		return []string{`strategy = "procs"` + fine, `strategy = "procs"` + "\nstart = \"standby\""}
	case n.Wait > 0:
		return []string{`strategy = "pool"` + "\nworkers = [4, 16, 64]", `strategy = "loop"`, `strategy = "procs"` + "\nworkers = 16"}
	case n.Payload > 0:
		cells := []string{`strategy = "pool"` + fine, `strategy = "procs"` + fine, `strategy = "procs"` + "\ntransport = \"shm\""}
		if n.Payload >= largeNeed {
			cells = append(cells, cells[2]+"\ncodec = \"reference\"")
		}
		return cells
	}
	return []string{`strategy = "steal"`, `strategy = "pool"` + fine, `strategy = "procs"` + fine}
}
