package probe

import (
	"cmp"
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

// A check examines one property of a machine that affects measurements, such as the frequency
// governor of its cores.
type check struct {
	name string
	look func(*visit) Finding
	why  string // why the property matters
}

// checks lists all checks, in the order of their findings.
var checks = []check{
	{"governor", (*visit).governor, "a core whose frequency follows its load takes different times for the same work"},
	{"boost", (*visit).boost, "cores run faster while other cores are idle, so a worker alone is faster than each of several workers"},
	{"smt", (*visit).smt, "if two hardware threads share a core, two workers on this core are slower than on two cores"},
	{"speeds", (*visit).alike, "a single worker on a fast core is faster than workers on slow cores, and a job ends only when the slowest core has finished"},
	{"heat", (*visit).heat, "a core that gets too hot is slowed down"},
	{"load", (*visit).load, "other programs use cores and caches that the measured tasks need"},
	{"pressure", (*visit).pressure, "pressure shows which launches had to wait for a core"},
	{"steal", (*visit).steal, "steal is the time in which the hypervisor ran other machines on these cores"},
	{"hypervisor", (*visit).hypervisor, "other virtual machines share the hardware, and their load is mostly invisible"},
	{"quota", (*visit).quota, "a control group that has used up its quota is stopped until the period ends"},
	{"memory", (*visit).memory, "near its memory limit, a control group drops memory pages and must read them again while tasks run"},
	{"numa", (*visit).numa, "memory of another node is slower, and the operating system moves pages between nodes"},
	{"power", (*visit).power, "on battery, or in a power-saving profile, cores run slower"},
	{"tracer", (*visit).tracer, "a tracer such as strace or gdb stops the traced processes, at each system call or signal"},
	{"affinity", (*visit).affinity, "payoff cannot measure cores that it may not use, and other programs run on them"},
	{"pinning", (*visit).pinning, "a launch that cannot be pinned moves between cores and can use all of them"},
	{"counters", (*visit).counters, "counters show the instructions, cycles and cache misses of tasks"},
	{"clock", (*visit).clock, "a slow clock source costs a system call at each reading"},
	{"swap", (*visit).swap, "swapped-out memory comes back at disk speed"},
	{"huge pages", (*visit).hugePages, "in the mode always, earlier programs affect whether a launch gets huge pages"},
}

// Doctor checks this machine for properties that make timings noisy, and returns a finding for each
// property. If it cannot read a property, the finding has the state [Unknown] and contains the
// reason. The function pinning must return nil if launches can be pinned to cores; otherwise it
// must return an error with the reason. Doctor changes nothing and takes a few ms.
func Doctor(pinning func() error) (all []Finding) {
	s := openSite("/", os.Getpid())
	s.pin = pinning
	for _, c := range checks {
		all = append(all, c.finding(s))
	}
	return all
}

// finding runs the check on the machine that s describes, and returns the result. On systems other
// than Linux, most checks return the state Unknown, because the files that they read do not exist
// there.
func (c check) finding(s site) Finding {
	f, v := Finding{}, visit{site: s}
	if runtime.GOOS == "linux" || c.name == "pinning" || c.name == "hypervisor" {
		f = c.look(&v)
	} else {
		v.keep(fmt.Errorf("cannot be read on %s", runtime.GOOS))
	}
	if v.err != nil {
		f = Finding{Found: v.err.Error()}
	}
	f.Name, f.Why = c.name, c.why
	return f
}

// A visit is one run of a [check] on a machine. Its methods read files of the machine. They do not
// return errors: if reading fails, the visit keeps the first error and its methods return zero
// values from then on. If the visit has an error at the end of the check, the finding has the state
// [Unknown].
type visit struct {
	site
	err error
}

func (v *visit) keep(err error) { v.err = cmp.Or(v.err, err) }

// text returns the text of a file, without surrounding white space. The elements of path are joined
// to one path.
func (v *visit) text(path ...string) string {
	text, err := v.read(path...)
	v.keep(err)
	return text
}

// list reads a file with a list of numbers, such as "0-3,8", and returns these numbers. If the text
// is not such a list, the error of the visit calls the numbers by the word kind, such as "cores".
func (v *visit) list(kind string, path ...string) []int {
	text := v.text(path...)
	all, err := affinity.ParseList(text)
	if err != nil {
		v.keep(fmt.Errorf("%s: %q is not a list of %s", filepath.Join(path...), text, kind))
	}
	return all
}

// each reads a file of each core that the process may use, such as cpufreq/scaling_governor. It
// returns the texts of these files, one per core. If a file is missing, each stores the text
// lacking as the error of the visit. If lacking is "", it stores the error of the system.
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

// A site gives access to the files that describe a machine, such as those in /proc and /sys. Its
// field pid is the process that is observed.
type site struct {
	root     string // "/", except in tests
	pid      int
	cores    []int // cores that the process pid may use
	coresErr error
	proc     procfs.FS
	procErr  error
	io       int          // priority of input and output of the process, as ioprio_get(2) returns it
	pin      func() error // see Doctor
}

func openSite(root string, pid int) (s site) {
	s.root, s.pid = root, pid
	thread := pid
	if pid == os.Getpid() {
		thread = 0 // the calling thread: a control may have pinned the first thread to one core permanently
	}
	s.cores, s.coresErr = affinity.Cores(thread)
	s.proc, s.procErr = procfs.NewFS(filepath.Join(root, "proc"))
	s.io = ioPriority(pid)
	return s
}

// read returns the text of a file, without surrounding white space. The elements of path are joined
// to a path below the site's root folder.
func (s site) read(path ...string) (string, error) {
	b, err := os.ReadFile(filepath.Join(s.root, filepath.Join(path...)))
	return strings.TrimSpace(string(b)), err
}

const sysCPU = "/sys/devices/system/cpu"

// times returns two sums over the site's cores since boot, in seconds. The sum stolen is the time
// that the hypervisor took. The sum wanted is the time in which a thread ran or wanted to run; it
// includes the stolen time.
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
			return 0, 0, fmt.Errorf("/proc/stat has no line for cpu%d", core)
		}
		stolen += c.Steal
		wanted += c.User + c.Nice + c.System + c.IRQ + c.SoftIRQ + c.Steal // User includes guests
	}
	return stolen, wanted, nil
}

// loadAverage returns the machine's load averages over the last minute and the last five minutes.
func (s site) loadAverage() (one, five float64, err error) {
	l, err := s.proc.LoadAvg()
	if err := cmp.Or(s.procErr, err); err != nil {
		return 0, 0, err
	}
	return l.Load1, l.Load5, nil
}

// pressed returns the line "some" of the kernel's pressure file for cores. It says for how long at
// least one thread of the machine waited for a core.
func (s site) pressed() (some procfs.PSILine, err error) {
	p, err := s.proc.PSIStatsForResource("cpu")
	if err := cmp.Or(s.procErr, err); err != nil {
		return some, err
	}
	if p.Some == nil {
		return some, errors.New("/proc/pressure/cpu has no line \"some\"")
	}
	return *p.Some, nil
}

func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// field returns the number after a key in a text whose lines have the form "key number", as in
// cpu.stat. If key is "", the text must be a single number. The result ok is false if there is no
// such number.
func field(text, key string) (n int64, ok bool) {
	for line := range strings.Lines(text) {
		if value, found := strings.CutPrefix(strings.TrimSpace(line), key); found {
			n, err := strconv.ParseInt(strings.TrimPrefix(value, " "), 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
