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

// Resume opens the folder of a run, so that it goes on, and returns what it holds. Nothing is
// written before the first call to a method of Run. Dropped says that the end of samples.txt
// was half a sample, which is cut off then. Where another process writes into the folder the
// error is a [HeldError].
func Resume(dir string) (r *Run, samples []harness.Sample, dropped bool, err error) {
	if dir, err = follow(dir); err != nil {
		return nil, nil, false, err
	}
	info, samples, err := Read(dir)
	if err != nil {
		return nil, nil, false, err
	}
	r = &Run{dir: dir, info: info, units: map[string]bool{}, count: len(samples)}
	if r.held, err = lock(dir); errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil, false, &HeldError{dir}
	} else if err != nil {
		r.held = nil // there are no locks here
	}
	defer func(held *os.File) {
		if err != nil {
			held.Close() // an error if there is none, which is as well
		}
	}(r.held)
	path := filepath.Join(dir, SamplesFile)
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, false, err
	}
	_, whole, err := parse(path, text)
	if err != nil {
		return nil, nil, false, err
	}
	for line := range strings.Lines(string(text[:whole])) {
		if unit, ok := strings.CutPrefix(line, "Unit "); ok {
			unit, _, _ = strings.Cut(unit, " ")
			r.units[unit] = true
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, nil, false, err
	}
	r.samples, r.size, r.torn = f, int64(whole), whole < len(text)
	r.info.Notes = cut(r.info.Notes)
	return r, samples, r.torn, nil
}

// cut removes the note of Read, which is true no more.
func cut(notes []string) []string {
	if n := len(notes); n > 0 && notes[n-1] == tornNote {
		return notes[:n-1]
	}
	return notes
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
