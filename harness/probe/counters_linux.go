package probe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An event is what the kernel's performance counters count, see perf_event_open(2).
type event struct {
	item   Item
	kind   uint32
	config uint64
}

func hardware() []event {
	return []event{
		{Instructions, unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_INSTRUCTIONS},
		{Cycles, unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_CPU_CYCLES},
		{CacheMisses, unix.PERF_TYPE_HARDWARE, unix.PERF_COUNT_HW_CACHE_MISSES},
	}
}

// A counterGauge counts events in user mode. There is a counter for each thread of the tree
// that there was when it was opened; threads and processes that come from those are
// counted with them.
type counterGauge struct {
	counters map[Item][]int // descriptors
	absent   map[Item]error
}

func openCounters(t *tree) *counterGauge { return openEvents(t, hardware()) }

func openEvents(t *tree, events []event) *counterGauge {
	g := &counterGauge{counters: map[Item][]int{}, absent: map[Item]error{}}
	for _, e := range events {
		g.absent[e.item] = t.err
	}
	// A thread that came while they were opened is counted if it came from one that was
	// counted already; so they are listed until none is new.
	seen := map[int]bool{}
	for again := t.err == nil; again; {
		again = false
		for _, pid := range append([]int{t.self}, t.below...) {
			ids, err := threads(pid)
			for _, e := range events {
				g.fail(e.item, err)
			}
			for _, id := range ids {
				if !seen[id] {
					seen[id], again = true, true
					g.open(id, events)
				}
			}
		}
	}
	return g
}

// open opens the counters of a thread.
func (g *counterGauge) open(thread int, events []event) {
	for _, e := range events {
		if g.absent[e.item] != nil {
			continue
		}
		attr := unix.PerfEventAttr{
			Type: e.kind, Config: e.config, Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{})),
			Read_format: unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING,
			Bits:        unix.PerfBitDisabled | unix.PerfBitInherit | unix.PerfBitExcludeKernel | unix.PerfBitExcludeHv,
		}
		fd, err := unix.PerfEventOpen(&attr, thread, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
		switch {
		case errors.Is(err, unix.ESRCH): // it ended
		case err != nil:
			g.fail(e.item, refused(err))
		default:
			g.counters[e.item] = append(g.counters[e.item], fd)
		}
	}
}

// refused says why there are no counters, and what to do where something can be done.
func refused(err error) error {
	switch {
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return fmt.Errorf("hardware counters: %w; kernel.perf_event_paranoid of 2 or less allows them", err)
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENODEV), errors.Is(err, unix.EOPNOTSUPP):
		return fmt.Errorf("hardware counters: this machine has none, as most virtual ones: %w", err)
	case errors.Is(err, unix.ENOSYS):
		return fmt.Errorf("hardware counters: the kernel is built without them: %w", err)
	}
	return fmt.Errorf("hardware counters: %w", err)
}

// fail notes why an item is absent, unless that is known.
func (g *counterGauge) fail(i Item, err error) {
	if err != nil && g.absent[i] == nil {
		g.absent[i] = err
	}
}

func (g *counterGauge) begin() { g.control(unix.PERF_EVENT_IOC_ENABLE) }
func (g *counterGauge) end()   { g.control(unix.PERF_EVENT_IOC_DISABLE) }

func (g *counterGauge) control(request uint) {
	for i, fds := range g.counters {
		for _, fd := range fds {
			g.fail(i, unix.IoctlSetInt(fd, request, 0))
		}
	}
}

func (g *counterGauge) close(o Observation) {
	for i, fds := range g.counters {
		var all []reading
		for _, fd := range fds {
			r, err := readCounter(fd)
			all = append(all, r)
			g.fail(i, errors.Join(err, unix.Close(fd)))
		}
		sum, err := counted(all)
		g.fail(i, err)
		o.put(i, sum, g.absent[i])
	}
	for i, err := range g.absent {
		if err != nil {
			o.put(i, 0, err)
		}
	}
}

// A reading is what a counter of a thread, and of what came from it, says: its count, for how
// long they ran while it was enabled, and for how much of that it counted. The two differ
// where more events are asked for than the processor has counters, which then take turns.
type reading struct{ count, enabled, running float64 }

func readCounter(fd int) (reading, error) {
	var b [24]byte // in this order
	if n, err := unix.Read(fd, b[:]); err != nil || n != len(b) {
		return reading{}, fmt.Errorf("hardware counters: %d bytes: %w", n, err)
	}
	word := func(i int) float64 { return float64(binary.NativeEndian.Uint64(b[8*i:])) }
	return reading{word(0), word(1), word(2)}, nil
}

var errShared = errors.New("hardware counters: others used them for most of the time")

// counted adds up counters of threads. Each is scaled to the whole time in which its thread
// ran, as perf stat does; one that did not get a turn is taken to be like the others, which
// must have counted for the larger part of the time.
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

// threads returns the threads of a process; none if it ended.
func threads(pid int) (ids []int, err error) {
	names, err := os.ReadDir(filepath.Join("/proc", strconv.Itoa(pid), "task"))
	if err != nil && !gone(err) {
		return nil, err
	}
	for _, name := range names {
		if id, err := strconv.Atoi(name.Name()); err == nil {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// counters says which of the hardware's counters could be opened.
func (s site) counters() Finding {
	o := newObservation()
	openCounters(openTree(false)).close(o)
	return countersFound(o)
}

func countersFound(o Observation) Finding {
	var have []string
	for _, e := range hardware() {
		err := o.Absent[e.item]
		switch {
		case err == nil:
			have = append(have, string(e.item))
		case errors.Is(err, fs.ErrPermission):
			return wrong("sysctl -w kernel.perf_event_paranoid=2", "%v", err)
		default:
			return noted("", "%v", err)
		}
	}
	return good("%s", strings.Join(have, ", "))
}
