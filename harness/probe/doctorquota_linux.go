package probe

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// quota looks at the limits of CPU time at every level of control groups.
func (s site) quota() (Finding, error) {
	proc, err := s.proc()
	if err != nil {
		return Finding{}, err
	}
	files, err := quotaFiles(proc, s.pid)
	if err != nil {
		return Finding{}, err
	}
	var limits, mends []string
	throttles, counted := 0, false
	for _, file := range files {
		dir := filepath.Dir(file)
		l, err := s.limit(dir)
		if err != nil {
			return Finding{}, err
		}
		if l.cores > 0 {
			limits = append(limits, fmt.Sprintf("%s has the time of %.3g cores in each %d ms", dir, l.cores, l.period/1000))
			mends = append(mends, l.mend)
		}
		n, ok, err := s.throttles(file)
		if err != nil {
			return Finding{}, err
		}
		throttles, counted = throttles+n, counted || ok
	}
	levels := fmt.Sprintf("no limit at the %d levels that can be seen from here", len(files))
	if len(files) == 1 {
		levels = "no limit at the one level that can be seen from here"
	}
	f := Finding{Found: cmp.Or(strings.Join(limits, "; "), levels), State: Good, Mend: strings.Join(mends, "; ")}
	switch {
	case !counted:
		f.Found += "; how often it was stopped is not counted"
	default:
		f.Found += fmt.Sprintf("; stopped %d times", throttles)
	}
	switch {
	case len(limits) > 0:
		f.State = Wrong
	case throttles > 0:
		f.State = Noted
	}
	return f, nil
}

// A limit is the CPU time that a control group may use.
type limit struct {
	cores  float64 // 0: no limit
	period int     // in µs
	mend   string
}

// limit reads that of the control group in dir: cpu.max in version 2, cpu.cfs_quota_us and
// cpu.cfs_period_us in 1. A group at the root has none of them.
func (s site) limit(dir string) (limit, error) {
	file := filepath.Join(dir, "cpu.max")
	text, err := s.read(file)
	mend := "echo max > " + file
	if missing(err) {
		file = filepath.Join(dir, "cpu.cfs_quota_us")
		mend = "echo -1 > " + file
		var period string
		if text, err = s.read(file); err == nil {
			period, err = s.read(dir, "cpu.cfs_period_us")
		}
		text += " " + period
	}
	if missing(err) {
		return limit{}, nil
	}
	fields := strings.Fields(text)
	if err == nil && len(fields) != 2 {
		err = fmt.Errorf("%s: %q is not a quota and a period", file, text)
	}
	if err != nil {
		return limit{}, err
	}
	if fields[0] == "max" || fields[0] == "-1" {
		return limit{}, nil
	}
	quota, err := strconv.Atoi(fields[0])
	period, e := strconv.Atoi(fields[1])
	if err = errors.Join(err, e); err == nil && period <= 0 {
		err = fmt.Errorf("a period of %d µs", period)
	}
	if err != nil {
		return limit{}, fmt.Errorf("%s: %w", file, err)
	}
	return limit{float64(quota) / float64(period), period, mend}, nil
}

// throttles returns how often a control group was stopped, by its cpu.stat.
func (s site) throttles(file string) (n int, counted bool, err error) {
	text, err := s.read(file)
	if err != nil {
		return 0, false, err
	}
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "nr_throttled "); ok {
			n, err := strconv.Atoi(value)
			return n, true, err
		}
	}
	return 0, false, nil
}
