//go:build !unix

package python

import (
	"context"
	"errors"
	"fmt"

	"github.com/payoff-bench/payoff/strategies/catalog"
)

type head struct {
	System, Start    string
	Workers, Recycle int
}

func open(context.Context, string, head) (catalog.RemotePool, error) {
	return nil, fmt.Errorf("pools of python need Unix: %w", errors.ErrUnsupported)
}
