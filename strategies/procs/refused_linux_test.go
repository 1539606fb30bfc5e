package procs

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/wire/transport"
)

// alone runs the test in a separate process, because the test changes limits of its process. In the
// separate process, alone returns true, and the test must continue. In the original process it
// returns false, and the test must end.
func alone(t *testing.T) bool {
	if os.Getenv("PAYOFF_ALONE") == t.Name() {
		return true
	}
	c := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	c.Env = append(os.Environ(), "PAYOFF_ALONE="+t.Name())
	out, err := c.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "SKIP") {
			t.Log(strings.TrimSpace(line))
		}
	}
	return false
}

// TestRefusedBySystem checks a system that refuses a resource to a new pool, or to a pool that
// needs another worker. The error must name this cause and must not blame the worker program. Once
// the resource is available again, the next job must run.
func TestRefusedBySystem(t *testing.T) {
	if !alone(t) {
		return
	}
	pipe, unixes, shm := transport.Pipe(), transport.Unix(""), transport.SHM(transport.SHMOptions{})
	var page *wire.PageError
	var open *transport.OpenError
	var address *transport.AddressError
	for _, test := range []struct {
		name   string
		over   transport.Transport
		refuse func(t *testing.T) (restore func())
		is     any   // the expected type of the error
		cause  error // the expected error of the system
		text   string
	}{
		{"file size, page", pipe, fileSize(wire.PageSize - 1), &page, unix.EFBIG, "shared page: no room for"},
		{"file size, rings", shm, fileSize(wire.PageSize + 1), &open, unix.EFBIG, "transport shm: open: memory of"},
		{"descriptors, pipe", pipe, descriptors, nil, unix.EMFILE, "ulimit"},
		{"descriptors, unix", unixes, descriptors, nil, unix.EMFILE, "ulimit"},
		{"descriptors, shm", shm, descriptors, nil, unix.EMFILE, "ulimit"},
		{"no folder", unixes, temporary(func(t *testing.T) string { return filepath.Join(t.TempDir(), "missing") }), &open, unix.ENOENT, "transport unix: open: "},
		{"a file for a folder", unixes, temporary(func(t *testing.T) string { return os.Args[0] }), &open, unix.ENOTDIR, os.Args[0]},
		{"a long name", unixes, temporary(func(t *testing.T) string {
			dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
			must(t, os.Mkdir(dir, 0o700))
			return dir
		}), &address, nil, "TMPDIR"},
		{"a full disk", unixes, temporary(mounted(0, "nr_inodes=1")), &open, unix.ENOSPC, "no space left"},
		{"a disk for reading", unixes, temporary(mounted(unix.MS_RDONLY, "")), &open, unix.EROFS, "read-only"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := config(1)
			c.Transport = test.over
			x := newExecutor(t, c)
			restore := test.refuse(t)
			_, made := New(t.Context(), c)
			_, err := fault.Map(t.Context(), x, []string{"kill", "1", "2"}, strategies.Options{Chunk: chunk.Fixed(1)})
			restore()
			for what, err := range map[string]error{"a new pool": made, "one at work": err} {
				var start *StartError
				if !errors.As(err, &start) || test.cause != nil && !errors.Is(err, test.cause) ||
					!strings.Contains(start.Error(), test.text) || strings.Contains(start.Error(), "must be an executable") {
					t.Errorf("%s: %v", what, err)
				}
				if test.is != nil && !errors.As(err, test.is) {
					t.Errorf("%s: not a %T: %v", what, test.is, err)
				}
			}
			var job *strategies.JobError
			if !errors.As(err, &job) || job.Task(1) == nil || job.Task(2) == nil {
				t.Errorf("queued tasks: got error %v, want failures of tasks 1 and 2", err)
			}
			if out, err := fault.Map(t.Context(), x, numbered(3), strategies.Options{}); err != nil {
				t.Errorf("when the resource is available again: got %q and error %v", out, err)
			}
		})
	}
}

// fileSize returns a function that limits the size of the files that this process writes to the
// given number of bytes. This function returns another function, which removes the limit.
func fileSize(most uint64) func(*testing.T) func() {
	return func(t *testing.T) func() {
		signal.Ignore(unix.SIGXFSZ)
		restore := limited(t, unix.RLIMIT_FSIZE, most)
		return func() { restore(); signal.Reset(unix.SIGXFSZ) }
	}
}

// descriptors limits this process to the descriptors that are open now. It returns a function that
// removes the limit.
func descriptors(t *testing.T) func() {
	next, err := unix.Dup(0) // the lowest number that is free
	must(t, err)
	unix.Close(next)
	return limited(t, unix.RLIMIT_NOFILE, uint64(next))
}

func limited(t *testing.T, what int, most uint64) (restore func()) {
	var was unix.Rlimit
	must(t, unix.Getrlimit(what, &was))
	must(t, unix.Setrlimit(what, &unix.Rlimit{Cur: most, Max: was.Max}))
	return func() { must(t, unix.Setrlimit(what, &was)) }
}

// temporary returns a function that sets the folder for temporary files. This function returns
// another function, which restores the earlier folder.
func temporary(folder func(*testing.T) string) func(*testing.T) func() {
	return func(t *testing.T) func() {
		was, dir := os.TempDir(), folder(t)
		t.Setenv("TMPDIR", dir)
		return func() { t.Setenv("TMPDIR", was) }
	}
}

// mounted returns a function that mounts a file system in memory and returns the file system's
// folder. The file system has the given flags and options; see mount(2).
func mounted(flags uintptr, options string) func(*testing.T) string {
	return func(t *testing.T) string {
		dir := t.TempDir()
		if err := unix.Mount("payoff", dir, "tmpfs", flags, options); err != nil {
			t.Skip("a file system cannot be mounted: ", err)
		}
		t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
		return dir
	}
}
