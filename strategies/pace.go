package strategies

import "time"

// A pace decides when a worker reads the clock while the consumer dozes (sleeps for at most
// dozeTime). From the recent time per task, it estimates after how many tasks half of the remaining
// doze will have passed; the worker then reads the clock. If tasks are slow, the worker reads the
// clock after every task.
type pace struct {
	next  int           // number of tasks run when the worker reads the clock next
	tasks int           // number of tasks run when the worker last read the clock
	last  time.Duration // time of the last reading; 0 before the first reading
}

// paceMost is the largest number of tasks between two readings of the clock. It is bounded since
// tasks may become slower.
const paceMost = 64

// A doze with less than paceLeast remaining counts as over. Reading the clock costs about a
// hundredth of paceLeast.
const paceLeast = 4 * time.Microsecond

// due reports whether a worker that has run n tasks should read the clock now.
func (p *pace) due(n int) bool { return n >= p.next }

// look is called when a worker has read the clock: the time is now, and the worker has run n tasks.
// look sets after how many tasks the worker reads the clock again. rest is the remaining time of
// the consumer's doze, a sleep of at most dozeTime. look returns the recent time per task, or 0 if
// that is unknown.
func (p *pace) look(now time.Duration, n int, rest time.Duration) (task time.Duration) {
	p.next = n + 1
	if p.last > 0 && n > p.tasks {
		task = (now - p.last) / time.Duration(n-p.tasks)
		p.next = n + min(max(int(rest/2/max(task, 1)), 1), paceMost)
	}
	p.last, p.tasks = now, n
	return task
}
