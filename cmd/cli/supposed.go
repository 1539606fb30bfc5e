package cli

import (
	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
)

// A supposed holds the flags that payoff predict and payoff simulate share. They describe a job
// that no run measured, and name the run from which the costs come.
type supposed struct {
	cpu, payload, from string
	cores, tasks       int
	force              bool
}

// flags declares the flags. The arguments are the help texts of flags that differ between the
// commands.
func (s *supposed) flags(c *cobra.Command, cores, tasks, force string) {
	f := c.Flags()
	f.StringVar(&s.cpu, "cpu", "", "`time` of one task that computes, in a plain loop, such as 20us; the mean if tasks vary")
	f.StringVar(&s.payload, "payload", "", "`bytes` sent with a task, such as 4k (default: none)")
	f.IntVar(&s.cores, "cores", 0, cores)
	f.IntVar(&s.tasks, "tasks", 0, tasks)
	f.BoolVar(&s.force, "force", false, force)
	f.StringVar(&s.from, "from", newest, "`folder` of the run")
	for _, name := range []string{"cpu", "payload", "cores", "tasks"} {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	c.MarkFlagDirname("from")
}

// task returns the work of a task in ns, and its payload in bytes. It checks the numbers of cores and
// tasks against the given limits.
func (s supposed) task(c *cobra.Command, cores, tasks int) (work float64, payload int, err error) {
	if s.cpu == "" {
		return 0, 0, misuse("add --cpu, the time of a task in a plain loop; %s --help has examples", c.CommandPath())
	}
	t, err := harness.ParseTime(s.cpu)
	if err != nil {
		return 0, 0, misuse("--cpu %w", err)
	}
	if err := between("cpu", t, 1, longestWork); err != nil {
		return 0, 0, err
	}
	if c.Flags().Changed("payload") {
		if payload, err = harness.ParseSize(s.payload); err != nil {
			return 0, 0, misuse("--payload %w; without --payload, tasks have none", err)
		}
	}
	return float64(t), payload, limited(c, limit{"cores", s.cores, 1, cores}, limit{"tasks", s.tasks, 1, tasks})
}

// A limit holds the value of a flag, and the numbers, inclusive, between which the value must be.
type limit struct {
	flag             string
	value, low, high int
}

// limited returns an error for the first flag that is set to a value outside its limits.
func limited(c *cobra.Command, all ...limit) error {
	for _, l := range all {
		if c.Flags().Changed(l.flag) {
			if err := between(l.flag, l.value, l.low, l.high); err != nil {
				return err
			}
		}
	}
	return nil
}

// onlyFlags returns a check that a command has no arguments. The example is a correct command line.
func onlyFlags(example string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return misuse("%s takes flags only: %s, not %q", c.Name(), example, args[0])
		}
		return nil
	}
}
