package strategies

import "context"

// SerialStrategy is one goroutine that runs one task after the other: what every
// other strategy must beat. It is a crew of one, so that the two differ in nothing
// but the number of workers.
func SerialStrategy() Strategy {
	return Strategy{
		Name:         "serial",
		Doc:          "one goroutine, one task after the other",
		Capabilities: Capabilities{Nests: true, Balances: true, Limits: true},
		New: func(_ context.Context, c Config) (Executor, error) {
			if c.Workers != 0 && c.Workers != 1 {
				return nil, &OptionError{Strategy: "serial", Option: "workers", Value: c.Workers, Reason: "must be 1"}
			}
			return newCrew("serial", 1, newCounter), nil
		},
	}
}
