package ab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/run"
)

// A Runner measures benchmarks of the three sides (base, base again, and head) in rounds.
type Runner struct {
	Subject Subject
	Benches []Bench
	Seed    uint64        // seed of the order of launches
	Budget  time.Duration // limits the time of Run, with a tolerance of a tenth
	Began   time.Time     // start of the time that Budget limits
	// Decided reports for each benchmark, keyed by name, whether its turns decide it. Run calls it
	// after some rounds and no longer measures decided benchmarks. It may be nil.
	Decided func(turns map[string][]Turn) map[string]bool
	Guard   *run.Guard // notices changes of the programs; a change ends the run
	// Sink receives each sample immediately after its launch. An error of Sink ends the run.
	Sink func(harness.Side, harness.SideSample) error
	// Past holds the earlier samples of a resumed run.
	Past [harness.Sides][]harness.SideSample
	// Run calls Progress before each launch. It may be nil.
	Progress func(Progress)
}

// Progress describes the state of a run just before a launch.
type Progress struct {
	Round    int           // number of the round, from 0
	Launches int           // launches that this process has done
	Decided  int           // number of decided benchmarks
	Total    int           // number of all benchmarks
	Left     time.Duration // rest of the budget
	Next     string        // benchmark of the next launch
	Side     harness.Side  // side of the next launch
}

// A Result describes a run that has ended. It has no samples, because [Runner.Run] has already
// passed them to the sink.
type Result struct {
	Turns    map[string][]Turn
	Failures []*Failure
	Launches int    // launches that this process has done
	Cut      bool   // the budget ended the run
	Doubt    string // see [Info]
	// Turn is the mean time of a turn, keyed by benchmark, for estimates of the time of more rounds.
	Turn map[string]time.Duration
}

// outAfter is the number of consecutive rounds with failures after which a run drops a benchmark.
const outAfter = 2

// overrun limits how far a run may exceed its budget: by at most budget / overrun.
const overrun = 10

// errSpent is the cause of a context that ended because the budget was used up.
var errSpent = errors.New("the budget is used up")

// Run measures the benchmarks in rounds until all are decided or the budget is used up. If Run
// returns an error, the samples that Sink received earlier are valid, unless the result has a Doubt.
//
// The next launch depends only on the seed, the benchmarks and the samples so far. So a resumed run
// makes the same launches as a run without an interruption. The exception is a turn that an
// interruption cut short: Run measures it again.
//
// A launch that fails gives no sample, and Run skips the other launches of its turn. Run drops a
// benchmark whose launches fail in two consecutive rounds.
func (r *Runner) Run(ctx context.Context) (Result, error) {
	if r.Budget > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, r.Began.Add(r.Budget+r.Budget/overrun), errSpent)
		defer cancel()
	}
	m := &measurement{Runner: r, attempts: map[slot]int{}, whole: map[slot]bool{}, strikes: map[string]int{}, gone: map[string]bool{}, spent: map[string]spent{}}
	m.Turns, m.Turn = Turns(r.Past), map[string]time.Duration{}
	for _, of := range r.Past {
		for _, s := range of {
			at := slot{s.Name, s.Round}
			m.attempts[at] = max(m.attempts[at], s.Attempt+1)
		}
	}
	for name, turns := range m.Turns {
		for _, t := range turns {
			m.whole[slot{name, t.Round}] = true
			m.account(name, wallOf(t))
		}
	}
	err := m.rounds(ctx)
	for name, s := range m.spent {
		m.Turn[name] = s.total / time.Duration(s.turns)
	}
	if m.Launches > 0 && !errors.As(err, new(*run.ChangedError)) {
		if changed := m.Guard.CheckAll(); changed != nil {
			m.Doubt = run.Changed
			err = errors.Join(err, fmt.Errorf("%w, and no time of a file shows it; start a new run", changed))
		}
	}
	return m.Result, err
}

// A measurement is the state of [Runner.Run].
type measurement struct {
	*Runner
	Result
	attempts map[slot]int    // number of turns of the slot that began, complete or not
	whole    map[slot]bool   // whether the slot has a complete turn
	strikes  map[string]int  // consecutive rounds with failures, keyed by benchmark
	gone     map[string]bool // benchmarks that are decided or dropped
	decided  int             // number of decided benchmarks
	spent    map[string]spent
}

// A slot identifies a benchmark and a round in which it is measured.
type slot struct {
	name  string
	round int
}

// The type spent holds the number of turns of a benchmark, and the total time that they took.
type spent struct {
	total time.Duration
	turns int
}

