package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/cluster"
	"github.com/payoff-bench/payoff/strategies/procs"
)

// Environment variables with the account of a NATS server.
const (
	envUser     = "PAYOFF_NATS_USER"
	envPassword = "PAYOFF_NATS_PASSWORD"
)

// A reach holds the values of the flags by which a program reaches a NATS server.
type reach struct {
	cluster.Options
	passwordFile string
}

// flags declares the flags that set the fields of r.
func (r *reach) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&r.URL, "nats", "", "`URL` of the NATS server, such as nats://host:4222, or several, separated by commas")
	f.StringVar(&r.Group, "group", "workers", "`name` of the workers that belong together; programs use the workers of one group")
	f.StringVar(&r.User, "user", "", "`name` of the account of the server (default: the variable "+envUser+")")
	f.StringVar(&r.passwordFile, "password-file", "", "`file` with the password of the account (default: the variable "+envPassword+")")
	f.StringVar(&r.NKey, "nkey", "", "`file` with the seed of an NKEY, instead of a user and password")
	f.StringVar(&r.CA, "ca", "", "PEM `file` with the authorities that may have signed the certificate of the server (default: those of the system)")
	f.StringVar(&r.Cert, "cert", "", "PEM `file` with the certificate of this program, if the server wants one")
	f.StringVar(&r.Key, "key", "", "PEM `file` with the key of that certificate")
	f.DurationVar(&r.Period, "period", 0, "`time` between two heartbeats; programs and workers need the same value (default 1s)")
}

// options returns the options of the flags, with the account from a file or from the environment.
func (r *reach) options() (o cluster.Options, err error) {
	o = r.Options
	if o.URL == "" {
		return o, misuse("--nats is missing: name the NATS server, such as --nats nats://host:4222")
	}
	for part := range strings.SplitSeq(o.URL, ",") {
		if strings.Contains(part, "@") {
			return o, misuse("--nats has an account, and other users of this machine can see arguments; put the account into the variables %s and %s, or use --user and --password-file", envUser, envPassword)
		}
	}
	if o.NKey != "" {
		return o, nil
	}
	if o.User == "" {
		o.User = os.Getenv(envUser)
	}
	if r.passwordFile == "" {
		o.Password = os.Getenv(envPassword)
	} else if text, err := os.ReadFile(r.passwordFile); err != nil {
		return o, misuse("--password-file: %w", err)
	} else {
		o.Password = strings.TrimRight(string(text), "\r\n")
	}
	switch {
	case o.User == "" && o.Password != "":
		return o, misuse("there is a password, and no user; set --user or the variable %s", envUser)
	case o.User != "" && o.Password == "":
		return o, misuse("there is no password for user %s; set --password-file or the variable %s", o.User, envPassword)
	}
	return o, nil
}

func (p Program) workerCommand() *cobra.Command {
	var r reach
	var w cluster.Worker
	var program string
	var durable bool
	c := &cobra.Command{
		Use:   "worker --nats URL",
		Short: "Run tasks for programs on other hosts",
		Long: `payoff worker connects to a NATS server, and runs tasks for programs on other hosts
that use the executor of package strategies/cluster. It serves the kernels of all
workloads: payoff list workloads. A program of your own that calls cli.Own has this
command too, with its own kernels.

The first interrupt lets running tasks end. A second one kills the worker.

The account of the server comes from files or from the environment variables
` + envUser + ` and ` + envPassword + `.

Exit status: 0 ended by a signal, 1 no server, or it refuses the account, 2 wrong
usage or a missing file.`,
		Example: `  payoff worker --nats nats://10.0.0.1:4222 --name rack7
  payoff worker --nats tls://nats.example.org --ca ca.pem --nkey worker.seed --slots 8`,
		Args: none,
		RunE: draining(func(c *cobra.Command, _ []string) (err error) {
			if w.Options, err = r.options(); err != nil {
				return err
			}
			if w.Program = procs.Self(); program != "" {
				command, _, err := p.worker(program, "", false)
				if err != nil {
					return err
				}
				w.Program = procs.Command(command[0], command[1:]...)
			}
			w.Process.Env = harness.Inherited(os.Environ())
			w.Ready = func() {
				slots := w.Slots
				if slots == 0 {
					slots = runtime.GOMAXPROCS(0)
				}
				fmt.Fprintf(c.OutOrStdout(), "ready: %s for the group %s at %s\n", format.Count(slots, "slot"), w.Group, w.URL)
			}
			defer context.AfterFunc(c.Context(), func() {
				fmt.Fprintln(c.ErrOrStderr(), "payoff: waiting for running tasks to end; a second interrupt kills them")
			})()
			serve := cluster.Serve
			if durable {
				serve = cluster.ServeDurable
			}
			return blamed(serve(c.Context(), w))
		}),
	}
	r.flags(c)
	f := c.Flags()
	f.StringVar(&w.Name, "name", "", "`name` of this worker in errors (default: the name of the host)")
	f.IntVar(&w.Slots, "slots", 0, "`number` of tasks that run at the same time (default: the number of cores)")
	f.BoolVar(&durable, "durable", false, "take tasks of durable executors from the queue of a server with JetStream")
	f.StringVar(&program, "worker", "", "`program` that worker processes run (default: this program)")
	return c
}

// blamed returns err, with the exit status for wrong usage if err is about an invalid option or a
// missing file.
func blamed(err error) error {
	var option *strategies.OptionError
	switch {
	case errors.As(err, &option):
		flag := option.Option
		if flag == "url" {
			flag = "nats"
		}
		return misuse("--%s %v: %s", flag, option.Value, option.Reason)
	case errors.Is(err, fs.ErrNotExist):
		return misuse("%w", err)
	}
	return err
}
