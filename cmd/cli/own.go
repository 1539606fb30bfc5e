package cli

import (
	"fmt"
	"os"
	"slices"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/peers"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/kernels"
	"github.com/payoff-bench/payoff/workloads/payload"
)

// Own is the whole main of a program with strategies and workloads of its own: the command
// payoff with those of p beside all others. Worker processes are the same program executed
// again, so that they know its kernels; they pay for what it links, which is why heavy
// workloads (web.Echo, web.HTTP, sqlite.SQLite) are there only if p has them. It does not return.
func Own(p Program) {
	p.Workloads = slices.Concat(kernels.All(), payload.All(), p.Workloads)
	c := procs.Config{Entry: worker.Main(workloads.Kernels(p.Workloads))}
	p.serves = c.Entry.Command()
	p.Strategies = slices.Concat(strategies.Table(), []strategies.Strategy{Processes(c)}, peers.Table(), p.Strategies)
	p.Kinds = Kinds(c)
	os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr, p))
}

// check returns an error for a row of the tables that cannot be used.
func (p Program) check() error {
	seen := map[string]bool{}
	for _, s := range p.Strategies {
		switch name := "strategy " + s.Name; {
		case s.Name == "" || s.New == nil:
			return fmt.Errorf("strategy %q has no name or no New", s.Name)
		case seen[name]:
			return fmt.Errorf("two strategies are named %s; rename one", s.Name)
		default:
			seen[name] = true
		}
	}
	for _, w := range p.Workloads {
		switch {
		case w.Name == "" || w.New == nil || w.Kernel == nil:
			return fmt.Errorf("workload %q has no name, no New or no kernel", w.Name)
		case w.Kernel.KernelName() != w.Name:
			return fmt.Errorf("workload %s has a kernel named %s; worker processes find it by the workload's", w.Name, w.Kernel.KernelName())
		case seen[w.Name]:
			return fmt.Errorf("two workloads are named %s; rename one", w.Name)
		default:
			seen[w.Name] = true
		}
	}
	return nil
}
