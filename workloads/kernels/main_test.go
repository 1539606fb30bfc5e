package kernels

import (
	"os"
	"testing"

	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/workloads"
)

// itself is the configuration of worker processes that run this test program.
var itself = procs.Config{Program: procs.Self()}

func TestMain(m *testing.M) {
	worker.Main(workloads.Kernels(All()))
	os.Exit(m.Run())
}
