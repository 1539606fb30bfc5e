// Package profiler writes profiles of the process that calls it, for a harness that merges the
// profiles of a launch and its worker processes.
//
// [Start] creates an empty file and starts a profile of one kind; [Profile.Stop] writes the file.
// So a process that ends early leaves an empty file, from which a reader learns that the process
// existed.
package profiler

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Roles of processes in a launch. The name of a profile begins with one of them.
const (
	Launch = "launch" // the launch itself
	Worker = "worker" // a worker process
	Helper = "helper" // the helper process that starts worker processes
)

// Trace is the kind whose files are execution traces. The files of all other kinds are profiles in
// the format of pprof.
const Trace = "trace"

// A Kind is one kind of profile, such as cpu or heap.
type Kind struct {
	Name, Doc string
	// Moment says that a profile describes a moment, and not the time from start to stop.
	Moment bool
	start  func(*Profile) error
	text   func() ([]byte, error) // ends the profile and returns it; nil for traces
}

// Kinds returns the kinds of profiles.
func Kinds() []Kind {
	return []Kind{
		{Name: "cpu", Doc: "CPU time, one sample per 10 ms", start: startCPU},
		{Name: "heap", Doc: "live heap after the last job", Moment: true, start: startHeap, text: heap},
		{Name: "allocs", Doc: "allocated objects and bytes", start: startHeap, text: func() ([]byte, error) { return lookup("allocs") }},
		{Name: "block", Doc: "time in which goroutines waited for channels, locks and conditions", start: startBlock, text: block},
		{Name: "mutex", Doc: "time in which goroutines waited for locks, by the code that held the lock", start: startMutex, text: mutex},
		{Name: "goroutine", Doc: "goroutines within 50 ms of the end of the last job", Moment: true, start: startGoroutines, text: func() ([]byte, error) { return lookup("goroutine") }},
		{Name: Trace, Doc: "execution trace, one file per process", start: startTrace},
	}
}

// Find returns the kind with the given name, and reports whether it exists.
func Find(name string) (Kind, bool) {
	all := Kinds()
	i := slices.IndexFunc(all, func(k Kind) bool { return k.Name == name })
	if i < 0 {
		return Kind{}, false
	}
	return all[i], true
}

// A Profile is a profile of this process that has started. The methods of a nil Profile do nothing.
type Profile struct {
	kind    Kind
	path    string
	buffer  bytes.Buffer // for kind cpu
	out     *out         // for kind trace
	end     func()       // ends the recording
	mu      sync.Mutex
	kept    bool // the file has a profile
	stopped bool
}

// Start starts a profile of the kind with the given name. Stop writes it to a new file in the folder
// dir, whose name consists of the role, the process id and the kind. Only one profile of a process
// may run at a time. If dir is "", Start returns nil.
func Start(dir, role, kind string) (*Profile, error) {
	if dir == "" {
		return nil, nil
	}
	k, ok := Find(kind)
	if !ok {
		return nil, fmt.Errorf("unknown kind of profile %q", kind)
	}
	p := &Profile{kind: k, end: func() {}}
	file, err := create(dir, role, kind)
	if err != nil {
		return nil, fmt.Errorf("%s profile: %w", kind, err)
	}
	p.path = file.Name()
	if kind == Trace {
		p.out = &out{file: file}
	} else if err := file.Close(); err != nil {
		return nil, fmt.Errorf("%s profile: %w", kind, err)
	}
	if err := k.start(p); err != nil {
		return nil, fmt.Errorf("%s profile: %w", kind, err)
	}
	return p, nil
}

// create creates a new, empty file in the folder dir for the profile. If an earlier process with
// the same process id left a file there, the name of the new file also has a number.
func create(dir, role, kind string) (*os.File, error) {
	name := fmt.Sprintf("%s-%d.%s", role, os.Getpid(), kind)
	for n := 2; ; n++ {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
		name = fmt.Sprintf("%s-%d-%d.%s", role, os.Getpid(), n, kind)
	}
}

