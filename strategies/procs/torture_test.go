//go:build unix

package procs

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

var kills = flag.Int("kills", 40, "how many workers are lost in each TestTorture")

// TestTorture kills workers at random and cancels tasks, while maps, streams and futures run. Some
// workers are killed by this process, others by their tasks. Every task must have its value or the
// right error, and no more tasks may be lost than workers. No process, goroutine, descriptor,
// temporary file or shared memory may be left behind.
func TestTorture(t *testing.T) {
	for _, test := range []struct {
		start Start
		over  transport.Transport
	}{
		{Exec, transport.Pipe()}, {Standby, transport.Unix("")}, {Helper, transport.SHM(transport.SHMOptions{})}, {Chunk, transport.SocketPair()},
	} {
		t.Run(test.start.String()+"/"+test.over.Name, func(t *testing.T) {
			needs(t, test.start.String())
			opens(t, test.over)
			dir := t.TempDir()
			t.Setenv("TMPDIR", dir)
			c := started(test.start.String(), 3)
			c.Transport, c.Process.Env = test.over, append(c.Process.Env, "TMPDIR="+dir)
			if err := newExecutor(t, c).Close(); err != nil { // the runtime opens its own descriptors
				t.Fatal(err)
			}
			before := observe(t)
			torture(t, c, *kills)
			before.nothingLeft(t)
		})
	}
}

// A toll counts the outcomes of tasks and the deaths of workers.
type toll struct{ values, lost, panics, cancelled, overtime, deaths atomic.Int64 }

// count records the outcome of one task: its output v and its error err. The argument do is the
// input of the task.
func (c *toll) count(t *testing.T, do, v string, err error) {
	var lost *strategies.LostError
	var panicked *strategies.PanicError
	var over *strategies.TimeoutError
	switch {
	case err == nil:
		if c.values.Add(1); v != do {
			t.Errorf("got output %q of the task %q, want its input", v, do)
		}
	case errors.As(err, &lost):
		c.lost.Add(1)
	case errors.As(err, &panicked) && do == "panic":
		c.panics.Add(1)
	case errors.As(err, &over): // on a busy machine any task may exceed its limit
		c.overtime.Add(1)
	case errors.Is(err, context.Canceled), errors.Is(err, strategies.ErrCancelled):
		c.cancelled.Add(1)
	default:
		t.Errorf("task %q failed with an error that is not expected here: %v", do, err)
	}
}

// deeds returns the inputs of n tasks. A few of these tasks end their worker; deeds adds their
// number to c.deaths. If hangs is true, some of these tasks hang.
func (c *toll) deeds(r *rand.Rand, n int, hangs bool) []string {
	in := numbered(n)
	for i := range in {
		switch k := r.IntN(400); {
		case k == 0:
			in[i] = []string{"exit 3", "kill", "crash"}[r.IntN(3)]
			c.deaths.Add(1)
		case k == 1:
			in[i] = "panic"
		case k == 2 && hangs:
			in[i] = "hang"
		case k < 6:
			in[i] = "sleep"
		}
	}
	return in
}

func torture(t *testing.T, c Config, kills int) {
	c.Grace = 10 * time.Millisecond
	c.Recycle.Tasks = 500
	x := newExecutor(t, c)
	var account toll
	var total atomic.Int64
	over := make(chan struct{})
	var wg sync.WaitGroup
	work := func(seed uint64, f func(*rand.Rand)) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(c.Start)))
			for {
				select {
				case <-over:
					return
				default:
					f(r)
				}
			}
		})
	}
	maps := func(o strategies.Options, cancels bool) func(*rand.Rand) {
		return func(r *rand.Rand) {
			in := account.deeds(r, 100+r.IntN(300), o.Limit > 0)
			total.Add(int64(len(in)))
			ctx, cancel := context.WithCancel(context.Background())
			if cancels {
				time.AfterFunc(time.Duration(r.IntN(20))*time.Millisecond, cancel)
			}
			o.Chunk = chunk.Fixed(1 + r.IntN(20))
			out, err := fault.Map(ctx, x, in, o)
			cancel()
			var e *strategies.JobError
			if err != nil && !errors.As(err, &e) {
				t.Errorf("got error %v of a map, want a JobError or none", err)
				return
			}
			for i, do := range in {
				var err error
				if e != nil {
					err = e.Task(i)
				}
				account.count(t, do, out[i], err)
			}
		}
	}
	work(1, maps(strategies.Options{}, false))
	work(2, maps(strategies.Options{Limit: 100 * time.Millisecond}, false))
	work(3, maps(strategies.Options{}, true))
	work(4, func(r *rand.Rand) {
		in := account.deeds(r, 200, false)
		total.Add(int64(len(in)))
		i := 0
		for v, err := range fault.Stream(context.Background(), x, func(yield func(string) bool) {
			for _, do := range in {
				if !yield(do) {
					return
				}
			}
		}, strategies.Options{Window: 32, Chunk: chunk.Fixed(1 + r.IntN(8))}) {
			account.count(t, in[i], v, err)
			i++
		}
		if i != len(in) {
			t.Errorf("got %d outcomes of a stream, want %d", i, len(in))
		}
	})
	work(5, func(r *rand.Rand) {
		total.Add(1)
		do := strconv.Itoa(r.IntN(1000))
		f := fault.Go(context.Background(), x, do, strategies.Options{})
		if r.IntN(3) == 0 {
			f.Cancel()
		}
		v, err := f.Wait(context.Background())
		account.count(t, do, v, err)
	})
	// A pool rightly gives up if its workers die in a row before they start a task. So tasks must
	// succeed between one kill and the next.
	succeeded := int64(-1)
	r := rand.New(rand.NewPCG(6, uint64(c.Start)))
	for x.Account().Restarts.Lost < int64(kills) && !t.Failed() { // a signal may hit a worker that is dying already
		time.Sleep(time.Duration(r.IntN(10)) * time.Millisecond)
		if pids, n := x.PIDs(), x.Counts().Succeeded; len(pids) > 0 && n > succeeded {
			succeeded = n
			sig := []unix.Signal{unix.SIGKILL, unix.SIGSTOP, unix.SIGSEGV, unix.SIGTERM}[r.IntN(4)]
			if unix.Kill(pids[r.IntN(len(pids))], sig) == nil {
				account.deaths.Add(1)
			}
		}
	}
	close(over)
	wg.Wait()
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	n := account.values.Load() + account.lost.Load() + account.panics.Load() + account.cancelled.Load() + account.overtime.Load()
	if n != total.Load() || account.lost.Load() > account.deaths.Load() {
		t.Errorf("got %d outcomes of %d tasks, and %d tasks lost with %d workers; want all outcomes, and no more tasks lost than workers", n, total.Load(), account.lost.Load(), account.deaths.Load())
	}
	t.Logf("%d tasks: %d values, %d lost, %d panics, %d cancelled, %d over their limit; %+v", total.Load(), account.values.Load(),
		account.lost.Load(), account.panics.Load(), account.cancelled.Load(), account.overtime.Load(), x.Account().Restarts)
}
