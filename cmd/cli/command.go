package cli

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/workloads/kernels"
)

// task makes a program of the user's, in place of suites, what is measured. It returns the
// program with the workload that runs it.
func (m *matrix) task(p Program, names []string, ch choice) (Program, error) {
	switch {
	case len(names) > 0:
		return p, fmt.Errorf("--command is measured by itself, not with suite %s; run them apart", names[0])
	case ch.command == "" && ch.program == nil:
		return p, errors.New("--inputs without --command: which program takes them? write --command 'prog {}'")
	case ch.inputs == "":
		return p, errors.New("--command without --inputs: name a file with an input a line")
	}
	var err error
	m.program = slices.Clone(ch.program)
	if m.program == nil {
		if m.program, err = kernels.SplitCommand(ch.command); err != nil {
			return p, fmt.Errorf("--command: %w", err)
		}
	}
	found, err := exec.LookPath(m.program[0])
	if err == nil {
		found, err = filepath.Abs(found)
	}
	if err != nil {
		return p, fmt.Errorf("--command: program %s: %w%s", m.program[0], errors.Unwrap(err), unfound(err))
	}
	m.program[0] = found
	if _, err := kernels.ReadInputs(m.program, ch.inputs); err != nil {
		return p, fmt.Errorf("--inputs: %w", err)
	}
	if m.inputs, err = filepath.Abs(ch.inputs); err != nil {
		return p, fmt.Errorf("--inputs: %w", err)
	}
	if m.folder, err = os.Getwd(); err != nil {
		return p, err
	}
	if m.content, err = content(m.program[0], m.inputs); err != nil {
		return p, err
	}
	p.Workloads = append(slices.Clip(p.Workloads), kernels.Command())
	suite, err := harness.ParseSuite("command.toml", commandSuite(harness.Cores()))
	m.suites = []harness.Suite{suite}
	return p, err
}

// content is a digest of files: of another program, or with other inputs, the same command line
// is another task.
func content(files ...string) (string, error) {
	sum := sha256.New()
	for _, name := range files {
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrPermission) { // it may be run but not read
			fmt.Fprintln(sum, name)
			continue
		}
		if err != nil {
			return "", err
		}
		n, err := io.Copy(sum, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return "", err
		}
		fmt.Fprintln(sum, n)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8]), nil
}

// unfound says what to do about a program that is not found; "" if nothing comes to mind.
func unfound(err error) string {
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "; no shell is used: what only a shell knows needs sh -c, and NAME=value before a program needs env"
	case errors.Is(err, fs.ErrPermission):
		return "; chmod +x makes a file a program that may be run"
	}
	return ""
}

// commandSuite is a program at so many at a time: below as many as cores, as many, and above.
func commandSuite(cores int) []byte {
	var b strings.Builder
	fmt.Fprintln(&b, `question = "How many of these programs at a time pay off?"`)
	fmt.Fprintln(&b, "[[block]]\nworkload = \"command\"")
	counts := []int{1, cores / 2, cores, 2 * cores, 4 * cores}
	slices.Sort(counts)
	for _, n := range slices.Compact(counts) {
		if n > 0 && n <= harness.MaxWorkers {
			fmt.Fprintf(&b, "[[block.cell]]\nstrategy = \"pool\"\nworkers = %d\n", n)
		}
	}
	return []byte(b.String())
}
