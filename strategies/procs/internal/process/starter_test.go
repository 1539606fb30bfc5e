//go:build unix

package process

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies/procs/internal/poll"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// TestMain runs the tests or, in a worker process, serves the kernels. The test binary is the
// program of its own workers.
func TestMain(m *testing.M) {
	worker.Main(nil)
	os.Exit(m.Run())
}

// BenchmarkHandOut measures the time from a call of Start until its caller has the worker, which is
// a spare. This includes the time to begin the start of the next spare.
func BenchmarkHandOut(b *testing.B) {
	s := NewStarter(Config{
		Command: worker.Command(), Transport: transport.Pipe(), Timeout: 10 * time.Second, Depth: 1, Spares: 1,
		Attributes: Attributes{Env: []string{"GOMAXPROCS=1"}},
	})
	q, err := poll.New()
	if err != nil {
		b.Fatal(err)
	}
	defer q.Close()
	end := func(p *Process) {
		for p.Kill(unix.SIGKILL); !p.Ended(); {
			q.Wait(-1)
		}
		p.Close()
	}
	end(s.Start(q, 0)) // starts the first spare
	standing := func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.spares[0].Answered()
	}
	var took time.Duration
	for b.Loop() {
		for !standing() {
			time.Sleep(100 * time.Microsecond)
		}
		at := time.Now()
		p := s.Start(q, 0)
		for !p.Answered() {
			q.Wait(-1)
		}
		took += time.Since(at)
		end(p)
	}
	b.ReportMetric(float64(took.Nanoseconds())/1e3/float64(b.N), "µs/hand-out")
	s.EndSpares()
	s.Close()
}
