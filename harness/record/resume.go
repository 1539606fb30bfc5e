package record

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/payoff-bench/payoff/harness"
)

// A HeldError is the folder of a run that is still going on.
type HeldError struct{ Dir string }

func (e *HeldError) Error() string {
	return fmt.Sprintf("%s is the folder of a run that is still going on", e.Dir)
}

// Resume opens the folder of a run, so that it goes on, and returns its samples. Nothing is
// written before the first call to a method of Run. Dropped says that the end of samples.txt
// was half a sample, which is cut off then. Where another process writes into the folder the
// error is a [HeldError].
func Resume(dir string) (r *Run, samples []harness.Sample, dropped bool, err error) {
	if dir, err = follow(dir); err != nil {
		return nil, nil, false, err
	}
	held, err := lock(dir) // another error says that there are no locks here
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil, false, &HeldError{dir}
	}
	c, err := load(dir)
	r = &Run{dir: dir, info: c.info, held: held, size: int64(c.whole), torn: c.whole < len(c.text), count: len(c.samples), units: map[string]bool{}}
	if err == nil {
		err = r.open(0)
	}
	if err != nil {
		r.Abandon()
		return nil, nil, false, err
	}
	for line := range strings.Lines(string(c.text[:c.whole])) {
		if unit, ok := strings.CutPrefix(line, "Unit "); ok {
			unit, _, _ = strings.Cut(unit, " ")
			r.units[unit] = true
		}
	}
	return r, c.samples, r.torn, nil
}

// Info returns what run.json says.
func (r *Run) Info() harness.Info { return r.info }

// Abandon closes the files of a run that does not go on, as they are.
func (r *Run) Abandon() (err error) {
	if r.samples != nil {
		err = r.samples.Close()
	}
	if r.held != nil {
		err = errors.Join(err, r.held.Close())
	}
	return err
}
