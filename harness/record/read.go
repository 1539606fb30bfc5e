package record

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/payoff-bench/payoff/harness"
)

// Read returns the contents of the run folder dir, with samples in launch order. Dir may be a file
// that [Link] wrote. If the run was killed while writing a sample, Read returns the complete
// samples and adds a note. Other defects are errors with the line number.
func Read(dir string) (harness.Info, []harness.Sample, error) {
	c, err := load(dir)
	if c.whole < len(c.text) && c.text[len(c.text)-1] != '\n' {
		c.info.Notes = append(c.info.Notes, "the last line of "+SamplesFile+" is incomplete: the run was killed while writing it; that launch is not counted")
	}
	return c.info, c.samples, err
}

// contents holds the contents of a run folder.
type contents struct {
	info    harness.Info
	samples []harness.Sample
	text    []byte // of samples.txt
	whole   int    // bytes of text with complete samples
}

func load(dir string) (c contents, err error) {
	if dir, err = Follow(dir); err != nil {
		return c, err
	}
	path := filepath.Join(dir, InfoFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, fmt.Errorf("%s is not the folder of a run: %w", dir, err)
	}
	if err != nil {
		return c, err
	}
	var changed bool
	if c.info, changed, err = decode(text); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	if changed {
		c.info.Notes = append(c.info.Notes, InfoFile+" was changed since payoff wrote it, so its account of the run may be wrong")
	}
	path = filepath.Join(dir, SamplesFile)
	if c.text, err = os.ReadFile(path); err != nil {
		return c, err
	}
	c.samples, c.whole, err = parse(path, c.text)
	return c, err
}

// parse parses samples.txt. Whole is the number of bytes with complete samples, which is less than
// the length if the run was killed while writing a sample.
func parse(path string, text []byte) (samples []harness.Sample, whole int, err error) {
	whole = bytes.LastIndexByte(text, '\n') + 1
	lines := strings.SplitAfter(string(text[:whole]), "\n")
	r := benchfmt.NewReader(bytes.NewReader(text[:whole]), path)
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.SyntaxError:
			return samples, whole, rec
		case *benchfmt.Result:
			_, line := rec.Pos()
			s, err := sample(rec, lines[max(0, line-2)])
			if err != nil {
				return samples, whole, fmt.Errorf("%s:%d: %w", path, line, err)
			}
			samples = append(samples, s)
		}
	}
	if err := r.Err(); err != nil {
		return samples, whole, err
	}
	if last := len(lines) - 2; last >= 0 && strings.HasPrefix(lines[last], launchLine) {
		whole -= len(lines[last]) // the comment of a launch without its benchmark line
	}
	return samples, whole, remark(path, lines, samples)
}

// remark replaces the marks of samples by those in later comments.
func remark(path string, lines []string, samples []harness.Sample) error {
	for i, line := range lines {
		about, ok := strings.CutPrefix(line, markedLine)
		if !ok {
			continue
		}
		var want harness.Sample
		if err := describe(&want, about); err != nil {
			return fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
		name := about[strings.LastIndexByte(strings.TrimSpace(about), ' ')+1:]
		at := slices.IndexFunc(samples, func(s harness.Sample) bool {
			return s.Round == want.Round && s.Block == want.Block && s.Attempt == want.Attempt && benchmark(s) == strings.TrimSpace(name)
		})
		if at < 0 {
			return fmt.Errorf("%s:%d: marks of a launch that does not exist", path, i+1)
		}
		samples[at].Marks = want.Marks
	}
	return nil
}

// sample returns the sample of a benchmark line and the comment on the line before it.
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
	about, ok := strings.CutPrefix(comment, launchLine)
	if !ok {
		return s, fmt.Errorf("no line \"# launch …\" before this one")
	}
	if err := describe(&s, about); err != nil {
		return s, fmt.Errorf("the line before: %w", err)
	}
	return s, nil
}

// describe sets the fields of a sample that its comment contains.
func describe(s *harness.Sample, about string) (err error) {
	for _, field := range strings.Fields(about) {
		key, value, _ := strings.Cut(field, "=")
		switch key {
		case "round":
			s.Round, err = strconv.Atoi(value)
		case "block":
			s.Block, err = strconv.Atoi(value)
		case "attempt": // absent in older files
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
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}
