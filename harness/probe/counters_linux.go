package probe

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unsafe"

	"github.com/prometheus/procfs"
	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness"
)

// An event is a kind of hardware event that Linux can count; see perf_event_open(2).
type event struct {
	unit   string
	kind   uint32
	config uint64
}

var hardware = []event{
	{harness.UnitInstructions, unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_INSTRUCTIONS},
	{harness.UnitCycles, unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_CPU_CYCLES},
	{harness.UnitCacheMisses, unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_CACHE_MISSES},
}

// A counterGauge counts hardware events, such as instructions, that the process tree causes in user
// mode. It counts the events of each thread that exists when the gauge is opened, and of all
// threads and processes that these threads start later.
type counterGauge []*counter

// A counter counts one kind of hardware event. It has one file descriptor for each counted thread.
type counter struct {
	event
	threads []int // descriptors, one per thread
	err     error // the first error, which makes the event's unit absent
}

// openEvents opens a gauge that counts the given kinds of hardware events in all threads of the
// process tree t.
func openEvents(t *tree, events []event) (g counterGauge) {
	for _, e := range events {
		g = append(g, &counter{event: e, err: t.err})
	}
	// Threads may start during the loop. The counter of the parent, if it is open already, includes
	// such a thread. The loop repeats until it finds no new thread.
	seen := map[int]bool{}
	for again := t.err == nil; again; {
		again = false
		for _, pid := range append([]int{t.self}, t.below...) {
			threads, err := procfs.AllThreads(pid)
			for _, c := range g {
				if !gone(err) {
					c.fail(err)
				}
			}
			for _, th := range threads {
				if !seen[th.PID] {
					seen[th.PID], again = true, true
					g.open(th.PID)
				}
			}
		}
	}
	return g
}

// open adds a thread, given by its id, to those whose events the counters of the gauge count.
func (g counterGauge) open(thread int) {
	for _, c := range g {
		if c.err != nil {
			continue
		}
		attr := unix.PerfEventAttr{
			Type: c.kind, Config: c.config, Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{})),
			Read_format: unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING,
			Bits:        unix.PerfBitDisabled | unix.PerfBitInherit | unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv,
		}
		fd, err := unix.PerfEventOpen(&attr, thread, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
		switch {
		case errors.Is(err, unix.ESRCH): // the thread ended
		case err != nil:
			c.fail(refused(err))
		default:
			c.threads = append(c.threads, fd)
		}
	}
}

// refused returns an error that explains why the kernel did not open a hardware counter, with a
// remedy if payoff knows one. The argument err is the kernel's error.
func refused(err error) error {
	switch {
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return fmt.Errorf("hardware counters: %w; set kernel.perf_event_paranoid to 2 or less", err)
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENODEV), errors.Is(err, unix.EOPNOTSUPP):
		return fmt.Errorf("hardware counters: this machine has none, like most virtual machines: %w", err)
	case errors.Is(err, unix.ENOSYS):
		return fmt.Errorf("hardware counters: the operating system is built without them: %w", err)
	}
	return fmt.Errorf("hardware counters: %w", err)
}

// fail records err as the reason why the counter's event cannot be counted. It keeps an earlier
// reason.
func (c *counter) fail(err error) { c.err = cmp.Or(c.err, err) }

func (g counterGauge) begin() { g.control(unix.PERF_EVENT_IOC_ENABLE) }
func (g counterGauge) end()   { g.control(unix.PERF_EVENT_IOC_DISABLE) }

func (g counterGauge) control(request uint) {
	for _, c := range g {
		for _, fd := range c.threads {
			c.fail(unix.IoctlSetInt(fd, request, 0))
		}
	}
}

func (g counterGauge) close(o Observation) {
	for _, c := range g {
		var all []reading
		for _, fd := range c.threads {
			r, err := readCounter(fd)
			all = append(all, r)
			c.fail(errors.Join(err, unix.Close(fd)))
		}
		sum, err := counted(all)
		c.fail(err)
		o.put(c.unit, sum, c.err)
	}
}

// A reading holds the kernel's report about a hardware counter in a thread. The field count is the
// number of events. The field enabled is how long the thread ran while the counter was enabled. The
// field running is the part of this time in which the processor really counted the events. If there
// are more kinds of events than hardware counters, the processor counts them alternately, so
// running is less than enabled.
type reading struct{ count, enabled, running float64 }

func readCounter(fd int) (reading, error) {
	var b [24]byte // count, enabled, running
	if n, err := unix.Read(fd, b[:]); err != nil || n != len(b) {
		return reading{}, fmt.Errorf("hardware counters: read only %d bytes: %w", n, err)
	}
	word := func(i int) float64 { return float64(binary.NativeEndian.Uint64(b[8*i:])) }
	return reading{word(0), word(1), word(2)}, nil
}

var errShared = errors.New("hardware counters: other programs used them most of the time")

// counted returns the estimated number of events in all threads. The processor may count a thread
// only for a part of the time in which the thread ran, so counted scales the count up to the whole
// time, as perf stat does. Some threads may never have been counted. For these, counted assumes the
// average rate of the other threads, or returns an error if the uncounted threads ran for longer
// than all others together.
func counted(all []reading) (sum float64, err error) {
	var seen, missed float64
	for _, r := range all {
		switch {
		case r.enabled == 0: // the thread did not run
		case r.running == 0:
			missed += r.enabled
		default:
			sum += r.count * r.enabled / r.running
			seen += r.enabled
		}
	}
	if missed > seen {
		return 0, errShared
	}
	if missed > 0 {
		sum += sum * missed / seen
	}
	return sum, nil
}

// counters checks which hardware counters, such as that of instructions, this process can open.
func (*visit) counters() Finding {
	o := newObservation()
	openEvents(openTree(false), hardware).close(o)
	return countersFound(o)
}

// counterText returns the text of err, an error about hardware counters, without the words
// "hardware counters" at its beginning, and with its cause in brackets.
func counterText(err error) string {
	text, cause, ok := strings.Cut(strings.TrimPrefix(err.Error(), "hardware counters: "), ": ")
	if ok {
		text += " (" + cause + ")"
	}
	return text
}

func countersFound(o Observation) Finding {
	var have []string
	for _, e := range hardware {
		err := o.Absent[e.unit]
		switch {
		case err == nil:
			have = append(have, strings.TrimSuffix(e.unit, "/task"))
		case errors.Is(err, fs.ErrPermission):
			return wrong("sysctl -w kernel.perf_event_paranoid=2", "%s", counterText(err))
		default:
			return noted("", "%s", counterText(err))
		}
	}
	return good("%s", strings.Join(have, ", "))
}
