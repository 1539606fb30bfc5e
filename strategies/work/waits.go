package work

import (
	"fmt"
	"slices"
	"sync"
)

// Tasks that wait for executors may wait in a circle: each worker of some executors runs a task that
// waits for these workers. Such a wait must fail. Therefore the waits of tasks are recorded, with the
// workers that run the tasks. A new wait fails if it closes a circle.

// A wait records a goroutine that runs a task and waits for an executor.
type wait struct {
	core  *Core
	by    []uint32 // numbers of the workers that run the task
	helps bool
	stuck func(Held) bool
}

// A Held reports whether a task of c is blocked by recorded waits (see [Core.Await]): the task
// cannot start or continue before one of these waits ends. If w is the number of a worker, the task
// is the one that this worker runs. If w is Outside, the task is any task of c that has not
// started.
type Held func(c *Core, w int) bool

var waits struct {
	mu  sync.Mutex
	all map[*wait]bool
}

// Waits reports whether a goroutine that is about to wait for the executor of c must first call
// Await. It must if this process has other unfinished work, since only then can tasks wait for each
// other in a circle. singles is the number of unfinished singles (jobs of one task) that Waits
// ignores: 1 if the goroutine waits for a single that has not started, else 0.
func (c *Core) Waits(singles int64) bool {
	return c.first.Load() > 0 && (c.Lost() > 0 || c.unfinished(singles) || c.othersBusy())
}

// Await records that the calling goroutine waits for the executor of c, until the caller calls end.
// A call takes about a microsecond.
//
//   - If the goroutine runs a task, and the wait would never end, Await returns [ErrNested] and
//     records nothing.
//   - If the goroutine runs no task, Await records nothing, and end is nil.
//
// Await calls the function stuck under a lock. stuck receives a [Held], which reports whether one
// task is blocked, and must report whether the tasks for which the goroutine waits are blocked. If
// helps is true, the goroutine itself runs the tasks that have not started, and Await returns no
// error.
func (c *Core) Await(helps bool, stuck func(Held) bool) (end func(), err error) {
	var by []uint32
	marks(inTask, func(number uint32) { by = append(by, number) })
	if len(by) == 0 {
		return nil, nil
	}
	w := &wait{core: c, by: by, helps: helps, stuck: stuck}
	waits.mu.Lock()
	defer waits.mu.Unlock()
	if waits.all == nil {
		waits.all = map[*wait]bool{}
	}
	waits.all[w] = true
	if !helps && w.circular() {
		delete(waits.all, w)
		return nil, fmt.Errorf("strategy %s: the task would wait for workers that wait for this task: %w", c.Name, ErrNested)
	}
	return func() {
		waits.mu.Lock()
		defer waits.mu.Unlock()
		delete(waits.all, w)
	}, nil
}

// circular reports whether the wait w would never end. It first assumes that no wait can end, so
// that every worker that waits is held forever. Then it repeatedly frees each worker whose wait can
// end, because no held worker blocks the tasks for which it waits. If the workers that stay held
// block the tasks for which w waits, then w never ends. The caller holds the lock.
func (w *wait) circular() bool {
	held := map[uint32]bool{}
	for v := range waits.all {
		for _, number := range v.by {
			held[number] = true
		}
	}
	is := func(c *Core, worker int) bool {
		if worker >= 0 && (c.Balances || c.Queues) { // other executors may run one task at a time
			return held[c.number(worker)]
		}
		return c.held(held, w.core.Balances)
	}
	inside := slices.ContainsFunc(w.by, w.core.has)
	for {
		still := map[uint32]bool{}
		for v := range waits.all {
			// A task that helps is not held by other executors. But it starts no further task for a
			// task of its own executor.
			if v.helps && inside && v.core == w.core || !v.helps && v.stuck(is) {
				for _, number := range v.by {
					still[number] = true
				}
			}
		}
		if len(still) == len(held) {
			return w.stuck(is)
		}
		held = still
	}
}

// held reports whether an unstarted task of c may never start, because the workers with the given
// numbers are held: they wait forever. There are two cases:
//
//   - No free worker of c is left: each is held, or blocked by a task past its time limit.
//   - A worker of c is held, and the unstarted task may be bound to it. This is possible if c, or
//     the executor for which the new wait waits, binds tasks to workers. balances says that the
//     latter does not.
func (c *Core) held(numbers map[uint32]bool, balances bool) bool {
	if c.first.Load() == 0 || c.Unbounded {
		return false
	}
	n := 0
	for number := range numbers {
		if c.has(number) {
			n++
		}
	}
	return n+c.Lost() >= c.Workers || n > 0 && !(balances && c.Balances)
}
