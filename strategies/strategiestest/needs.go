package strategiestest

import "github.com/payoff-bench/payoff/strategies/catalog"

// needs says to which strategies a rule applies.
type needs uint32

const (
	processes needs = 1 << iota // workers are processes
	inside                      // workers are in this process
	parallel                    // more than one task runs at a time
	nests                       // a task may wait for a job of its own executor
	balances                    // a free worker runs tasks that wait behind a busy one
	fixed                       // tasks stay with the worker that they were given to
	keys                        // tasks with equal keys run on one worker
	resumes                     // kernels run by their resumable form
	exclusive                   // one task runs at a time, except for those that wait
	limits                      // Options.Limit is enforced
	retries                     // Options.Retries is honoured
	bounded                     // no more tasks run at once than there are workers
	exits                       // a task that calls runtime.Goexit costs no worker
	recycles                    // Setting.Recycle is honoured
	prepares                    // Setting.Prepare is honoured

	// pairs is no condition: [Cover] runs the rule although it is not about processes alone.
	pairs
)

// unmet returns why a rule does not apply to a strategy with capabilities c, or "".
func (n needs) unmet(c catalog.Capabilities) string {
	for _, condition := range []struct {
		need needs
		met  bool
		why  string
	}{
		{processes, c.Processes, "its workers are not processes"},
		{inside, !c.Processes, "its workers are processes"},
		{nests, c.Nests, "its tasks cannot wait for its own jobs"},
		{balances, c.Balances, "its tasks stay with the worker that they were given to"},
		{fixed, !c.Balances, "its workers take tasks that wait behind others"},
		{keys, c.Keys, "it knows no keys"},
		{resumes, c.Resumes, "it does not run resumable forms"},
		{exclusive, c.Exclusive, "its tasks do not exclude each other"},
		{limits, c.Limits, "it cannot enforce limits"},
		{retries, c.Retries, "it does not run tasks again"},
		{recycles, c.Recycles, "it does not recycle its workers"},
		{prepares, c.Prepares, "it does not prepare its workers"},
		{parallel, c.Parallel, "it runs one task at a time"},
		{bounded, !c.Unbounded, "its tasks run all at once"},
		{exits, !c.LosesGoexit, "a task that calls runtime.Goexit may cost it a worker for good"},
	} {
		if n&condition.need != 0 && !condition.met {
			return condition.why
		}
	}
	return ""
}
