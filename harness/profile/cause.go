package profile

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// causes lists the parts of a [analyze.Cause], and the stages of samples that each adds up.
var causes = []struct {
	name   string
	stages []string
}{
	{analyze.CauseExecute, []string{Execute}},
	{analyze.CauseCodecs, []string{Encode, Decode, EncodeBack, DecodeBack}},
	{analyze.CauseBytes, []string{Send, Receive, SendBack, ReceiveBack}},
	{analyze.CauseSleep, []string{Wait}},
	{analyze.CauseDispatch, []string{Dispatch}},
	{analyze.CauseSchedule, []string{Schedule}},
	{analyze.CauseGC, []string{Collect}},
	{analyze.CauseOther, []string{"other"}},
}

// Cause returns on what cells a and b, which are sides of CPU profiles, spend the core time of a task.
// It returns an error if a side has no account of the kernel or too few samples.
func Cause(a, b Side) (c analyze.Cause, err error) {
	for _, s := range []Side{a, b} {
		if n := s.Samples(); n < FewestSamples {
			return c, fmt.Errorf("%s: %s: %d samples of CPU time are too few, %d are needed", s.Path, s.Cell, max(n, 0), FewestSamples)
		}
	}
	d, err := Compare(a, b)
	if err != nil {
		return c, err
	}
	l, ok := d.Ledger()
	if !ok {
		return c, fmt.Errorf("%s: the profile lacks the kernel's account of CPU time and idle time; make it anew", a.Path)
	}
	c.Path, c.Starved = a.Path, a.Starved || b.Starved
	for i, s := range []Side{a, b} {
		if *[]*harness.Cell{&c.A, &c.B}[i], _, err = harness.ParseName("Job/" + s.Cell); err != nil {
			return c, &FileError{s.Path, err}
		}
	}
	for _, group := range causes {
		sum := analyze.CausePart{Name: group.name}
		for _, r := range d.Stages {
			for _, stage := range group.stages {
				if r.Name == stage {
					sum.A, sum.B, sum.Half = sum.A+r.A, sum.B+r.B, math.Hypot(sum.Half, r.Half)
				}
			}
		}
		if sum.A != 0 || sum.B != 0 {
			c.Parts = append(c.Parts, sum)
		}
	}
	c.Parts = append(c.Parts, part(analyze.CauseMissed, l.Rest))
	c.CPU = analyze.CausePart{Name: "CPU", A: a.Account.CPU, B: b.Account.CPU}
	c.Idle, c.Waited = part(analyze.CauseIdle, l.Idle), part(RowWaited, l.Waited)
	c.System.Name = "system calls"
	for _, r := range d.Functions {
		if inSystem(r.Name) {
			c.System.A, c.System.B, c.System.Half = c.System.A+r.A, c.System.B+r.B, math.Hypot(c.System.Half, r.Half)
		}
	}
	return c, nil
}

func part(name string, r Row) analyze.CausePart {
	return analyze.CausePart{Name: name, A: r.A, B: r.B, Half: r.Half}
}

// inSystem reports whether the function with the given name makes system calls, so that its own time is
// that of the calls: a profile does not see the kernel.
func inSystem(name string) bool {
	pkg, function, _ := strings.Cut(name, ".")
	switch pkg {
	case "internal/runtime/syscall":
		return true
	case "syscall":
		return has(strings.ToLower(function), "syscall")
	case "runtime":
		return slices.Contains(runtimeCalls, function)
	}
	return false
}

// runtimeCalls are the functions of package runtime that are system calls themselves.
var runtimeCalls = []string{"futex", "usleep", "osyield", "madvise", "read", "write1", "tgkill", "timer_settime", "sysMmap", "sysMunmap", "clone", "rtsigprocmask"}
