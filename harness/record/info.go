package record

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/payoff-bench/payoff/harness"
)

// stored is the form of an Info in run.json. Its numbers of 64 bits are strings, because most programs
// read JSON numbers as float64 and would write other numbers back.
type stored struct {
	harness.Info
	Seed wide
	Jobs []storedJob `json:",omitempty"`
	Sum  string      `json:",omitempty"` // digest of the other fields; see [sum]
}

type storedJob struct {
	harness.Job
	Digest wide
}

// A wide is a number that JSON holds as a string. Older files hold it as a number.
type wide uint64

func (w wide) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%q", strconv.FormatUint(uint64(w), 10)), nil
}

func (w *wide) UnmarshalJSON(text []byte) error {
	n, err := strconv.ParseUint(string(bytes.Trim(text, `"`)), 10, 64)
	*w = wide(n)
	return err
}

// encode returns the text of run.json.
func encode(i harness.Info) ([]byte, error) {
	s := stored{Info: i, Seed: wide(i.Seed)}
	for _, j := range i.Jobs {
		s.Jobs = append(s.Jobs, storedJob{j, wide(j.Digest)})
	}
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	if s.Sum, err = sum(text); err != nil {
		return nil, err
	}
	text, err = json.MarshalIndent(s, "", "\t")
	return append(text, '\n'), err
}

// decode parses the text of run.json. changed reports whether something other than payoff changed a
// field since payoff wrote the file. Files of older versions do not show that.
func decode(text []byte) (i harness.Info, changed bool, err error) {
	var s stored
	if err := json.Unmarshal(text, &s); err != nil {
		return i, false, err
	}
	i = s.Info
	i.Seed, i.Jobs = uint64(s.Seed), nil
	for _, j := range s.Jobs {
		j.Job.Digest = uint64(j.Digest)
		i.Jobs = append(i.Jobs, j.Job)
	}
	if s.Sum == "" {
		return i, false, nil
	}
	now, err := sum(text)
	return i, now != s.Sum, err
}

// sum returns a digest of a JSON object without its field Sum. White space and the order of fields do
// not change it.
func sum(text []byte) (string, error) {
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return "", err
	}
	if fields == nil {
		return "", errors.New("it is not an object")
	}
	delete(fields, "Sum")
	sorted, err := json.Marshal(fields)
	return fmt.Sprintf("%x", sha256.Sum256(sorted))[:16], err
}
