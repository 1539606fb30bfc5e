package cli

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/peers"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/python"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/fault"
	"github.com/payoff-bench/payoff/workloads/kernels"
	"github.com/payoff-bench/payoff/workloads/payload"
)

// Own is the main function of a program that adds the strategies and workloads of p to the payoff
// command. Worker processes run the same program, so they have the kernels of p. Own does not
// include the heavy workloads (web.Echo, web.HTTP, sqlite.SQLite), because worker processes of a
// program with more packages take longer to start; p may include them. Own does not return.
func Own(p Program) {
	p.Workloads = slices.Concat(kernels.All(), payload.All(), p.Workloads)
	runtime.MemProfileRate = 0 // as in Main
	worker.Main(workloads.Kernels(p.Workloads))
	p.Workloads = append(p.Workloads, workloads.Python(p.Workloads, python.Loop)...)
	c := procs.Config{Program: procs.Self()}
	p.Strategies = slices.Concat(catalog.Goroutines(), []catalog.Strategy{Processes(c)}, peers.Table(), python.Table(), p.Strategies)
	p.Kinds = Kinds(c)
	os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr, p))
}

// workload returns the workload with the given name. If there is none, it returns the zero
// Workload.
func (p Program) workload(name string) workloads.Workload {
	w, _ := harness.Find(p.Workloads, "workload", name, func(w workloads.Workload) string { return w.Name })
	return w
}

// strategy returns the strategy with the given name. If there is none, it returns the zero Strategy.
func (p Program) strategy(name string) catalog.Strategy {
	s, _ := harness.Find(p.Strategies, "strategy", name, func(s catalog.Strategy) string { return s.Name })
	return s
}

// waits reports whether the tasks of the workload mostly wait.
func (p Program) waits(workload string) bool { return p.workload(workload).Waits }

// doc returns the description of a workload, or of a word in the name of a shape, such as kill1000.
// It returns "" for other names.
func (p Program) doc(name string) string {
	if w := p.workload(name); w.Doc != "" {
		return w.Doc
	}
	stem := strings.TrimRight(name, "0123456789")
	for _, w := range fault.Words() {
		if w.Name == stem+"N" && stem != name {
			return strings.ReplaceAll(w.Doc, " N ", " "+strings.TrimPrefix(name, stem)+" ")
		}
		if w.Name == name {
			return w.Doc
		}
	}
	return ""
}

// check returns an error if a row of the tables of p is invalid.
func (p Program) check() error {
	seen := map[string]bool{}
	for _, s := range p.Strategies {
		if err := harness.CheckName("strategy", s.Name); err != nil {
			return err
		}
		switch {
		case s.Name == harness.Direct:
			return fmt.Errorf("a strategy is named %s, which is the name of the loop that all strategies are compared with; rename it", s.Name)
		case s.Name == harness.Processes && !s.Capabilities.Processes:
			return fmt.Errorf("a strategy without worker processes is named %s, which is reserved for worker processes; rename it", s.Name)
		case s.New == nil:
			return fmt.Errorf("strategy %s has no function New; set this field", s.Name)
		case seen["strategy "+s.Name]:
			return fmt.Errorf("two strategies are named %s; rename one", s.Name)
		}
		seen["strategy "+s.Name] = true
	}
	for _, w := range p.Workloads {
		if err := harness.CheckName("workload", w.Name); err != nil {
			return err
		}
		for _, name := range w.Codecs {
			if err := harness.CheckName("codec", name); err != nil {
				return fmt.Errorf("workload %s: %w", w.Name, err)
			}
		}
		switch {
		case w.Name == kernels.Command().Name:
			return fmt.Errorf("a workload is named %s, which is the name for programs of --command; rename it", w.Name)
		case w.Name == harness.PythonTask:
			return fmt.Errorf("a workload is named %s, which is the name for functions of --python; rename it", w.Name)
		case w.New == nil || w.Kernel == nil:
			return fmt.Errorf("workload %s has no function New or no kernel; set both fields", w.Name)
		case w.Kernel.KernelName() != w.Name && w.Loop == "":
			return fmt.Errorf("workload %s has a kernel named %s; the names must be equal, since worker processes look kernels up by workload", w.Name, w.Kernel.KernelName())
		case seen[w.Name]:
			return fmt.Errorf("two workloads are named %s; rename one", w.Name)
		}
		if w.Serve != nil && p.strategy(w.Name).Serve != nil {
			return fmt.Errorf("a workload and a strategy, both with a server, are named %s; rename one", w.Name)
		}
		seen[w.Name] = true
	}
	served := map[string]bool{}
	for _, k := range workloads.Kernels(p.Workloads) {
		if served[k.KernelName()] {
			return fmt.Errorf("two kernels that worker processes serve are named %s; rename the workload", k.KernelName())
		}
		served[k.KernelName()] = true
	}
	return nil
}
