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

// A stored is the structure of run.json. It stores the 64-bit numbers of the [harness.Info] as
// strings. Most programs read JSON numbers as float64, so they would change large numbers when they
// write the file again.
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

// encode returns the contents of run.json for the info i.
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

// decode parses the text of run.json. The result changed is true if another program than payoff
// changed a field in the file. Older versions of payoff stored no digest of the fields; for their
// files, changed is false.
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

// sum returns a digest of the JSON object in text. It ignores the field Sum of the object, in which
// the digest is stored. The digest does not depend on white space and the order of fields.
func sum(text []byte) (string, error) {
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return "", err
	}
	if fields == nil {
		return "", errors.New("the JSON value is not an object")
	}
	delete(fields, "Sum")
	sorted, err := json.Marshal(fields)
	return fmt.Sprintf("%x", sha256.Sum256(sorted))[:16], err
}