// account adds a turn, which took the time d, to the total of the benchmark with the given name.
func (m *measurement) account(name string, d time.Duration) {
	s := m.spent[name]
	m.spent[name] = spent{s.total + d, s.turns + 1}
}

// wallOf returns the sum of the wall times of the launches in a turn.
func wallOf(t Turn) (sum time.Duration) {
	for _, s := range t.Samples {
		sum += s.Wall
	}
	return sum
}

// cost returns the expected time of a turn (one launch of each side) of the benchmark.
func (m *measurement) cost(b Bench) time.Duration {
	if s := m.spent[b.Name]; s.turns > 0 {
		return s.total / time.Duration(s.turns)
	}
	return harness.Sides * b.Cost
}

// rounds measures round after round until no benchmark is left or the budget is used up.
func (m *measurement) rounds(ctx context.Context) error {
	for round := 0; ; round++ {
		live := slices.DeleteFunc(slices.Clone(m.Benches), func(b Bench) bool { return m.gone[b.Name] })
		if len(live) == 0 {
			return nil
		}
		for _, i := range sequence(m.Seed, len(live), round) {
			b := live[i]
			if m.whole[slot{b.Name, round}] {
				continue
			}
			if m.Budget > 0 && time.Since(m.Began)+m.cost(b) > m.Budget+m.Budget/overrun/2 {
				m.Cut = true
				return nil
			}
			err := m.turn(ctx, b, round)
			if errors.Is(context.Cause(ctx), errSpent) {
				m.Cut = true
				return nil
			}
			if err != nil {
				return err
			}
		}
		m.settle(round)
	}
}

// settle ends the measurement of benchmarks that are decided: it calls the function Decided with
// the turns up to the given round. After many rounds it does nothing, because the run judges the
// benchmarks only when [look] says so.
func (m *measurement) settle(round int) {
	if m.Decided == nil || !look(round+1) {
		return
	}
	sofar := map[string][]Turn{}
	for name, turns := range m.Turns {
		sofar[name] = slices.DeleteFunc(slices.Clone(turns), func(t Turn) bool { return t.Round > round })
	}
	for name, done := range m.Decided(sofar) {
		if done && !m.gone[name] {
			m.gone[name] = true
			m.decided++
		}
	}
}

// turn measures a benchmark once: it launches each of the three sides. It returns an error only if
// the run must end.
func (m *measurement) turn(ctx context.Context, b Bench, round int) error {
	began, at := time.Now(), slot{b.Name, round}
	t, attempt := Turn{Round: round}, m.attempts[at]
	m.attempts[at]++
	for _, side := range order(m.Seed, b.Name, round) {
		if m.Progress != nil {
			m.Progress(Progress{Round: round, Launches: m.Launches, Decided: m.decided, Total: len(m.Benches), Left: max(0, m.Budget-time.Since(m.Began)), Next: b.Name, Side: side})
		}
		s, err := m.Subject.Launch(ctx, side, b)
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted after %d launches: %w", m.Launches, context.Cause(ctx))
		}
		if err := m.Guard.Check(); err != nil {
			return fmt.Errorf("%w, after %d launches: payoff keeps the samples of these launches; start a new run", err, m.Launches)
		}
		if err == nil {
			err = possible(s)
		}
		if err != nil {
			m.fail(b, side, round, err)
			return nil
		}
		s.Name, s.Round, s.Attempt = b.Name, round, attempt
		if err := m.Sink(side, s); err != nil {
			return err
		}
		m.Launches++
		t.Samples[side] = s
	}
	delete(m.strikes, b.Name)
	m.Turns[b.Name] = append(m.Turns[b.Name], t)
	m.whole[at] = true
	m.account(b.Name, time.Since(began))
	return nil
}

// possible returns an error if no launch can measure the sample: it has no values, or a negative
// one.
func possible(s harness.SideSample) error {
	if len(s.Values) == 0 {
		return errors.New("the launch returned no values")
	}
	for unit, v := range s.Values {
		if v < 0 {
			return fmt.Errorf("impossible result: %s is %v, perhaps because the clock was set; measure again", unit, v)
		}
	}
	return nil
}

// fail records a failed launch of a benchmark. After [outAfter] consecutive rounds with failures,
// it drops the benchmark.
func (m *measurement) fail(b Bench, side harness.Side, round int, err error) {
	m.strikes[b.Name]++
	f := &Failure{Name: b.Name, Side: side, Round: round, Err: err, Dropped: m.strikes[b.Name] >= outAfter}
	if f.Dropped {
		m.gone[b.Name] = true
	}
	m.Failures = append(m.Failures, f)
}
