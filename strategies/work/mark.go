package work

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// A goroutine that waits for its own executor may deadlock. Its context shows that it runs a task,
// but a task may pass another context. Therefore each goroutine that an executor depends on has the
// number of the executor on its call stack, which runtime.Callers returns: each digit of the number
// is a call from a different line of mark (method of J. T. Olds, github.com/jtolds/gls). Goroutines
// that a task starts have no such number. The number of the goroutine would serve too, but reading
// it takes a microsecond, for every goroutine that the strategy spawn starts.

// A role is a reason why an executor may have to wait for a goroutine.
type role uint8

const (
	inTask  role = 1 << iota // the goroutine runs tasks
	inInput                  // the goroutine pulls the input of a stream, for which Stop waits
	atHome                   // the goroutine consumes a stream or runs hooks, for which Close waits
)

// numbering holds the number of an executor, counted from 1. The number is 0 until it is first
// needed.
type numbering struct{ n atomic.Uint32 }

var numbered atomic.Uint32

func (g *numbering) number() uint32 {
	if n := g.n.Load(); n > 0 {
		return n
	}
	g.n.CompareAndSwap(0, numbered.Add(1))
	return g.n.Load()
}

// Task calls f, which runs tasks of c on this goroutine, and records this on the call stack. The
// call costs a few ns.
//
//go:noinline
func (c *Core) Task(f func()) { mark(c.numbering.number(), f) }

// Input calls f, which pulls the input of a stream of c. It records on the call stack that the
// input must not wait for the executor to stop or to close.
//
//go:noinline
func (c *Core) Input(f func()) { mark(c.numbering.number(), f) }

// Consumer calls f on behalf of a job of c: f calls hooks, or the code of the user that consumes a
// stream. The job waits for this code, so Consumer records on the call stack that the code must not
// wait for the executor to close.
//
//go:noinline
func (c *Core) Consumer(f func()) { mark(c.numbering.number(), f) }

// Awaitable returns [ErrNested] if the calling goroutine is about to deadlock: it runs a task of c,
// ctx is not the context of the task, and no worker is free to run the work that the caller wants
// to wait for. Otherwise it returns nil. singles is the number of unfinished singles (jobs of one
// task) that the caller submitted and does not itself run. A call costs about a microsecond if no
// worker is free and there is other work.
func (c *Core) Awaitable(ctx context.Context, singles int64) error {
	if c.free() || PlaceOf(ctx, c) != nil || !c.unfinished(singles) || !c.within(inTask) {
		return nil
	}
	for i := 0; c.Free != nil && i < 5; i++ {
		time.Sleep(200 * time.Microsecond) // a worker whose task has just ended may not count as free yet
		if c.free() {
			return nil
		}
	}
	return fmt.Errorf("strategy %s: the task waits with a context that is not its own: %w", c.Name, ErrNested)
}

func (c *Core) free() bool { return c.Free != nil && c.Free() }

// Closable returns [ErrNested] if the calling goroutine would wait for itself in Close, else nil.
func (c *Core) Closable() error { return c.selfless("close", inTask|inInput|atHome) }

// Stoppable returns [ErrNested] if the calling goroutine would wait for itself in Stop, else nil.
func (c *Core) Stoppable() error { return c.selfless("stop", inTask|inInput) }

func (c *Core) selfless(what string, roles role) error {
	if c.within(roles) {
		return fmt.Errorf("%s %s: a job waits for the caller: %w", what, c.Name, ErrNested)
	}
	return nil
}

// within reports whether the calling goroutine has one of the given roles for the executor of c: it
// runs a task, pulls an input, consumes a stream, or runs hooks. It reads the call stack.
func (c *Core) within(roles role) bool {
	number := c.numbering.n.Load()
	if number == 0 {
		return false
	}
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
		found := digit // the innermost call is the most significant digit
		for i+2 < len(pcs) {
			if digit, ok = known.digits[pcs[i+2]]; !ok {
				break
			}
			found = found*base + digit
			i += 2
		}
		if i++; i < len(pcs) && found == number && known.roles[pcs[i]]&roles != 0 {
			return true
		}
	}
	return false
}

// known holds the return addresses by which the method within recognises calls of mark on a call
// stack.
type known struct {
	digits map[uintptr]uint32 // addresses within mark, one for each digit
	roles  map[uintptr]role   // addresses after a call of mark, one for each role
}

// calls makes each kind of call once and records its return address.
var calls = sync.OnceValue(func() known {
	k := known{map[uintptr]uint32{}, map[uintptr]role{}}
	for digit := range uint32(base) {
		mark(digit, func() {
			pcs := make([]uintptr, 3)
			runtime.Callers(1, pcs) // this function, onward, mark
			k.digits[pcs[2]] = digit
		})
	}
	for role, call := range map[role]func(*Core, func()){inTask: (*Core).Task, inInput: (*Core).Input, atHome: (*Core).Consumer} {
		c := new(Core)
		c.numbering.n.Store(1)
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
// then encode n, so that the method within can read it.
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

// onward continues with the next digit: it calls mark, or f after the last digit. Each digit has
// its own call of onward in mark, and so its own return address.
//
//go:noinline
func onward(n uint32, f func()) {
	if n > 0 {
		mark(n, f)
	} else {
		f()
	}
}
