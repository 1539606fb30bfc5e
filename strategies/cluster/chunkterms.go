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

// A chunkTerms holds the facts about a chunk in the queue that a worker needs, apart from the
// inputs. It is in the header of the chunk's message.
type chunkTerms struct {
	Protocol int // version of package wire
	Version  string
	Kernel   string
	Kernels  uint32        // checksum of the names of all kernels
	Tasks    int           // number of tasks
	Limit    time.Duration // time limit of a task
	Retries  int
	Prompt   bool   // the worker stores each outcome at once
	Depth    int    // number of process pools in which the executor is nested
	Owner    string // id of the executor, without which the chunk is cancelled; "" for a named job
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
	b, _ := json.Marshal(t) // cannot fail for these types
	return string(b)
}

// parseTerms parses terms, and checks whether a worker with the given kernels can run the chunk.
// The error is the reason why it cannot.
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

// A chunkName names a chunk among the chunks of its job or, for unnamed jobs, of its executor. It
// has the first task, the number of tasks, the checksum of their inputs, and the number of the
// submitter. A submitter that takes up a job learns from the names of its chunks which tasks the
// server has accepted.
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
