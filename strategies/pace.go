package strategies

import "time"

// A pace decides when a worker looks at the clock while the consumer dozes: halfway to the
// end of the doze by what its tasks take, halfway of the rest, and so on; after every task if
// they are slow.
type pace struct {
	next  int           // tasks that it will have run at the next look
	tasks int           // that it had run at the last
	last  time.Duration // the time at the last look, 0 for none so far
}

// paceMost is how many tasks are between two looks, at most: tasks may turn slow.
const paceMost = 64

// paceLeast is how near the end of a doze is the end: a look costs the hundredth of it.
const paceLeast = 4 * time.Microsecond

// due reports whether it is time to look for a worker that has run n tasks.
func (p *pace) due(n int) bool { return n >= p.next }

// look takes the time when a worker has run n tasks and the doze has so long to go, and
// returns what a task took lately.
func (p *pace) look(now time.Duration, n int, rest time.Duration) (task time.Duration) {
	p.next = n + 1
	if p.last > 0 && n > p.tasks {
		task = (now - p.last) / time.Duration(n-p.tasks)
		p.next = n + min(max(int(rest/2/max(task, 1)), 1), paceMost)
	}
	p.last, p.tasks = now, n
	return task
}
