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

// AnyStatus in Rules.Exit stands for every exit status. A program that a signal kills has none.
const AnyStatus = -1

// The limits of Rules.Timeout. The usual limit is for commands that take minutes; a command that
// hangs ends the run only then.
const (
	UsualTimeout    = 5 * time.Minute
	ShortestTimeout = time.Millisecond
	LongestTimeout  = time.Hour
)

// Rules say how the workload command runs its program. With the zero Rules, exit status 0 is
// success, a task may take five minutes, the environment is that of the launch, standard input is
// empty, and the output for a line is the same each time.
type Rules struct {
	Exit     []int         `json:",omitempty"` // exit statuses of success; nil for 0 only
	Timeout  time.Duration `json:",omitempty"` // of a task; 0 for [UsualTimeout]
	Env      []string      `json:",omitempty"` // NAME=value, in addition to the environment of the launch
	Stdin    bool          `json:",omitempty"` // the line is also the standard input of the program
	NoDigest bool          `json:",omitempty"` // outputs may differ between runs and are not compared
	Prepare  string        `json:",omitempty"` // shell command before each launch, outside the timing
	Cleanup  string        `json:",omitempty"` // shell command after each launch, outside the timing
}

// A Selection says which lines of a file the tasks of a job have as their inputs.
type Selection struct {
	Of    int      // lines of the file
	Lines []int    // number of the line of task 0, 1, …, from 1, until lines repeat
	Texts []string // beginnings of these lines
}

// Check returns an error for rules that are invalid.
func (r Rules) Check() error {
	for _, s := range r.Exit {
		if s < AnyStatus || s > 255 {
			return fmt.Errorf("exit status %d is not between 0 and 255", s)
		}
	}
	for _, v := range r.Env {
		if name, _, ok := strings.Cut(v, "="); !ok || name == "" {
			return fmt.Errorf("environment variable %q is not NAME=value", v)
		}
	}
	if r.Timeout != 0 && (r.Timeout < ShortestTimeout || r.Timeout > LongestTimeout) {
		return fmt.Errorf("time limit %v is not between %v and %v", r.Timeout, ShortestTimeout, LongestTimeout)
	}
	return nil
}

// Limit returns the time limit of a task.
func (r Rules) Limit() time.Duration { return cmp.Or(r.Timeout, UsualTimeout) }

// Succeeds reports whether a program that ended with the exit status has succeeded.
func (r Rules) Succeeds(status int) bool {
	switch {
	case r.Exit == nil:
		return status == 0
	case status < 0: // killed by a signal
		return false
	}
	return slices.Contains(r.Exit, AnyStatus) || slices.Contains(r.Exit, status)
}

// ParseExit parses a list of exit statuses, such as "0,1". For "any" it returns [AnyStatus].
func ParseExit(list string) (statuses []int, err error) {
	if list == "any" {
		return []int{AnyStatus}, nil
	}
	for part := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 0 {
			return nil, errors.New("want exit statuses from 0 to 255, such as 0,1, or any")
		}
		statuses = append(statuses, n)
	}
	return statuses, Rules{Exit: statuses}.Check()
}
