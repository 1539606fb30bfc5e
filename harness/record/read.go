package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/payoff-bench/payoff/harness"
)

// Read returns what the run's folder dir holds, samples in the order of their launches.
// dir may be the file that [Link] wrote. A run that was killed is read up to its last
// whole sample, which Notes of the info then say; any other fault in its files is an error
// that names the line.
func Read(dir string) (harness.Info, []harness.Sample, error) {
	dir, err := follow(dir)
	if err != nil {
		return harness.Info{}, nil, err
	}
	var info harness.Info
	text, err := os.ReadFile(filepath.Join(dir, InfoFile))
	if errors.Is(err, fs.ErrNotExist) {
		return info, nil, fmt.Errorf("%s is not the folder of a run: %w", dir, err)
	} else if err != nil {
		return info, nil, err
	}
	if err := json.Unmarshal(text, &info); err != nil {
		return info, nil, fmt.Errorf("%s: %w", filepath.Join(dir, InfoFile), err)
	}
	path := filepath.Join(dir, SamplesFile)
	if text, err = os.ReadFile(path); err != nil {
		return info, nil, err
	}
	samples, torn, err := parse(path, text)
	if torn {
		info.Notes = append(info.Notes, "the last line of "+SamplesFile+" is torn: the run was killed while it was written; that launch is not counted")
	}
	return info, samples, err
}

// follow returns the folder that a file in the place of a symbolic link names.
func follow(dir string) (string, error) {
	st, err := os.Stat(dir)
	if err != nil {
		return dir, err
	}
	if !st.Mode().IsRegular() {
		return dir, nil
	}
	to, err := os.ReadFile(dir)
	if err != nil {
		return dir, err
	}
	name := strings.TrimSpace(string(to))
	if filepath.IsAbs(name) {
		return name, nil
	}
	return filepath.Join(filepath.Dir(dir), name), nil
}

// parse reads samples.txt and reports whether its last line was torn.
func parse(path string, text []byte) (samples []harness.Sample, torn bool, err error) {
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	torn = len(whole) < len(text)
	lines := strings.Split(string(whole), "\n")
	r := benchfmt.NewReader(bytes.NewReader(whole), path)
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.SyntaxError:
			return samples, torn, rec
		case *benchfmt.Result:
			_, line := rec.Pos()
			s, err := sample(rec, lines[max(0, line-2)])
			if err != nil {
				return samples, torn, fmt.Errorf("%s:%d: %w", path, line, err)
			}
			samples = append(samples, s)
		}
	}
	return samples, torn, r.Err()
}

// sample returns the sample of a benchmark line and the comment before it.
func sample(r *benchfmt.Result, comment string) (s harness.Sample, err error) {
	if s.Cell, s.Twin, err = harness.ParseName(r.Name.String()); err != nil {
		return s, err
	}
	s.Reps = r.Iters
	s.Values = make(map[string]float64, len(r.Values))
	for _, v := range r.Values {
		if v.OrigUnit != "" {
			s.Values[v.OrigUnit] = v.OrigValue
		} else {
			s.Values[v.Unit] = v.Value
		}
	}
	about, ok := strings.CutPrefix(comment, "# launch ")
	if !ok {
		return s, fmt.Errorf("no line \"# launch …\" before this one")
	}
	for _, field := range strings.Fields(about) {
		key, value, _ := strings.Cut(field, "=")
		switch key {
		case "round":
			s.Round, err = strconv.Atoi(value)
		case "block":
			s.Block, err = strconv.Atoi(value)
		case "attempt": // none in older files
			s.Attempt, err = strconv.Atoi(value)
		case "at":
			s.At, err = time.Parse(time.RFC3339Nano, value)
		case "subsample":
			s.Subsample, err = strconv.ParseBool(value)
		case "marks":
			if value != "" {
				s.Marks = strings.Split(value, ",")
			}
		}
		if err != nil {
			return s, fmt.Errorf("the line before: %s: %w", key, err)
		}
	}
	return s, nil
}
