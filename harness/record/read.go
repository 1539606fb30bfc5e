package record

import (
	"bytes"
	"cmp"
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
	"github.com/payoff-bench/payoff/harness/format"
)

// Read returns the info and the samples of a run. The argument dir is the folder of the run, or a
// file that [Link] wrote. The samples are in the order in which they were measured.
//
// Read leaves out these defects, and adds a note about them to the info: an incomplete sample at
// the end of a run that was killed, lines of other benchmarks, copies of a sample, and values that
// are not finite. For each other defect, it returns an error with the line number.
func Read(dir string) (harness.Info, []harness.Sample, error) {
	dir, err := Follow(dir)
	if err != nil {
		return harness.Info{}, nil, err
	}
	return read(dir, in(dir))
}

// in returns a function that reads a file in dir.
func in(dir string) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, name)) }
}

// read returns the info and the samples of the run in dir. The function file returns the contents
// of the named file of the run.
func read(dir string, file func(name string) ([]byte, error)) (harness.Info, []harness.Sample, error) {
	c, err := loadFiles(dir, file)
	if c.whole < len(c.text) && c.text[len(c.text)-1] != '\n' {
		c.note("the last line of " + SamplesFile + " is incomplete, because the run was killed while writing it; the launch of this line does not count")
	}
	c.info.Notes = append(c.info.Notes, c.notes...)
	return c.info, c.samples, err
}

// A contents holds the info, the samples and the defects that the reader found in a run folder.
type contents struct {
	info    harness.Info
	seal    seal
	samples []harness.Sample
	text    []byte   // contents of samples.txt
	whole   int      // length of text up to the last complete sample; less than the length of text if the run was killed while writing a sample
	notes   []string // notes about the lines and values that are left out
	faults  []string // the lines and values that are left out, with their cells
	better  map[string]string
}

// An Inspection holds the contents of a run folder and a list of their defects, for callers that
// must not ignore defects.
type Inspection struct {
	Info    harness.Info
	Samples []harness.Sample
	// Better says for each unit whether lower or higher values are better, as the lines "Unit" of
	// samples.txt say: "lower" or "higher".
	Better map[string]string
	// Faults name the samples and values that the reader left out, with line, cell and reason.
	Faults []string
}

// Inspect is like [Read], but returns more. For each unit, it says whether lower or higher values
// are better. It also lists the defects that Read leaves out.
func Inspect(dir string) (Inspection, error) {
	c, err := load(dir)
	return Inspection{c.info, c.samples, c.better, c.faults}, err
}

// fault records a line or a value of samples.txt that the reader leaves out. The argument name is
// the benchmark name in the line, and reason says why the reader leaves it out.
func (c *contents) fault(line int, name []byte, reason string) {
	c.faults = append(c.faults, fmt.Sprintf("%s:%d: %s: %s", SamplesFile, line, name, reason))
}

// direct stores, in c.better, whether lower or higher values of a unit are better. The argument
// unit is the content of a line "Unit" of samples.txt, which says so.
func (c *contents) direct(unit *benchfmt.UnitMetadata) {
	if unit.Key != "better" {
		return
	}
	if c.better == nil {
		c.better = map[string]string{}
	}
	c.better[cmp.Or(unit.OrigUnit, unit.Unit)] = unit.Value
}

func (c *contents) note(text string) { c.notes = append(c.notes, text) }

func load(dir string) (c contents, err error) {
	if dir, err = Follow(dir); err != nil {
		return c, err
	}
	return loadFiles(dir, in(dir))
}

func loadFiles(dir string, file func(name string) ([]byte, error)) (c contents, err error) {
	path := filepath.Join(dir, InfoFile)
	text, err := file(InfoFile)
	if errors.Is(err, fs.ErrNotExist) {
		return c, fmt.Errorf("%s is not the folder of a run: %w", dir, err)
	}
	if err != nil {
		return c, err
	}
	if c.info, err = decode(text); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	var changed bool
	if c.seal, changed, err = unsealed(text); err != nil {
		return c, fmt.Errorf("%s: %w", path, err)
	}
	if changed {
		c.info.Foreign = InfoFile + " was changed after the run"
		c.info.Notes = append(c.info.Notes, InfoFile+" was changed after payoff wrote it, so its facts about the run may be wrong")
	}
	c.info.Foreign = cmp.Or(c.info.Foreign, c.info.Doubt)
	path = filepath.Join(dir, SamplesFile)
	if c.text, err = file(SamplesFile); err != nil {
		return c, err
	}
	if err := format.CheckEncoding(path, c.text); err != nil {
		return c, err
	}
	if err := c.parse(path); err != nil {
		return c, err
	}
	if doubt := c.seal.doubt(c.text, "", 0, !c.info.Finished.IsZero()); doubt != "" {
		c.info.Foreign = cmp.Or(c.info.Foreign, doubt)
		c.note(doubt)
	}
	if key := c.unlike(); key != "" {
		c.info.Foreign = cmp.Or(c.info.Foreign, fmt.Sprintf("%s and %s describe different machines", InfoFile, SamplesFile))
		c.note(fmt.Sprintf("the line %q of %s differs from the machine in %s, so one of the files was changed or is from another run", key, SamplesFile, InfoFile))
	}
	if n := c.untimely(); n > 0 {
		c.info.Foreign = cmp.Or(c.info.Foreign, SamplesFile+" has launches of another run")
		c.note(fmt.Sprintf("%d of %d launches in %s were measured before or after the time of the run that %s describes, so the files are probably those of two runs", n, len(c.samples), SamplesFile, InfoFile))
	}
	return c, nil
}

// unlike returns the first line of samples.txt about the machine, such as "goos: linux", that
// differs from the machine in run.json. It returns "" if there is none.
func (c *contents) unlike() string {
	want := map[string]string{}
	for line := range strings.Lines(string(appendHeader(nil, c.info.Machine))) {
		if key, value, ok := strings.Cut(line, ": "); ok {
			want[key] = strings.TrimSpace(value)
		}
	}
	for line := range bytes.Lines(c.text) {
		if bytes.HasPrefix(line, []byte("Benchmark")) || bytes.HasPrefix(line, []byte("#")) {
			continue
		}
		key, value, ok := strings.Cut(string(line), ": ")
		if has := want[key]; ok && has != "" && has != strings.TrimSpace(value) {
			return strings.TrimSpace(string(line))
		}
	}
	return ""
}

// clockStep is the largest step by which the system may correct a machine's clock during a run.
const clockStep = 10 * time.Second

// untimely returns the number of samples that were measured before the run started or, if the run
// is finished, after it ended.
func (c *contents) untimely() (n int) {
	from, to := c.info.Started.Add(-clockStep), c.info.Finished.Add(clockStep)
	for _, s := range c.samples {
		if !s.At.IsZero() && !c.info.Started.IsZero() && (s.At.Before(from) || !c.info.Finished.IsZero() && s.At.After(to)) {
			n++
		}
	}
	return n
}

// describe sets those fields of a sample, such as the round and the marks, that are not in its
// benchmark line. The argument about is the comment before this line, which contains the fields.
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
		case "inputs": // only if the task is a program
			for ns := range strings.SplitSeq(value, ",") {
				v, bad := strconv.ParseUint(ns, 10, 63)
				s.Inputs, err = append(s.Inputs, float64(v)), cmp.Or(err, bad)
			}
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
