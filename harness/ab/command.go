package ab

import (
	"context"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/run"
)

// CommandBench is the name of the only benchmark of [Commands].
const CommandBench = "Command"

// Units of a benchmark that is a command, in addition to the wall time in [harness.UnitOp]. They
// include the command's process and all processes that it waited for. A value of UnitRSS is absent
// unless it is larger than the memory of payoff itself, which the kernel counts too.
const (
	UnitUser   = "user-nsec"     // CPU time in user mode
	UnitSystem = "sys-nsec"      // CPU time in the kernel
	UnitRSS    = "max-rss-bytes" // largest resident memory
)

// Commands is a [Subject] for two commands, base and head, which it times as whole processes. It
// does not compare their standard output.
type Commands struct {
	Sides [harness.Sides][]string // program and arguments of each side
	Dir   string
	Left  int // number of launches that left processes running
}

// Launch implements [Subject]: it runs the command of the given side once, as one process.
func (c *Commands) Launch(ctx context.Context, side harness.Side, b Bench) (s harness.SideSample, err error) {
	p := run.Process{Command: c.Sides[side], Dir: c.Dir}
	if b.Cost > 0 {
		p.Timeout = patience(b.Cost)
	}
	e, err := p.Run(ctx)
	if err != nil {
		return s, err
	}
	if e.Left {
		c.Left++
	}
	s = harness.SideSample{Reps: 1, At: e.At, Wall: e.Wall, CPU: e.User + e.System, Marks: e.Marks, Values: map[string]float64{
		harness.UnitOp: float64(e.Wall), UnitUser: float64(e.User), UnitSystem: float64(e.System),
	}}
	if e.MaxRSS > 0 {
		s.Values[UnitRSS] = float64(e.MaxRSS)
	}
	return s, nil
}
