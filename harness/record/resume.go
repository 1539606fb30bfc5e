package record

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	var f *os.File
	if err == nil {
		f, err = os.OpenFile(filepath.Join(dir, SamplesFile), os.O_WRONLY|os.O_APPEND, 0)
	}
	if err != nil {
		held.Close() // an error if there is no lock, which does not matter
		return nil, nil, false, err
	}
	r = &Run{dir: dir, info: c.info, held: held, samples: f, size: int64(c.whole), torn: c.whole < len(c.text), count: len(c.samples), units: map[string]bool{}}
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
func (r *Run) Abandon() error {
	err := r.samples.Close()
	if r.held != nil {
		err = errors.Join(err, r.held.Close())
	}
	return err
}