// Keep writes the profile now, if its kind has Moment set and no profile was written yet. A launch
// calls Keep after its last job, while the executor still exists.
func (p *Profile) Keep() error {
	if p == nil || !p.kind.Moment {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept {
		return nil
	}
	return p.write()
}

// Stop ends the profile and writes its file. If it cannot write the file, Stop adds the error
// number to the name of the file: a full disk has no space for a message, but a file can be
// renamed. Further calls do nothing.
func (p *Profile) Stop() error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return nil
	}
	p.stopped = true
	p.end()
	err := error(nil)
	if p.out != nil {
		err = p.out.close()
	} else if !p.kept {
		err = p.write()
	}
	if err == nil {
		return nil
	}
	if no := syscall.Errno(0); errors.As(err, &no) {
		os.Rename(p.path, fmt.Sprintf("%s%s%d", p.path, failed, int(no)))
	}
	return fmt.Errorf("%s profile: %w", p.kind.Name, err)
}

// failed is in the name of a file that could not be written, before the error number.
const failed = ".error-"

// Failure reads the error that Stop has recorded in the name of a file. It returns the name without
// the error number, and the error. If Stop has recorded none, Failure returns the name and nil.
func Failure(name string) (string, error) {
	stem, number, ok := strings.Cut(name, failed)
	no := 0
	if _, err := fmt.Sscan(number, &no); !ok || err != nil {
		return name, nil
	}
	return stem, syscall.Errno(no)
}

// write writes the profile to its file. A reader never sees an incomplete file.
func (p *Profile) write() error {
	b := p.buffer.Bytes()
	if p.kind.text != nil {
		var err error
		if b, err = p.kind.text(); err != nil {
			return err
		}
	}
	part := p.path + ".part"
	if err := os.WriteFile(part, b, 0o666); err != nil {
		os.Remove(part)
		return err
	}
	p.kept = true
	return os.Rename(part, p.path)
}

// An out is the file of a trace. It keeps the first error, which package trace ignores.
type out struct {
	file *os.File
	err  error
}

func (o *out) Write(b []byte) (int, error) {
	n, err := o.file.Write(b)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

func (o *out) close() error { return errors.Join(o.err, o.file.Close()) }

var _ io.Writer = (*out)(nil)

// Used is the end of the name of a file next to a CPU profile. The file has the CPU time in ns that the
// kernel counted for the process during the profile.
const Used = ".used"

func startCPU(p *Profile) error {
	before := used()
	p.end = func() {
		during := used() - before
		pprof.StopCPUProfile()
		if before > 0 {
			// Without this file, the reader trusts the samples.
			os.WriteFile(p.path+Used, strconv.AppendInt(nil, during.Nanoseconds(), 10), 0o666)
		}
	}
	return pprof.StartCPUProfile(&p.buffer)
}

func startTrace(p *Profile) error {
	p.end = trace.Stop
	return trace.Start(p.out)
}

// allocation is the mean number of bytes between two samples of allocations.
const allocation = 16 << 10

func startHeap(p *Profile) error {
	before := runtime.MemProfileRate
	p.end = func() { runtime.MemProfileRate = before }
	runtime.MemProfileRate = allocation
	return nil
}

// heap returns the profile of the heap, which describes the objects that the last garbage
// collection left. It collects twice, since objects with finalizers survive the first collection.
func heap() ([]byte, error) {
	runtime.GC()
	runtime.GC()
	return lookup("heap")
}

func startBlock(*Profile) error { runtime.SetBlockProfileRate(1); return nil }

func block() ([]byte, error) {
	defer runtime.SetBlockProfileRate(0)
	return lookup("block")
}

func startMutex(*Profile) error { runtime.SetMutexProfileFraction(1); return nil }

func mutex() ([]byte, error) {
	defer runtime.SetMutexProfileFraction(0)
	return lookup("mutex")
}

// glance is the time between two profiles of the goroutines. The last one is kept, so it describes a
// process that runs tasks, rather than one that is ending.
const glance = 50 * time.Millisecond

func startGoroutines(p *Profile) error {
	ended := make(chan struct{})
	p.end = sync.OnceFunc(func() { close(ended) })
	go func() {
		tick := time.NewTicker(glance)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.mu.Lock()
				if !p.stopped {
					p.write() // Stop writes the profile if no earlier attempt could
				}
				p.mu.Unlock()
			case <-ended:
				return
			}
		}
	}()
	return nil
}

func lookup(name string) ([]byte, error) {
	var b bytes.Buffer
	err := pprof.Lookup(name).WriteTo(&b, 0)
	return b.Bytes(), err
}
