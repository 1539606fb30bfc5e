package cluster

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// chunkTerms is what a worker must know of a chunk in the queue, apart from the inputs. It is in the
// header of the chunk's message.
type chunkTerms struct {
	Protocol int // version of package wire
	Version  string
	Kernel   string
	Kernels  uint32        // checksum of the names of all kernels
	Tasks    int           // number of tasks
	Limit    time.Duration // of a task
	Retries  int
	Prompt   bool   // each outcome is wanted at once
	Depth    int    // number of process pools in which the executor is nested
	Owner    string // executor that must live; "" for a named job
}

// checksum returns a checksum of the names of kernels.
func checksum(kernels []string) uint32 {
	return crc32.ChecksumIEEE([]byte(strings.Join(slices.Sorted(slices.Values(kernels)), "\n")))
}

// newTerms returns the terms of a chunk of n tasks for workers with the given kernels.
func newTerms(t *work.Terms, kernels []string, n int) chunkTerms {
	here := wire.Here()
	return chunkTerms{
		Protocol: here.Protocol, Version: here.Version, Kernel: t.Kernel, Kernels: checksum(kernels), Tasks: n,
		Limit: t.Limit, Retries: t.Retries, Prompt: t.Stream, Depth: worker.Depth(),
	}
}

func (t chunkTerms) String() string {
	b, _ := json.Marshal(t) // fails for no value of these types
	return string(b)
}

// parseTerms reads terms, and checks them for a worker with the given kernels. Its error is the reason why the
// worker cannot run the chunk.
func parseTerms(text string, kernels []string) (t chunkTerms, err error) {
	if err := json.Unmarshal([]byte(text), &t); err != nil || t.Tasks < 1 {
		return t, fmt.Errorf("the message is not from an executor of payoff")
	}
	if err := wire.Compare(wire.Side{Protocol: t.Protocol, Version: t.Version}, wire.Here()); err != nil {
		return t, err
	}
	if !slices.Contains(kernels, t.Kernel) {
		return t, &KernelError{Kernel: t.Kernel, Have: kernels}
	}
	if t.Kernels != checksum(kernels) {
		return t, fmt.Errorf("it serves the kernels %s, and the other workers of the group serve others; start the same program on each host", list(kernels))
	}
	return t, procs.CheckDepth(t.Depth)
}

// A chunkName names a chunk within its life: the first task, their number, the checksum of their inputs and
// the number of the submitter. Thus a submitter that takes up a job learns from the names which tasks are accepted.
type chunkName struct {
	lo, n int
	sum   uint32
	epoch int
}

func (c chunkName) String() string { return fmt.Sprintf("%d-%d-%08x-%d", c.lo, c.n, c.sum, c.epoch) }

func parseChunkName(s string) (c chunkName, ok bool) {
	n, err := fmt.Sscanf(s, "%d-%d-%08x-%d", &c.lo, &c.n, &c.sum, &c.epoch)
	return c, n == 4 && err == nil && c.lo >= 0 && c.n > 0
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sumOf(inputs []byte) uint32 { return crc32.Checksum(inputs, castagnoli) }

// compareChunks orders chunks by submitter and then by their first task.
func compareChunks(a, b chunkName) int {
	return cmp.Or(a.epoch-b.epoch, a.lo-b.lo)
}
