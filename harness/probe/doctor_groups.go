package probe

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// A limits collects the limits that control groups set: a description of each limit, and the
// command that removes it.
type limits struct{ found, mends []string }

func (l *limits) add(mend, format string, args ...any) {
	l.found, l.mends = append(l.found, fmt.Sprintf(format, args...)), append(l.mends, mend)
}

// finding returns a finding with the given state. Its text lists the collected limits, or says that
// there is no limit. The argument levels is the number of control groups that were checked: the
// group of this process and its ancestors.
func (l *limits) finding(levels int, state State) Finding {
	none := "no limit by the control group of this process"
	switch above := levels - 1; {
	case above == 1:
		none += " or the group above it"
	case above > 1:
		none += fmt.Sprintf(" or the %d groups above it", above)
	}
	return Finding{Found: cmp.Or(strings.Join(l.found, "; "), none), State: state, Mend: strings.Join(l.mends, "; ")}
}

// quota checks whether the control group of this process, or one of its ancestors, limits CPU time.
func (v *visit) quota() Finding {
	dirs, err := v.levels("cpu")
	v.keep(err)
	var l limits
	stops, counted := int64(0), false
	for _, dir := range dirs {
		v.quotaOf(dir, &l)
		n, ok := field(v.text(dir, "cpu.stat"), "nr_throttled")
		stops, counted = stops+n, counted || ok
	}
	state := Good
	switch {
	case len(l.found) > 0:
		state = Wrong
	case stops > 0:
		state = Noted
	}
	f := l.finding(len(dirs), state)
	switch {
	case !counted:
		f.Found += "; the system does not count how often a quota stopped processes"
	case stops == 0:
		f.Found += "; processes were never stopped"
	case stops == 1:
		f.Found += "; processes were stopped once"
	default:
		f.Found += fmt.Sprintf("; processes were stopped %d times", stops)
	}
	return f
}

// quotaOf checks whether the control group with the folder dir has a CPU time limit. If so, quotaOf
// adds the limit to l.
func (v *visit) quotaOf(dir string, l *limits) {
	q, err := v.quotaIn(dir)
	v.keep(err)
	if q.cores > 0 {
		l.add(fmt.Sprintf("echo %s > %s", q.off, q.file), "%s is limited to the CPU time of %.3g cores per %d ms", dir, q.cores, q.period/1000)
	}
}

// A quota is the CPU time limit of a control group.
type quota struct {
	cores     float64 // 0 for no limit
	period    int     // in µs
	file, off string  // the file that contains the limit, and the text to write to it to remove the limit
}

// quotaIn returns the CPU time limit of the control group whose folder is dir. It reads cpu.max
// (control groups of version 2), or cpu.cfs_quota_us and cpu.cfs_period_us (version 1). A root
// group has none of these files and no limit.
func (s site) quotaIn(dir string) (quota, error) {
	q := quota{file: filepath.Join(dir, "cpu.max"), off: "max"}
	text, err := s.read(q.file)
	if missing(err) {
		q.file, q.off = filepath.Join(dir, "cpu.cfs_quota_us"), "-1"
		if text, err = s.read(q.file); missing(err) {
			return quota{}, nil
		}
		period, periodErr := s.read(dir, "cpu.cfs_period_us")
		text, err = text+" "+period, cmp.Or(err, periodErr)
	}
	of, period, _ := strings.Cut(text, " ")
	if err != nil || of == q.off {
		return quota{}, err
	}
	n, quotaErr := strconv.Atoi(of)
	us, periodErr := strconv.Atoi(period)
	if quotaErr != nil || periodErr != nil || us <= 0 {
		return quota{}, fmt.Errorf("%s: %q is not a quota and a period", q.file, text)
	}
	q.cores, q.period = float64(n)/float64(us), us
	return q, nil
}

// noLimit is more than any real memory limit. Control groups of version 1 report an even larger
// number if there is no limit.
const noLimit = int64(1) << 60

// memory checks whether the control group of this process, or one of its ancestors, limits memory.
func (v *visit) memory() Finding {
	dirs, err := v.levels("memory")
	v.keep(err)
	var l limits
	state := Good
	for _, dir := range dirs {
		for _, way := range []struct{ file, off, events, event string }{
			{"memory.max", "max", "memory.events", "max"}, {"memory.high", "max", "memory.events", "high"}, // version 2
			{"memory.limit_in_bytes", "-1", "memory.failcnt", ""}, // version 1, whose count has no key
		} {
			file := filepath.Join(dir, way.file)
			text, err := v.read(file)
			if missing(err) || text == way.off { // a root group has no such file
				continue
			}
			v.keep(err)
			bytes, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				v.keep(fmt.Errorf("%s: %q is not a memory limit", file, text))
			}
			if bytes >= noLimit {
				continue
			}
			events, _ := v.read(dir, way.events) // an unreadable count is taken as 0
			reached, _ := field(events, way.event)
			times := "a limit that was never reached"
			state = max(state, Noted)
			if reached > 0 {
				times, state = fmt.Sprintf("a limit that was reached %d times", reached), Wrong
			}
			l.add(fmt.Sprintf("echo %s > %s", way.off, file), "%s is limited to %d MiB of memory, %s", dir, bytes>>20, times)
		}
	}
	return l.finding(len(dirs), state)
}
