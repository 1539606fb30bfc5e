package work

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// A goroutine that waits for its own executor may deadlock. Its context shows that it runs a task,
// but a task may pass another context. Therefore each goroutine that an executor depends on has the
// number of a worker of the executor on its call stack, which runtime.Callers returns: each digit of
// the number is a call from a different line of mark (method of J. T. Olds, github.com/jtolds/gls).
// Goroutines that a task starts have no such number. The number of the goroutine would serve too, but
// reading it takes a microsecond, for every goroutine that the strategy spawn starts.

// A role says what a goroutine does for an executor, such as run a task. As long as the goroutine
// does this, Close or Stop of the executor must wait for it.
type role uint8

const (
	inTask  role = 1 << iota // the goroutine runs tasks; Close and Stop wait for it
	inInput                  // the goroutine pulls the input of a stream; Close and Stop wait for it
	atHome                   // the goroutine consumes a stream or runs hooks; only Close waits for it
)

// numbering gives the workers of one executor numbers that are unique in this process. Worker 0 has
// the number first, and the other workers have the numbers after it. Numbers start at 1; first is 0
// until the executor needs numbers.
type numbering struct{ first atomic.Uint32 }

// numbered is how many worker numbers were given out so far: see [numbering].
var numbered atomic.Uint32

// open lists the executors that run tasks in this process and have not ended. A change makes a new
// list, so a list that a goroutine has read never changes.
var open atomic.Pointer[[]*Core]

// Open records that the executor runs tasks in this process. The executor calls Open before its
// first task.
func (c *Core) Open() {
	c.number(0)
	changeOpen(func(cores []*Core) []*Core { return append(cores, c) })
}

// End records that the executor has ended and runs no more tasks. It reverses [Core.Open].
func (c *Core) End() {
	changeOpen(func(cores []*Core) []*Core {
		return slices.DeleteFunc(cores, func(o *Core) bool { return o == c })
	})
}

// changeOpen replaces the list of executors in the variable open. It passes a copy of the list to
// the function change, which returns the new list.
func changeOpen(change func([]*Core) []*Core) {
	for {
		old := open.Load()
		var cores []*Core
		if old != nil {
			cores = slices.Clone(*old)
		}
		cores = change(cores)
		if open.CompareAndSwap(old, &cores) {
			return
		}
	}
}

// othersBusy reports whether an executor other than that of c has unfinished work in this process.
func (c *Core) othersBusy() bool {
	cores := open.Load()
	return cores != nil && slices.ContainsFunc(*cores, func(o *Core) bool { return o != c && !o.Idle() })
}

// number returns the number of worker w of c in the numbering of all workers of this process.
func (c *Core) number(w int) uint32 {
	workers := max(c.Workers, 1)
	if c.first.Load() == 0 {
		c.first.CompareAndSwap(0, numbered.Add(uint32(workers))-uint32(workers)+1)
	}
	return c.first.Load() + uint32(max(w, 0)%workers)
}

// has reports whether number, in the numbering of all workers of this process, belongs to a worker
// of c.
func (c *Core) has(number uint32) bool {
	first := c.first.Load()
	return first > 0 && number >= first && number-first < uint32(max(c.Workers, 1))
}

// Task calls f on this goroutine. f runs tasks of c as worker w. Task records this on the call
// stack, for [Core.Closable] and [Core.Stoppable]. The call costs a few ns.
//
//go:noinline
func (c *Core) Task(w int, f func()) { mark(c.number(w), f) }

// Input calls f on this goroutine. f pulls the input of a stream of c. Input records this on the
// call stack, for [Core.Closable] and [Core.Stoppable]: both Close and Stop wait for the input.
//
//go:noinline
func (c *Core) Input(f func()) { mark(c.number(0), f) }

// Consumer calls f on this goroutine. f calls hooks of a job of c, or the code of the user that
// consumes a stream. Consumer records this on the call stack, for [Core.Closable]: Close waits for
// this code, but Stop does not.
//
//go:noinline
func (c *Core) Consumer(f func()) { mark(c.number(0), f) }

// Closable returns [ErrNested] if Close would wait for the goroutine that calls it, else nil.
func (c *Core) Closable() error { return c.selfless("close", inTask|inInput|atHome) }

// Stoppable returns [ErrNested] if Stop would wait for the goroutine that calls it, else nil.
func (c *Core) Stoppable() error { return c.selfless("stop", inTask|inInput) }

