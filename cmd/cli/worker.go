package cli

import (
	"cmp"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
)

// workers returns the command of the worker processes for each workload that needs them, keyed by
// workload, and a note for the report. It starts and stops each command once, so that a program
// that cannot be a worker causes an error before the run measures anything. The arguments named and
// self are those of [Program.worker].
func (p Program) workers(ctx context.Context, named, self string, blocks []harness.Block) (commands map[string][]string, note string, err error) {
	commands = map[string][]string{}
	tried := map[string]bool{}
	for _, b := range blocks {
		for _, cell := range b.Cells {
			s := slices.IndexFunc(p.Strategies, func(s catalog.Strategy) bool { return s.Name == cell.Strategy && s.Capabilities.Processes })
			if s < 0 {
				continue
			}
			command, said, err := p.callers, "", error(nil)
			if cell.Workload != harness.PythonTask {
				command, said, err = p.worker(named, self, p.workload(cell.Workload).Heavy)
			}
			if err != nil {
				return nil, "", err
			}
			commands[cell.Workload], note = command, cmp.Or(note, said)
			if key := cell.Strategy + command[0]; tried[key] {
				continue
			} else {
				tried[key] = true
			}
			if p.Strategies[s].Serve != nil { // the strategy needs a server, so try its worker program with the strategy procs
				s = slices.IndexFunc(p.Strategies, func(s catalog.Strategy) bool { return s.Name == harness.Processes })
			}
			if s < 0 {
				continue
			}
			ex, err := p.Strategies[s].New(ctx, catalog.Config{Workers: 1, Worker: command})
			if err == nil {
				err = ex.Close()
			}
			if ctx.Err() != nil {
				return nil, "", context.Cause(ctx)
			}
			if err != nil {
				return nil, "", misuse("strategy %s: %w", cell.Strategy, err)
			}
		}
	}
	return commands, note, nil
}

// worker returns the command of a worker process, and a note for the report if a lean program is
// missing. The argument named is the value of --worker, and self is the path of this program. The
// command runs the first of these programs that applies:
//   - named, if it is not "",
//   - self, if the workload is heavy or no lean program is known,
//   - the lean program in the folder of self,
//   - a lean program of the same build, in PATH or where go install puts programs, and
//   - self.
func (p Program) worker(named, self string, heavy bool) (command []string, note string, err error) {
	if named != "" {
		if _, err := os.Stat(named); errors.Is(err, fs.ErrNotExist) && filepath.Base(named) == named {
			if found, err := exec.LookPath(named); err == nil {
				named = found
			}
		}
		command, err = program(named)
		return command, "", err
	}
	if heavy || p.Lean == "" {
		return worker.Command(), "", nil
	}
	lean := filepath.Join(filepath.Dir(self), p.Lean)
	if _, err := os.Stat(lean); errors.Is(err, fs.ErrNotExist) {
		if lean := installed(p.Lean, self); lean != "" {
			return []string{lean}, "", nil
		}
		return worker.Command(), fmt.Sprintf("worker processes ran %s itself, because %s is not in its folder. Such workers start more slowly and use more memory. To put both into one folder, run make build, or go install for both at the same version", filepath.Base(self), p.Lean), nil
	}
	command, err = program(lean)
	return command, "", err
}

// installed returns the path of the program with the given name in PATH or where go install puts
// programs. It returns "" if there is none that was built from the same version or commit as self.
func installed(name, self string) string {
	ours := built(self)
	if ours == "" {
		return ""
	}
	folders := append(filepath.SplitList(os.Getenv("PATH")), os.Getenv("GOBIN"))
	for _, dir := range filepath.SplitList(build.Default.GOPATH) {
		folders = append(folders, filepath.Join(dir, "bin"))
	}
	for _, dir := range folders {
		path := filepath.Join(dir, name)
		if filepath.IsAbs(path) && built(path) == ours {
			return path
		}
	}
	return ""
}

// built returns the module version and the commit from which the program at path was built. It
// returns "" if the program records neither, or was built from modified files.
func built(path string) string {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return ""
	}
	from := info.Main.Path + "@" + info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.modified" && s.Value == "true" {
			return ""
		}
		if s.Key == "vcs.revision" {
			return from + " " + s.Value
		}
	}
	if v := info.Main.Version; v == "" || v == "(devel)" {
		return ""
	}
	return from
}

// program returns a command that runs the program at path as a worker. It returns an error unless
// path is an executable file.
func program(path string) ([]string, error) {
	const remedy = "go build ./cmd/payoff-worker builds one"
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, misuse("--worker %s: no such program; %s", path, remedy)
	case err != nil:
		return nil, misuse("worker program: %w", err)
	case st.IsDir():
		return nil, misuse("worker program %s is a folder; name the program in it", path)
	case !st.Mode().IsRegular():
		return nil, misuse("worker program %s is not a file; %s", path, remedy)
	case st.Mode()&0o111 == 0:
		return nil, misuse("worker program %s is not executable; chmod +x %[1]s, or %s", path, remedy)
	}
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	if err := intact("the path of the worker program", path); err != nil {
		return nil, misuse("%w", err)
	}
	return []string{path}, nil
}
