package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// The worker programs beside payoff.
const (
	leanWorker  = "payoff-worker"
	heavyWorker = "payoff-worker-heavy" // for the kernels of heavy workloads
)

// workers returns the command of a worker process by workload, without those that need
// none. Each is started once and closed, so that a program that is none is told of before
// anything is measured.
func (p Program) workers(ctx context.Context, named, self string, blocks []harness.Block) (map[string][]string, error) {
	commands := map[string][]string{}
	tried := map[string]bool{}
	for _, w := range p.Workloads {
		for _, s := range p.Strategies {
			if !s.Capabilities.Processes || !needs(blocks, w.Name, s.Name) {
				continue
			}
			program := leanWorker
			if w.Heavy {
				program = heavyWorker
			}
			command := p.serves
			if named != "" || command == nil {
				path, err := findWorker(named, self, program)
				if err != nil {
					return nil, err
				}
				command = []string{path}
			}
			commands[w.Name] = command
			if tried[s.Name+command[0]] {
				continue
			}
			tried[s.Name+command[0]] = true
			ex, err := s.New(ctx, catalog.Config{Workers: 1, Worker: command})
			if err == nil {
				err = ex.Close()
			}
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if err != nil {
				return nil, misuse("strategy %s: %w", s.Name, err)
			}
		}
	}
	return commands, nil
}

// needs reports whether a cell is of the workload and the strategy.
func needs(blocks []harness.Block, workload, strategy string) bool {
	return slices.ContainsFunc(blocks, func(b harness.Block) bool {
		return b.Task.Workload == workload && slices.ContainsFunc(b.Cells, func(c harness.Cell) bool { return c.Strategy == strategy })
	})
}

// findWorker returns the absolute path of the worker program: the one named, a file or
// else a program on the PATH; or the program of that name beside the program self.
func findWorker(named, self, usual string) (string, error) {
	const remedy = "go build ./cmd/payoff-worker makes one"
	program := named
	if program == "" {
		program = filepath.Join(filepath.Dir(self), usual)
	}
	st, err := os.Stat(program)
	if errors.Is(err, fs.ErrNotExist) && filepath.Base(program) == program {
		if found, lookErr := exec.LookPath(program); lookErr == nil {
			program = found
			st, err = os.Stat(program)
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && named == "":
		return "", misuse("%s is missing, which worker processes run; make build makes it, or name one with --worker", program)
	case errors.Is(err, fs.ErrNotExist):
		return "", misuse("--worker %s: no such program; %s", named, remedy)
	case err != nil:
		return "", misuse("worker program: %w", err)
	case st.IsDir():
		return "", misuse("worker program %s is a folder; name the program in it", program)
	case !st.Mode().IsRegular():
		return "", misuse("worker program %s is not a file; %s", program, remedy)
	case st.Mode()&0o111 == 0:
		return "", misuse("worker program %s is not executable; %s", program, remedy)
	}
	return filepath.Abs(program)
}
