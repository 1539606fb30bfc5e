package probe

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// A limit is a limit of a control group and how to lift it.
type limit struct{ found, mend string }

// join returns a finding about the limits at so many levels of control groups.
func join(limits []limit, levels int) (f Finding) {
	var found, mends []string
	for _, l := range limits {
		found, mends = append(found, l.found), append(mends, l.mend)
	}
	none := fmt.Sprintf("no limit at the %d levels that can be seen from here", levels)
	if levels == 1 {
		none = "no limit at the one level that can be seen from here"
	}
	return Finding{Found: cmp.Or(strings.Join(found, "; "), none), State: Good, Mend: strings.Join(mends, "; ")}
}

// quota looks at the limits of CPU time at every level of control groups.
func (s site) quota() Finding {
	dirs, err := s.levels("cpu")
	if err != nil {
		return unknown(err)
	}
	var limits []limit
	stops, counted := int64(0), false
	for _, dir := range dirs {
		l, limited, err := s.quotaOf(dir)
		if err != nil {
			return unknown(err)
		}
		if limited {
			limits = append(limits, l)
		}
		text, err := s.read(dir, "cpu.stat")
		if err != nil {
			return unknown(err)
		}
		n, ok := field(text, "nr_throttled")
		stops, counted = stops+n, counted || ok
	}
	f := join(limits, len(dirs))
	if counted {
		f.Found += fmt.Sprintf("; stopped %d times", stops)
	} else {
		f.Found += "; how often it was stopped is not counted"
	}
	switch {
	case len(limits) > 0:
		f.State = Wrong
	case stops > 0:
		f.State = Noted
	}
	return f
}

// quotaOf reads the limit of CPU time of the control group in dir: cpu.max in version 2,
// cpu.cfs_quota_us and cpu.cfs_period_us in 1. A group at the root has none of them.
func (s site) quotaOf(dir string) (l limit, limited bool, err error) {
	file, off := filepath.Join(dir, "cpu.max"), "max"
	text, err := s.read(file)
	if missing(err) {
		file, off = filepath.Join(dir, "cpu.cfs_quota_us"), "-1"
		var period string
		if text, err = s.read(file); err == nil {
			period, err = s.read(dir, "cpu.cfs_period_us")
		}
		text += " " + period
	}
	if missing(err) {
		return l, false, nil
	}
	quota, period, _ := strings.Cut(text, " ")
	n, quotaErr := strconv.Atoi(quota)
	us, periodErr := strconv.Atoi(period)
	switch {
	case err != nil:
		return l, false, err
	case quota == off:
		return l, false, nil
	case quotaErr != nil || periodErr != nil || us <= 0:
		return l, false, fmt.Errorf("%s: %q is not a quota and a period", file, text)
	}
	return limit{
		fmt.Sprintf("%s has the time of %.3g cores in each %d ms", dir, float64(n)/float64(us), us/1000),
		fmt.Sprintf("echo %s > %s", off, file),
	}, true, nil
}

// memory looks at the limits of memory at every level of control groups.
func (s site) memory() Finding {
	dirs, err := s.levels("memory")
	if err != nil {
		return unknown(err)
	}
	var limits []limit
	state := Good
	for _, dir := range dirs {
		for _, way := range []struct{ file, off, events, event string }{
			{"memory.max", "max", "memory.events", "max"}, {"memory.high", "max", "memory.events", "high"}, // version 2
			{"memory.limit_in_bytes", "-1", "memory.failcnt", ""}, // version 1, whose count stands alone
		} {
			file := filepath.Join(dir, way.file)
			bytes, err := s.bytes(file)
			if err != nil {
				return unknown(err)
			}
			if bytes >= noLimit {
				continue
			}
			events, _ := s.read(dir, way.events) // a count that cannot be read is taken for 0
			reached, _ := field(events, way.event)
			times := "never reached"
			state = max(state, Noted)
			if reached > 0 {
				times, state = fmt.Sprintf("reached %d times", reached), Wrong
			}
			limits = append(limits, limit{fmt.Sprintf("%s may hold %d MiB, %s", dir, bytes>>20, times), fmt.Sprintf("echo %s > %s", way.off, file)})
		}
	}
	f := join(limits, len(dirs))
	f.State = state
	return f
}

// noLimit is more than there is: how version 1 writes that there is none.
const noLimit = int64(1) << 60

// bytes reads a limit; a file that is not there, as at the root, has none.
func (s site) bytes(file string) (int64, error) {
	text, err := s.read(file)
	if missing(err) || text == "max" {
		return noLimit, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %q is no limit", file, text)
	}
	return n, nil
}
