package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/payoff-bench/payoff/harness"
)

// A stored is the structure of run.json. It stores the 64-bit numbers of the [harness.Info] as
// strings. Most programs read JSON numbers as float64, so they would change large numbers when they
// write the file again.
type stored struct {
	harness.Info
	Seed wide
	Jobs []storedJob `json:",omitempty"`
}

type storedJob struct {
	harness.Job
	Digest wide
}

// A wide is a 64-bit number that run.json holds as a string. Files of older versions hold it as a
// JSON number.
type wide uint64

func (w wide) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%q", strconv.FormatUint(uint64(w), 10)), nil
}

func (w *wide) UnmarshalJSON(text []byte) error {
	n, err := strconv.ParseUint(string(bytes.Trim(text, `"`)), 10, 64)
	*w = wide(n)
	return err
}

// encode returns the contents of run.json: the info i and the seal s, which shows later whether
// files of the run were changed.
func encode(i harness.Info, s seal) ([]byte, error) {
	text := stored{Info: i, Seed: wide(i.Seed)}
	for _, j := range i.Jobs {
		text.Jobs = append(text.Jobs, storedJob{j, wide(j.Digest)})
	}
	return sealed(text, s)
}

// decode parses the text of run.json.
func decode(text []byte) (i harness.Info, err error) {
	var s stored
	if err := json.Unmarshal(text, &s); err != nil {
		return i, err
	}
	i = s.Info
	i.Seed, i.Jobs = uint64(s.Seed), nil
	for _, j := range s.Jobs {
		j.Job.Digest = uint64(j.Digest)
		i.Jobs = append(i.Jobs, j.Job)
	}
	return i, nil
}
