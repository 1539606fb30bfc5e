package kernels

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// inheritedUnit is the unit of a number of descriptors and variables: as many as a worker process
// inherited without need. Of several workers, the largest number counts.
const inheritedUnit = "inherited-extra/op"

// secretEnv is a variable that the workload inherited sets in the process of the load. Launches pass
// no variable whose name begins with PAYOFF_ to worker processes.
const secretEnv = "PAYOFF_SECRET"

// newInherited returns the workload inherited. Its tasks compute. In a worker process they also
// count the descriptors and variables that the process inherited but does not need.
//
// Before the executor starts, the load sets a variable and opens a file without close-on-exec, as a
// C library may do. New programs would inherit both, and a worker needs neither. The load then
// writes a list of its open files, pipes and sockets, with which a worker compares its own.
func newInherited() workloads.Workload {
	lists := &workloads.Keyed[[]uint64]{}
	k := strategies.Kernel[sharedTask, inherited]{
		In: sharedCodec(),
		Out: workloads.OutputCodec(4,
			func(dst []byte, i inherited) []byte { return binary.LittleEndian.AppendUint32(dst, i.Extra) },
			func(o workloads.Outcome, rest []byte) inherited {
				return inherited{o, binary.LittleEndian.Uint32(rest)}
			}),
		Func: func(ctx context.Context, t sharedTask) (inherited, error) {
			o, err := t.spun(ctx, t.Steps)
			if err != nil || t.here() {
				return inherited{Outcome: o}, err
			}
			of, err := lists.Of(t.Dir, func() ([]uint64, error) { return readList(t.Dir) })
			_, secret := os.LookupEnv(secretEnv)
			return inherited{o, extra(openFiles(), of, secret)}, err
		},
	}
	return workloads.DefinePlain(workloads.Workload{
		Name:   "inherited",
		Doc:    "computes, and counts the descriptors and variables that a worker process inherited without need",
		Uses:   "allocates a short list",
		Grains: true,
		Shared: true,
	}, k, func(p workloads.Params) (t workloads.Typed[sharedTask, inherited], err error) {
		fd, err := syscall.Open(filepath.Join(p.Dir, "held"), syscall.O_CREAT|syscall.O_RDWR, 0o600) // without O_CLOEXEC
		if err != nil {
			return t, fmt.Errorf("file that a worker must not inherit: %w", err)
		}
		t.Free = func() error { return errors.Join(os.Unsetenv(secretEnv), syscall.Close(fd)) }
		t.Input = func(i, grain int) sharedTask { return newSharedTask(p, i, grain) }
		t.Number = inherited.Number
		t.Look = mostExtra
		return t, errors.Join(os.Setenv(secretEnv, "of the load"), writeList(p.Dir))
	})
}

// An inherited is the outcome of a task of the workload inherited.
type inherited struct {
	workloads.Outcome
	Extra uint32 // number of descriptors and variables that the process inherited without need
}

// mostExtra returns the largest number of descriptors and variables that a worker process of the
// job inherited without need, keyed by the unit of this number.
func mostExtra(out []inherited) (map[string]float64, error) {
	most := slices.MaxFunc(out, func(a, b inherited) int { return int(a.Extra) - int(b.Extra) })
	return map[string]float64{inheritedUnit: float64(most.Extra)}, nil
}

// extra returns how many of the files that a worker has open are also in list, the files that the
// process of the load has open. If secret is true, the worker also inherited the variable
// [secretEnv], which counts as one more.
func extra(open, list []uint64, secret bool) (n uint32) {
	for _, f := range open {
		if slices.Contains(list, f) {
			n++
		}
	}
	if secret {
		n++
	}
	return n
}

// mostDescriptors is the number of the first descriptor that [openFiles] does not look at.
const mostDescriptors = 1024

// openFiles returns a digest of each file, folder, pipe and socket that this process has open. It
// leaves out files and folders with close-on-exec: no program inherits them, and other processes
// may open the same ones, as the Go runtime does. It leaves out devices, because each process opens
// the null device itself. It also leaves out objects of the kernel without a type, such as that of
// epoll, because all processes share their inode.
func openFiles() (all []uint64) {
	for fd := range mostDescriptors {
		var s syscall.Stat_t
		if syscall.Fstat(fd, &s) != nil {
			continue
		}
		switch s.Mode & syscall.S_IFMT {
		case syscall.S_IFREG, syscall.S_IFDIR:
			flags, _, failed := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_GETFD, 0)
			if failed != 0 || flags&syscall.FD_CLOEXEC != 0 {
				continue
			}
		case syscall.S_IFIFO, syscall.S_IFSOCK:
		default:
			continue
		}
		all = append(all, mix.Bits(uint64(s.Dev))^uint64(s.Ino))
	}
	return all
}

// listPath returns the path of a file in dir, the folder of a job. This file lists the open files
// of the process of the load.
func listPath(dir string) string { return filepath.Join(dir, "open") }

func writeList(dir string) error {
	var b []byte
	for _, f := range openFiles() {
		b = binary.LittleEndian.AppendUint64(b, f)
	}
	return os.WriteFile(listPath(dir), b, 0o600)
}

func readList(dir string) (all []uint64, err error) {
	b, err := os.ReadFile(listPath(dir))
	for ; len(b) >= 8; b = b[8:] {
		all = append(all, binary.LittleEndian.Uint64(b))
	}
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%s lists no open file; the process of the load has at least one", listPath(dir))
	}
	return all, err
}