func (c *Core) selfless(what string, roles role) error {
	if c.within(roles) {
		return fmt.Errorf("%s strategy %s: it would wait for its own caller, which belongs to a job of this executor: %w", what, c.Name, ErrNested)
	}
	return nil
}

// within reports whether the calling goroutine has one of the given roles for the executor of c: it
// runs a task, pulls an input, consumes a stream, or runs hooks.
func (c *Core) within(roles role) bool {
	if c.first.Load() == 0 {
		return false
	}
	found := false
	marks(roles, func(number uint32) { found = found || c.has(number) })
	return found
}

// marks reads the worker numbers that Task, Input and Consumer have recorded on the call stack of
// the calling goroutine. It calls f for each number that was recorded with one of the given roles.
// The innermost call comes first.
func marks(roles role, f func(number uint32)) {
	var few [64]uintptr
	pcs := few[:]
	n := runtime.Callers(2, pcs)
	for n == len(pcs) {
		pcs = make([]uintptr, 4*n)
		n = runtime.Callers(2, pcs)
	}
	pcs = pcs[:n]
	known := calls()
	for i := 0; i < len(pcs); i++ {
		digit, ok := known.digits[pcs[i]]
		if !ok {
			continue
		}
		number := digit // the innermost call is the most significant digit
		for i+2 < len(pcs) {
			if digit, ok = known.digits[pcs[i+2]]; !ok {
				break
			}
			number = number*base + digit
			i += 2
		}
		if i++; i < len(pcs) && known.roles[pcs[i]]&roles != 0 {
			f(number)
		}
	}
}

// known holds the return addresses by which the function marks finds worker numbers on a call stack.
type known struct {
	digits map[uintptr]uint32 // addresses within mark, one for each digit
	roles  map[uintptr]role   // addresses after a call of mark, one for each role
}

// calls returns the return addresses that mark and its callers leave on a call stack. The first use
// makes each kind of call once and records its return address.
var calls = sync.OnceValue(func() known {
	k := known{map[uintptr]uint32{}, map[uintptr]role{}}
	for digit := range uint32(base) {
		mark(digit, func() {
			pcs := make([]uintptr, 3)
			runtime.Callers(1, pcs) // this function, onward, mark
			k.digits[pcs[2]] = digit
		})
	}
	task := func(c *Core, f func()) { c.Task(0, f) }
	for role, call := range map[role]func(*Core, func()){inTask: task, inInput: (*Core).Input, atHome: (*Core).Consumer} {
		c := new(Core)
		c.first.Store(1)
		call(c, func() {
			pcs := make([]uintptr, 4)
			runtime.Callers(1, pcs) // this function, onward, mark, the method
			k.roles[pcs[3]] = role
		})
	}
	return k
})

const base = 32

// mark calls f through one nested call for each digit of n. The return addresses on the call stack
// then encode n, and the function marks can read it.
//
//go:noinline
func mark(n uint32, f func()) {
	switch n % base {
	case 0:
		onward(n/base, f)
	case 1:
		onward(n/base, f)
	case 2:
		onward(n/base, f)
	case 3:
		onward(n/base, f)
	case 4:
		onward(n/base, f)
	case 5:
		onward(n/base, f)
	case 6:
		onward(n/base, f)
	case 7:
		onward(n/base, f)
	case 8:
		onward(n/base, f)
	case 9:
		onward(n/base, f)
	case 10:
		onward(n/base, f)
	case 11:
		onward(n/base, f)
	case 12:
		onward(n/base, f)
	case 13:
		onward(n/base, f)
	case 14:
		onward(n/base, f)
	case 15:
		onward(n/base, f)
	case 16:
		onward(n/base, f)
	case 17:
		onward(n/base, f)
	case 18:
		onward(n/base, f)
	case 19:
		onward(n/base, f)
	case 20:
		onward(n/base, f)
	case 21:
		onward(n/base, f)
	case 22:
		onward(n/base, f)
	case 23:
		onward(n/base, f)
	case 24:
		onward(n/base, f)
	case 25:
		onward(n/base, f)
	case 26:
		onward(n/base, f)
	case 27:
		onward(n/base, f)
	case 28:
		onward(n/base, f)
	case 29:
		onward(n/base, f)
	case 30:
		onward(n/base, f)
	case 31:
		onward(n/base, f)
	}
}

// onward continues with the remaining digits of n: it calls mark or, after the last digit, f. In
// mark, each digit has its own call of onward, and so its own return address.
//
//go:noinline
func onward(n uint32, f func()) {
	if n > 0 {
		mark(n, f)
	} else {
		f()
	}
}
