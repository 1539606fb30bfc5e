package strategies

import "time"

// A pace decides when a worker reads the clock while the consumer dozes. From the recent time per
// task it estimates when half of the remaining doze has passed, and the worker reads the clock
// then. It reads the clock after every task if tasks are slow.
type pace struct {
	next  int           // number of tasks run at the next reading
	tasks int           // number of tasks run at the last reading
	last  time.Duration // time of the last reading, 0 before the first
}

// paceMost is the largest number of tasks between two readings, since tasks may become slower.
const paceMost = 64

// paceLeast is the remaining time at which a doze counts as over. Reading the clock costs a
// hundredth of it.
const paceLeast = 4 * time.Microsecond

// due reports whether a worker that has run n tasks should read the clock.
func (p *pace) due(n int) bool { return n >= p.next }

// look records that a worker has run n tasks at time now, with rest of the doze remaining. It returns
// the recent time per task, 0 if unknown.
func (p *pace) look(now time.Duration, n int, rest time.Duration) (task time.Duration) {
	p.next = n + 1
	if p.last > 0 && n > p.tasks {
		task = (now - p.last) / time.Duration(n-p.tasks)
		p.next = n + min(max(int(rest/2/max(task, 1)), 1), paceMost)
	}
	p.last, p.tasks = now, n
	return task
}
