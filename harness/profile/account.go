package profile

import (
	"fmt"

	"github.com/payoff-bench/payoff/harness"
)

// An Account is the kernel's account of the jobs of a profiled launch after its warm-up: times in ns
// per task, and counts per task. CPU plus Idle is the makespan times the number of cores.
type Account struct {
	Cores int
	CPU   float64 // time in which threads of the launch and its processes ran
	Idle  float64 // time of cores in which none of them ran: the core was idle or ran other processes
	// Waited is the time in which threads were ready and waited for a core. It is no part of the
	// makespan: other threads of the launch may run on the cores at the same time.
	Waited float64
	Blocks float64 // voluntary context switches: times that a thread blocked
}

// NewAccount returns the account of a launch with the given number of cores, from the values that it
// measured. It reports whether the values have the CPU time and the idle time. Other missing values
// are 0.
func NewAccount(cores int, values map[string]float64) (Account, bool) {
	cpu, ok := values[harness.UnitCPU]
	idle, known := values[harness.UnitIdle]
	return Account{
		Cores: cores, CPU: cpu, Idle: idle,
		Waited: values[harness.UnitWaited], Blocks: values[harness.UnitVoluntary],
	}, ok && known && cpu > 0
}

// Core returns the core time of a task: the makespan times the number of cores, per task.
func (a Account) Core() float64 { return a.CPU + a.Idle }

const accountForm = "payoff account: %d cores, %g cpu %g idle %g waited %g blocks"

// comment returns a comment for the merged profile, from which [Read] reads the account.
func (a Account) comment(cell string) string {
	return fmt.Sprintf(accountForm, a.Cores, a.CPU, a.Idle, a.Waited, a.Blocks) + ": " + cell
}

// parseAccount reads the part of a comment before the name of the cell.
func parseAccount(text string) (a Account, ok bool) {
	n, _ := fmt.Sscanf(text, accountForm, &a.Cores, &a.CPU, &a.Idle, &a.Waited, &a.Blocks)
	return a, n == 5
}

// Names of rows of a [Ledger].
const (
	RowCPU    = "CPU time of samples"
	RowRest   = "CPU time of the kernel minus samples"
	RowIdle   = "idle cores"
	RowCore   = "makespan × cores"
	RowWaited = "waiting for a core"
	RowBlocks = "times that a thread blocked"
)

// A Ledger divides the makespan times the cores, per task, for two sides: CPU, Rest and Idle add up to
// Core. Waited and Blocks are no parts of it.
type Ledger struct {
	CPU    Row // sum of the stages of the samples
	Rest   Row // CPU time that the kernel counted minus CPU: sampling error, and cold jobs that only the samples have
	Idle   Row
	Core   Row
	Waited Row
	Blocks Row
}

// Ledger returns the ledger of the difference. It reports whether both sides have an account, which
// only profiles of kind cpu have.
func (d Difference) Ledger() (l Ledger, ok bool) {
	a, b := d.A.Account, d.B.Account
	if d.A.Kind != "cpu" || a.Core() == 0 || b.Core() == 0 {
		return l, false
	}
	l.CPU = d.Total
	l.CPU.Name = RowCPU
	l.Rest = Row{Name: RowRest, A: a.CPU - d.Total.A, B: b.CPU - d.Total.B, Half: d.Total.Half}
	l.Idle = Row{Name: RowIdle, A: a.Idle, B: b.Idle}
	l.Core = Row{Name: RowCore, A: a.Core(), B: b.Core()}
	l.Waited = Row{Name: RowWaited, A: a.Waited, B: b.Waited}
	l.Blocks = Row{Name: RowBlocks, A: a.Blocks, B: b.Blocks}
	return l, true
}

// A Budget divides the core time of the tasks of one side, in ns per task.
type Budget struct {
	Stages []Part // CPU time of the samples by stage, in the order of [Stages], and "other"
	Rest   float64
	Account
}

// A Part is the value of a stage.
type Part struct {
	Name  string
	Value float64
}

// Budget returns the budget of a side of kind cpu. It reports whether the side has an account.
func (s Side) Budget() (b Budget, ok bool) {
	if s.Kind != "cpu" || s.Account.Core() == 0 {
		return b, false
	}
	d, err := Compare(s, s)
	if err != nil {
		return b, false
	}
	for _, r := range d.Stages {
		b.Stages = append(b.Stages, Part{r.Name, r.A})
	}
	b.Account = s.Account
	b.Rest = s.Account.CPU - d.Total.A
	return b, true
}
