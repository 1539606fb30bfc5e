package record

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"

	"github.com/payoff-bench/payoff/harness"
)

// A HeldError is the error for resuming a run that is still in progress in another process.
type HeldError struct{ Dir string }

func (e *HeldError) Error() string {
	return fmt.Sprintf("%s is the folder of a run that is still in progress", e.Dir)
}

// Resume opens the folder of an interrupted run, so that the run can continue. It returns the
// samples of the run. If another process is writing to the folder, Resume returns a [HeldError].
// The caller should not continue a run if the field Foreign of its info is set, because this field
// says that files were changed. Further samples would hide the change.
//
// Resume changes no file. The result dropped is true if samples.txt ends with an incomplete sample.
// The first write to the run r removes this incomplete sample from the file.
func Resume(dir string) (r *Run, samples []harness.Sample, dropped bool, err error) {
	if dir, err = Follow(dir); err != nil {
		return nil, nil, false, err
	}
	held, err := lock(dir) // other errors mean that locks are not supported
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil, false, &HeldError{dir}
	}
	c, err := load(dir)
	r = &Run{dir: dir, info: c.info, id: c.seal.ID, held: held}
	if err == nil {
		r.samples, err = resumeLog(filepath.Join(dir, SamplesFile), c.text, c.whole, len(c.samples))
	}
	if err != nil {
		r.Abandon()
		return nil, nil, false, err
	}
	return r, c.samples, r.samples.torn, nil
}

// Info returns the info of the run, as it is stored in run.json.
func (r *Run) Info() harness.Info { return r.info }

// Abandon closes the files of an unfinished run and releases the lock on its folder. The run can be
// resumed, because Abandon does not change the files.
func (r *Run) Abandon() (err error) {
	err = r.samples.close()
	if r.held != nil {
		err = errors.Join(err, r.held.Close())
	}
	return err
}
