// Package simulate predicts makespans by simulating an executor as a sequence of events. It can
// simulate more cores and workers than the machine has. The costs of the executor come from a fit
// of harness/model.
//
// The simulation covers a central dispatcher, deques with stealing, chunk policies, workers that
// share cores, workers across a network that fetch chunks ahead, and input order with a window. The
// claim of a chunk is one event, which costs a few operations on a heap of the workers. Time is
// simulated: the package reads no clock.
package simulate

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/payoff-bench/payoff/strategies/chunk"
)

// A Job describes the tasks, the executor and its costs. Times are in ns.
type Job struct {
	Tasks   int
	Workers int
	Cores   int // if there are more workers than cores, workers wait for a core
	Policy  chunk.Policy

	Work   float64 // mean time of a task
	Spread float64 // coefficient of variation of the lognormal time of a task; 0 for equal tasks
	Noise  float64 // coefficient of variation of the cost of each claim

	PerTask, PerChunk     float64 // costs on a worker, per task and per chunk
	Dispatch, DispatchOne float64 // costs on the dispatcher, which handles one claim at a time, per task and per chunk
	PerJob                float64 // cost of the job, such as waking the workers
	Steal                 bool    // workers have deques of their own, without a dispatcher

	RoundTrip float64 // time of a round trip between the dispatcher and a worker; 0 for workers on this machine
	Transfer  float64 // time of a task's bytes on the network link, which all workers share
	Ahead     int     // chunks that a worker fetches ahead; used only if RoundTrip is above 0

	Window int // largest number of tasks that are claimed and not yet delivered, in input order; 0 for a map
	Seed   uint64
}

// A Result is the outcome of a simulated job.
type Result struct {
	Makespan float64 // ns
	Busy     float64 // time that workers spent on tasks, in ns
	Claims   int
	Steals   int
}

// PerTask returns the makespan per task, in ns.
func (r Result) PerTask(j Job) float64 { return r.Makespan / float64(j.Tasks) }

// Efficiency returns the work of all tasks divided by the makespan times the job's cores.
func (r Result) Efficiency(j Job) float64 {
	return float64(j.Tasks) * j.Work / (r.Makespan * float64(j.Cores))
}

// Run simulates the job. All counts must be at least 1. Run takes O(claims · log workers) time and
// O(workers + window) memory.
func Run(j Job) Result {
	s := newState(j)
	for s.left > 0 {
		s.claim()
	}
	s.out.Makespan = s.last + j.PerJob
	return s.out
}

// A state is the state of a simulated job in progress.
type state struct {
	Job
	rng        *rand.Rand
	idle       heap      // workers, with the time of their next claim
	cores      heap      // times at which cores become free, if workers share them
	ready      []float64 // time at which each worker ends its current chunk
	sizes      []int     // size of each worker's last chunk, for policies
	own        []int     // number of tasks in each worker's deque
	left       int
	dispatcher float64 // time at which the dispatcher becomes free
	link       float64 // time at which the network link becomes free
	window     []float64
	delivered  float64
	claimed    int
	last       float64
	out        Result
	mu, sigma  float64 // mean and standard deviation of the logarithm of a task's time
	jitter     float64
}

func newState(j Job) *state {
	s := &state{Job: j, rng: rand.New(rand.NewPCG(j.Seed, 0x5157)), left: j.Tasks}
	s.sigma = math.Sqrt(math.Log(1 + j.Spread*j.Spread))
	s.mu = math.Log(j.Work) - s.sigma*s.sigma/2
	s.jitter = math.Sqrt(math.Log(1 + j.Noise*j.Noise))
	s.idle, s.ready, s.sizes = newHeap(j.Workers), make([]float64, j.Workers), make([]int, j.Workers)
	if j.Cores < j.Workers && j.RoundTrip == 0 {
		s.cores = newHeap(j.Cores)
	}
	if j.Window > 0 {
		s.window = make([]float64, j.Window)
	}
	if j.Steal {
		s.own = make([]int, j.Workers)
		for i := range s.own {
			s.own[i] = (i+1)*j.Tasks/j.Workers - i*j.Tasks/j.Workers
		}
	}
	return s
}

