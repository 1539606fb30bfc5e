package workloads

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// AnyStatus in Rules.Exit stands for every exit status except 126 and 127. With these two, shells
// report a program that they cannot run, so a task would measure only the shell. A program that a
// signal kills has no exit status.
const AnyStatus = -1

// The limits of Rules.Timeout, the time that a program may run. UsualTimeout, the default, is long
// enough for commands that take minutes. A command that hangs ends only at its limit.
const (
	UsualTimeout    = 5 * time.Minute
	ShortestTimeout = time.Millisecond
	LongestTimeout  = time.Hour
)

// Rules say how the workload command runs the user's program, and when a run of the program counts
// as a success. The zero Rules mean:
//
//   - Only exit status 0 is a success.
//   - The time limit of a task is five minutes.
//   - The program has the environment of the launch and an empty standard input.
//   - The program must always print the same output for the same line.
type Rules struct {
	Exit     []int         `json:",omitempty"` // exit statuses that mean success; nil for 0 only
	Timeout  time.Duration `json:",omitempty"` // longest time of a task; 0 for [UsualTimeout]
	Env      []string      `json:",omitempty"` // NAME=value, in addition to the environment of the launch
	Stdin    bool          `json:",omitempty"` // whether the input line is also the standard input of the program
	NoDigest bool          `json:",omitempty"` // whether outputs may differ between runs; they are then not compared
	Prepare  string        `json:",omitempty"` // shell command before each launch, outside the timing
	Cleanup  string        `json:",omitempty"` // shell command after each launch, outside the timing
}

// A Selection describes which lines of a file are the inputs of a job.
type Selection struct {
	Of    int      // number of lines in the file
	Lines []int    // line numbers, counted from 1, of the inputs of tasks 0, 1, … up to the task at which lines begin to repeat
	Texts []string // the beginning of each of these lines
}

// Check returns an error if r is invalid. The error names the invalid setting and its allowed
// values.
func (r Rules) Check() error {
	for _, s := range r.Exit {
		if s < AnyStatus || s > 255 {
			return fmt.Errorf("exit status %d: must be 0 to 255", s)
		}
	}
	values := map[string]string{}
	for _, v := range r.Env {
		name, value, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return fmt.Errorf("environment variable %q: must have the form NAME=value", v)
		}
		if other, twice := values[name]; twice && other != value {
			return fmt.Errorf("environment variable %s has two values, %q and %q; remove one", name, other, value)
		}
		values[name] = value
	}
	if r.Timeout != 0 && (r.Timeout < ShortestTimeout || r.Timeout > LongestTimeout) {
		return fmt.Errorf("time limit %v: must be %v to %v", r.Timeout, ShortestTimeout, LongestTimeout)
	}
	return nil
}

// Limit returns the time limit of a task.
func (r Rules) Limit() time.Duration { return cmp.Or(r.Timeout, UsualTimeout) }

// Succeeds reports whether a program with this exit status has succeeded. A negative status stands
// for a program that a signal killed, which never succeeds.
func (r Rules) Succeeds(status int) bool {
	switch {
	case r.Exit == nil:
		return status == 0
	case status < 0: // killed by a signal
		return false
	}
	return slices.Contains(r.Exit, status) || slices.Contains(r.Exit, AnyStatus) && status != 126 && status != 127
}

// ParseExit parses a list of exit statuses, such as "0,1". For "any" it returns [AnyStatus].
func ParseExit(list string) (statuses []int, err error) {
	if list == "any" {
		return []int{AnyStatus}, nil
	}
	for part := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 0 {
			return nil, errors.New("must be exit statuses from 0 to 255, such as 0,1; or any, which allows all of them")
		}
		statuses = append(statuses, n)
	}
	return statuses, Rules{Exit: statuses}.Check()
}
