package strategies

import "time"

// A pace decides when a worker reads the clock while the consumer of a stream dozes (sleeps for at
// most dozeTime). Workers read it to wake the consumer in time. A worker with fast tasks runs
// several tasks between two readings: as many as fill half of the remaining doze, estimated from
// the recent time per task. A worker with slow tasks reads the clock after every task.
type pace struct {
	next  int           // number of tasks that the worker has run when it reads the clock next
	tasks int           // number of tasks that the worker had run when it last read the clock
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

// look records that a worker has read the clock at the time now, after it has run n tasks. rest is
// the remaining time of the consumer's doze (a sleep of at most dozeTime). look decides at which
// number of tasks the worker reads the clock next. It returns the recent time per task, or 0 if
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
