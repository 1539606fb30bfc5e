package harness

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A Need describes the tasks for which a user looks for a strategy. Exactly one of CPU and Wait is
// set.
type Need struct {
	CPU, Wait time.Duration // time that a task computes, or waits, without overhead
	Payload   int           // bytes sent with a task
	Memory    int           // bytes of live heap in the program, if tasks allocate memory
	Crash     bool          // a task may end its process
	Tasks     int           // number of tasks in a job; 0 for many
}

// Size returns the time that one task takes, computing or waiting, without the overhead of a
// strategy.
func (n Need) Size() time.Duration { return n.CPU + n.Wait }

// Workload returns the name of the workload whose tasks are measured in place of the user's tasks.
func (n Need) Workload() string {
	switch {
	case n.Wait > 0 && n.Payload > 0:
		return "echo"
	case n.Wait > 0:
		return "sleep"
	case n.Memory > 0:
		return "alloc"
	case n.Payload > 0:
		return "sha256"
	}
	return "spin"
}

// The shortest and the longest time of a task in a [Need].
const (
	leastSize = 10 * time.Nanosecond
	mostSize  = 100 * time.Millisecond
)

// Check returns an error unless some workload has tasks with the properties in n.
func (n Need) Check() error {
	switch {
	case (n.CPU > 0) == (n.Wait > 0):
		return fmt.Errorf("a task either computes or waits: give exactly one of \"cpu\" and \"wait\"")
	case n.Size() < leastSize || n.Size() > mostSize:
		return fmt.Errorf("a task time of %v is not between %v and %v", n.Size(), leastSize, mostSize)
	case n.Memory > 0 && n.CPU < time.Microsecond:
		return fmt.Errorf("\"memory\" is possible only for tasks that compute for 1µs or more")
	case n.Memory > 0 && (n.Payload > 0 || n.Crash) || n.Crash && (n.Payload > 0 || n.Wait > 0):
		return fmt.Errorf("give at most one of \"payload\", \"memory\" and \"crash\"; \"crash\" is possible only with \"cpu\"")
	}
	return nil
}

// String returns the need as a suite name, such as "cpu=5us,payload=4k". It leaves out the field
// Tasks, because the suite does not depend on it.
func (n Need) String() string {
	parts := []string{"cpu=" + ascii(n.CPU)}
	if n.Wait > 0 {
		parts[0] = "wait=" + ascii(n.Wait)
	}
	if n.Payload > 0 {
		parts = append(parts, "payload="+size(n.Payload))
	}
	if n.Memory > 0 {
		parts = append(parts, "memory="+size(n.Memory))
	}
	if n.Crash {
		parts = append(parts, "crash")
	}
	return strings.Join(parts, ",")
}

// ascii returns the text of a duration with "u" instead of "µ", such as "5us".
func ascii(d time.Duration) string { return strings.ReplaceAll(d.String(), "µ", "u") }

// size returns the text of n bytes, such as "4k". It uses the largest unit that divides n.
func size(n int) string {
	units := ""
	for _, unit := range []string{"k", "m", "g"} {
		if n == 0 || n%1024 != 0 {
			break
		}
		n, units = n/1024, unit
	}
	return strconv.Itoa(n) + units
}

// IsNeed reports whether a suite name describes a [Need], such as "cpu=5us".
func IsNeed(name string) bool {
	key, _, ok := strings.Cut(name, "=")
	return ok && (key == "cpu" || key == "wait")
}

// ParseNeed parses a suite name such as "cpu=5us,payload=4k", which [Need.String] returns.
func ParseNeed(name string) (n Need, err error) {
	seen := map[string]bool{}
	for part := range strings.SplitSeq(name, ",") {
		key, value, _ := strings.Cut(part, "=")
		if seen[key] {
			return n, fmt.Errorf("task %s: %s occurs twice; remove one", name, key)
		}
		seen[key] = true
		switch key {
		case "cpu":
			n.CPU, err = ParseTime(value)
		case "wait":
			n.Wait, err = ParseTime(value)
		case "payload":
			n.Payload, err = ParseSize(value)
		case "memory":
			n.Memory, err = ParseSize(value)
		case "crash":
			n.Crash = true
			if value != "" {
				err = fmt.Errorf("crash has no value; remove the = after it")
			}
		default:
			err = fmt.Errorf("%q is not one of cpu=, wait=, payload=, memory= and crash", part)
		}
		if err != nil {
			return n, fmt.Errorf("task %s: %w", name, err)
		}
	}
	if err := n.Check(); err != nil {
		return n, fmt.Errorf("task %s: %w", name, err)
	}
	return n, nil
}

// ParseTime parses a positive time such as "5us" or "1.5ms"; a number alone is in ns.
func ParseTime(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if ns, number := strconv.Atoi(text); number == nil {
		d, err = time.Duration(ns), nil
	}
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q: want a time above 0, such as 5us or 5000 (ns)", text)
	}
	return d, nil
}

// ParseSize parses a positive number of bytes, such as "4096", "4k" and "64MiB".
func ParseSize(text string) (int, error) {
	number := strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(text), "b"), "i")
	factor := 1
	for i, unit := range []string{"k", "m", "g"} {
		if n, ok := strings.CutSuffix(number, unit); ok {
			number, factor = n, 1<<(10*(i+1))
			break
		}
	}
	n, err := strconv.Atoi(number)
	if err != nil || n <= 0 || n > math.MaxInt32/factor {
		return 0, fmt.Errorf("%q: want a size above 0 and below 2 GiB, such as 4096, 4k or 64m", text)
	}
	return n * factor, nil
}
