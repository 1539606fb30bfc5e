package probe

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/prometheus/procfs"

	"github.com/payoff-bench/payoff/harness/affinity"
)

// A check looks at one property of a machine.
type check struct {
	name string
	look func(*visit) Finding
	why  string // it matters
}

// checks are in the order of the findings.
func checks() []check {
	return []check{
		{"governor", (*visit).governor, "a core that clocks by its load times the same work differently"},
		{"boost", (*visit).boost, "cores clock higher while others idle: alone a worker is faster than among others"},
		{"smt", (*visit).smt, "two hardware threads share one core: two workers on it are slower than on two cores"},
		{"heat", (*visit).heat, "a core that gets too hot is slowed down"},
		{"load", (*visit).load, "what else runs takes cores and caches from what is measured"},
		{"pressure", (*visit).pressure, "it tells which launches had to wait for a core"},
		{"steal", (*visit).steal, "time in which the hypervisor ran others on this machine's cores"},
		{"hypervisor", (*visit).hypervisor, "it shares the machine with others, and says little of what they do to it"},
		{"quota", (*visit).quota, "a control group that has used up its quota is stopped until the period ends"},
		{"memory", (*visit).memory, "a control group near its memory limit gives back pages, and reads them again, while tasks run"},
		{"numa", (*visit).numa, "memory of another node is farther away, and the kernel moves pages between nodes"},
		{"power", (*visit).power, "on battery, or told to save power, cores are clocked lower"},
		{"affinity", (*visit).affinity, "cores that may not be used cannot be measured, and others work on them meanwhile"},
		{"pinning", (*visit).pinning, "a launch that cannot be kept to its cores moves between them, and has all of them"},
		{"counters", (*visit).counters, "they count the instructions, cycles and cache misses of tasks"},
		{"clock", (*visit).clock, "a slow clock source costs a system call at each reading"},
		{"swap", (*visit).swap, "memory that was swapped out comes back at a disk's pace"},
		{"huge pages", (*visit).hugePages, "whether memory gets them unasked depends on what ran before"},
	}
}

// Doctor looks for properties that make timings on this machine noisy. Pinning returns nil if a
// launch can be kept to its cores, or why not. Doctor changes nothing and takes some ms. A
// property that cannot be read is Unknown, with the reason.
func Doctor(pinning func() error) (all []Finding) {
	s := openSite("/", os.Getpid())
	s.pin = pinning
	for _, c := range checks() {
		all = append(all, c.finding(s))
	}
	return all
}

// finding looks at a site. Outside Linux there are no files to look at.
func (c check) finding(s site) Finding {
	f, v := Finding{}, visit{site: s}
	if runtime.GOOS == "linux" || c.name == "pinning" || c.name == "hypervisor" {
		f = c.look(&v)
	} else {
		v.keep(fmt.Errorf("it cannot be read on %s", runtime.GOOS))
	}
	if v.err != nil {
		f = Finding{Found: v.err.Error()}
	}
	f.Name, f.Why = c.name, c.why
	return f
}

// A visit is a look at a site. Its first error makes the finding Unknown, so that a look goes on
// after an error with zero values.
type visit struct {
	site
	err error
}

func (v *visit) keep(err error) {
	if v.err == nil {
		v.err = err
	}
}

// text reads a file.
func (v *visit) text(path ...string) string {
	text, err := v.read(path...)
	v.keep(err)
	return text
}

// list reads a file that holds a list of cores or nodes, as "0-3,8".
func (v *visit) list(of string, path ...string) []int {
	text := v.text(path...)
	all, err := affinity.ParseList(text)
	if err != nil {
		v.keep(fmt.Errorf("%s: %q is no list of %s", filepath.Join(path...), text, of))
	}
	return all
}

// each reads a file of each core that may be used. Without the file it keeps an error that says
// so as lacking does.
func (v *visit) each(file, lacking string) (values []string) {
	v.keep(v.coresErr)
	for _, core := range v.cores {
		text, err := v.read(sysCPU, fmt.Sprintf("cpu%d", core), file)
		if missing(err) && lacking != "" {
			err = errors.New(lacking)
		}
		v.keep(err)
		values = append(values, text)
	}
	return values
}

// A site is a machine as its files describe it, for the process pid.
type site struct {
	root     string // "/", except in tests
	pid      int
	cores    []int // that the process may use
	coresErr error
	proc     procfs.FS
	procErr  error
	pin      func() error // see Doctor
}

func openSite(root string, pid int) (s site) {
	s.root, s.pid = root, pid
	s.cores, s.coresErr = affinity.Cores(pid)
	s.proc, s.procErr = procfs.NewFS(filepath.Join(root, "proc"))
	return s
}

// read returns a file's text without blanks around it; path is from the root.
func (s site) read(path ...string) (string, error) {
	b, err := os.ReadFile(filepath.Join(s.root, filepath.Join(path...)))
	return strings.TrimSpace(string(b)), err
}

const sysCPU = "/sys/devices/system/cpu"

// times returns the CPU time, in seconds, of the cores that may be used: stolen of it, and
// wanted by processes, stolen or not.
func (s site) times() (stolen, wanted float64, err error) {
	if err := errors.Join(s.procErr, s.coresErr); err != nil {
		return 0, 0, err
	}
	stat, err := s.proc.Stat()
	if err != nil {
		return 0, 0, err
	}
	for _, core := range s.cores {
		c, ok := stat.CPU[int64(core)]
		if !ok {
			return 0, 0, fmt.Errorf("/proc/stat has no line of cpu%d", core)
		}
		stolen += c.Steal
		wanted += c.User + c.Nice + c.System + c.IRQ + c.SoftIRQ + c.Steal // guests' time is in the user's
	}
	return stolen, wanted, nil
}

// loadAverage returns the averages over one and five minutes.
func (s site) loadAverage() (one, five float64, err error) {
	if s.procErr != nil {
		return 0, 0, s.procErr
	}
	l, err := s.proc.LoadAvg()
	if err != nil {
		return 0, 0, err
	}
	return l.Load1, l.Load5, nil
}

// pressed returns how long some thread waited for a core.
func (s site) pressed() (some procfs.PSILine, err error) {
	if s.procErr != nil {
		return some, s.procErr
	}
	p, err := s.proc.PSIStatsForResource("cpu")
	switch {
	case err != nil:
		return some, err
	case p.Some == nil:
		return some, errors.New("/proc/pressure/cpu has no line of some")
	}
	return *p.Some, nil
}

func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// field returns the number behind a key in lines of "key number"; of "" a number alone.
func field(text, key string) (n int64, ok bool) {
	for line := range strings.Lines(text) {
		if value, found := strings.CutPrefix(strings.TrimSpace(line), key); found {
			n, err := strconv.ParseInt(strings.TrimPrefix(value, " "), 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