// claim simulates the next claim: it gives the worker with the earliest claim a chunk, and
// schedules that worker's next claim.
func (s *state) claim() {
	at := s.idle[0]
	w := int(at.id)
	n := s.take(w)
	if n == 0 { // all deques are empty
		s.idle.replace(math.Inf(1))
		return
	}
	s.out.Claims++
	start := at.time
	if s.Window > 0 { // the last task of the chunk needs a place in the window
		if last := s.claimed + n - 1; last >= s.Window {
			start = max(start, s.window[last%s.Window])
		}
	}
	if cost := (s.Dispatch*float64(n) + s.DispatchOne) * s.noise(); !s.Steal && cost > 0 {
		s.dispatcher = max(s.dispatcher, start) + cost
		start = s.dispatcher
	}
	if s.RoundTrip > 0 {
		s.link = max(s.link, start) + s.Transfer*float64(n)
		start = s.link + s.RoundTrip/2
	}
	start = max(start, s.ready[w])
	took := s.time(n) + (s.PerTask*float64(n)+s.PerChunk)*s.noise()
	if s.cores != nil {
		start = max(start, s.cores[0].time)
		s.cores.replace(start + took)
	}
	end := start + took
	s.ready[w], s.sizes[w] = end, n
	s.out.Busy += took
	done := end
	if s.RoundTrip > 0 {
		done += s.RoundTrip / 2
	}
	s.last = max(s.last, done)
	s.deliver(n, done)
	next := end
	switch {
	case s.RoundTrip > 0 && s.Ahead > 0: // the request leaves when the chunk starts
		next = start + s.RoundTrip/2
	case s.RoundTrip > 0:
		next = done
	}
	s.idle.replace(next)
}

// take removes the next chunk of worker w from the remaining tasks, and returns the size of the
// chunk.
func (s *state) take(w int) int {
	if !s.Steal {
		n := min(s.size(w, s.Tasks, s.left, s.Workers), s.left)
		s.left -= n
		return n
	}
	if s.own[w] == 0 {
		victim := 0
		for i, n := range s.own {
			if n > s.own[victim] {
				victim = i
			}
		}
		half := (s.own[victim] + 1) / 2
		s.own[victim] -= half
		s.own[w] += half
		s.out.Steals++
	}
	n := min(s.size(w, s.Tasks, max(1, s.own[w]), 1), s.own[w])
	s.own[w] -= n
	s.left -= n
	return n
}

// size returns the size of the next chunk of worker w according to the policy.
func (s *state) size(w, total, left, workers int) int {
	if s.Policy == nil {
		return 1
	}
	return max(1, s.Policy.Size(chunk.Claim{Total: total, Left: left, Last: max(1, s.sizes[w]), Workers: workers, Task: time.Duration(max(1, s.Work)), Target: chunk.Target}))
}

// time returns the time that n tasks take in total.
func (s *state) time(n int) (sum float64) {
	if s.sigma == 0 {
		return s.Work * float64(n)
	}
	for range n {
		sum += math.Exp(s.mu + s.sigma*s.rng.NormFloat64())
	}
	return sum
}

// noise returns a random factor for the cost of a claim, with mean 1.
func (s *state) noise() float64 {
	if s.jitter == 0 {
		return 1
	}
	return math.Exp(s.jitter*s.rng.NormFloat64() - s.jitter*s.jitter/2)
}

// deliver records the delivery time of the next n tasks, which are done at the given time. In input
// order, a task is delivered after all tasks before it.
func (s *state) deliver(n int, done float64) {
	if s.Window == 0 {
		return
	}
	s.delivered = max(s.delivered, done)
	for range n {
		s.window[s.claimed%s.Window] = s.delivered
		s.claimed++
	}
}
