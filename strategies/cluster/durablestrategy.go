package cluster

import (
	"context"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/work"
)

// Strategy returns the catalog.Strategy with the name durable. Its executors have the configuration
// c, except for the number of workers, which comes from the catalog.Config.
func (c DurableConfig) Strategy() catalog.Strategy {
	return catalog.Strategy{
		Name: durableName,
		Doc:  "worker processes on other hosts, which take tasks from a queue that a NATS server keeps in files",
		Capabilities: catalog.Capabilities{
			Processes: true, Parallel: true, Balances: true, Limits: true, Retries: true, Shared: true,
		},
		New: func(ctx context.Context, row catalog.Config) (work.Executor, error) {
			c := c
			c.Workers = row.Workers
			x, err := NewDurable(ctx, c)
			if err != nil {
				return nil, err
			}
			return x, nil
		},
		With: func(s catalog.Setting) (catalog.Strategy, error) {
			if s != (catalog.Setting{}) {
				return c.Strategy(), &work.OptionError{Strategy: durableName, Option: "setting", Value: s, Reason: "the worker on each host decides how its processes start and how bytes reach them"}
			}
			return c.Strategy(), nil
		},
		Code: "cluster.NewDurable(ctx, cluster.DurableConfig{Workers: {workers}, Options: options})",
	}
}
