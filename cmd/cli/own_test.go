package cli

import (
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

// TestReservedNames checks that a user's strategy or workload cannot have a name that has another
// meaning in reports.
func TestReservedNames(t *testing.T) {
	strategy := func(name string, processes bool) Program {
		s := catalog.Named("pool")
		s.Name, s.Capabilities.Processes = name, processes
		return Program{Strategies: []catalog.Strategy{s}}
	}
	workload := kernels.All()[0]
	workload.Name = kernels.Command().Name
	function := kernels.All()[0]
	function.Name = harness.PythonTask
	for _, c := range []struct {
		p    Program
		want string
	}{
		{strategy("mine", false), ""},
		{strategy(harness.Direct, false), "a strategy is named direct"},
		{strategy(harness.Processes, false), "a strategy without worker processes is named procs"},
		{strategy(harness.Processes, true), ""},
		{Program{Workloads: []workloads.Workload{workload}}, "a workload is named command"},
		{Program{Workloads: []workloads.Workload{function}}, "a workload is named python"},
	} {
		err := c.p.check()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
