package record

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// sealedRun writes a run with four samples of two cells, and returns its folder. If finish is set,
// the run is finished. Otherwise its files are those of a killed run.
func sealedRun(t *testing.T, finish bool) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	i := info
	i.Started, i.Finished = time.Now().UTC(), time.Time{}
	r, err := Create(dir, i)
	sample := some()[0]
	for n := range 4 {
		s := sample
		s.Round, s.At, s.Cell.Workers = n/2, i.Started.Add(time.Duration(n)*time.Millisecond), 1+n%2
		err = errors.Join(err, r.Sample(s))
	}
	s := sample
	s.Round, s.Cell.Workers, s.Marks = 1, 2, []string{"late"}
	err = errors.Join(err, r.Mark(s))
	if finish {
		err = errors.Join(err, r.Finish(i.Started.Add(time.Second)))
	} else {
		err = errors.Join(err, r.Abandon())
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// replaced returns a function that replaces match n of the pattern in a text. Matches are counted
// from 0.
func replaced(pattern, by string, n int) func(string) string {
	return func(text string) string {
		return regexp.MustCompile(pattern).ReplaceAllStringFunc(text, func(old string) string {
			if n--; n == -1 {
				return by
			}
			return old
		})
	}
}

// TestSealed edits the files of a run. The reader must report every edit, except edits that leave
// the same files as a killed run.
func TestSealed(t *testing.T) {
	const record = `# launch [^\n]*\n[^\n]*\n`
	for name, c := range map[string]struct {
		finish bool
		file   string
		edit   func(string) string
		want   string
	}{
		"as written":             {true, SamplesFile, strings.ToUpper, "changed in line 1"},
		"unchanged":              {true, SamplesFile, strings.Clone, ""},
		"unchanged after a kill": {false, SamplesFile, strings.Clone, ""},
		"a value":                {true, SamplesFile, replaced(` [0-9.]+ ns/op`, " 1 ns/op", 1), "in or before line 1"},
		"a value, after a kill":  {false, SamplesFile, replaced(` [0-9.]+ ns/op`, " 1 ns/op", 3), "in or before line"},
		"a round":                {false, SamplesFile, replaced(`round=1`, "round=5", 0), "in or before line"},
		"a launch is removed":    {false, SamplesFile, replaced(record, "", 1), "in or before line"},
		"a cell is removed":      {false, SamplesFile, replaced(record, "", 0), "in or before line"},
		"two samples swapped": {false, SamplesFile, func(s string) string {
			r := regexp.MustCompile(record).FindAllString(s, -1)
			return strings.Replace(s, r[1]+r[2], r[2]+r[1], 1)
		}, "in or before line"},
		"all digests are removed":            {true, SamplesFile, func(s string) string { return regexp.MustCompile(` sum=\w+`).ReplaceAllString(s, "") }, "in or before line"},
		"the last sample":                    {true, SamplesFile, func(s string) string { return s[:strings.LastIndex(s, "# launch")] }, "no longer has all lines"},
		"the last sample, after a kill":      {false, SamplesFile, func(s string) string { return s[:strings.LastIndex(s, "# launch")] }, ""},
		"half of the last line after a kill": {false, SamplesFile, func(s string) string { return s[:len(s)-4] }, ""},
		"the marks at the end":               {true, SamplesFile, replaced(`marks=late`, "marks=tame", 0), "samples.txt was changed"},
		"the machine":                        {true, SamplesFile, replaced(`cpu: [^\n]*`, "cpu: X", 0), "in or before line"},
		"line ends":                          {true, SamplesFile, func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }, "in or before line"},
		"a line is added":                    {true, SamplesFile, func(s string) string { return s + "# marked\n" }, "added after the run"},
		"no first line":                      {true, SamplesFile, replaced(`# run [^\n]*\n`, "", 0), "changed in line 1"},
		"the first line of another run":      {true, SamplesFile, replaced(`# run [^\n]*`, "# run 1", 0), "another run"},
		"no sum":                             {true, InfoFile, replaced(`,\s*"Sum": "\w*"`, "", 0), "run.json was changed"},
		"a field":                            {true, InfoFile, replaced(`"Seed": "\d*"`, `"Seed": "3"`, 0), "run.json was changed"},
		"no seal":                            {true, InfoFile, replaced(`,\s*"ID"(.|\n)*"Sum": "\w*"`, "", 0), "has no identifier of the run"},
	} {
		dir := sealedRun(t, c.finish)
		path := filepath.Join(dir, c.file)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		edited := c.edit(string(text))
		if (edited == string(text)) != strings.HasPrefix(name, "unchanged") {
			t.Errorf("%s: the edit does not apply to\n%s", name, text)
		}
		if err := os.WriteFile(path, []byte(edited), 0o666); err != nil {
			t.Fatal(err)
		}
		got, _, err := Read(dir)
		if err != nil && name != "two samples swapped" || (c.want == "") != (got.Foreign == "") || !strings.Contains(got.Foreign, c.want) {
			t.Errorf("%s: %q, want %q, %v", name, got.Foreign, c.want, err)
		}
	}
}

// TestSealedResume resumes a run that was killed in the middle of a sample, twice.
func TestSealedResume(t *testing.T) {
	dir, sample := sealedRun(t, false), some()[0]
	path := filepath.Join(dir, SamplesFile)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString("# launch round=2 block=0 sum=")
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	for round := 2; round < 4; round++ {
		r, samples, _, err := Resume(dir)
		if err != nil || len(samples) != 2+round || r.Info().Foreign != "" {
			t.Fatalf("%d samples, %q, %v", len(samples), r.Info().Foreign, err)
		}
		s := sample
		s.Round, s.At = round, time.Now()
		err = r.Sample(s)
		if err := errors.Join(err, r.Finish(time.Now())); err != nil {
			t.Fatal(err)
		}
		if got, _, err := Read(dir); err != nil || got.Foreign != "" {
			t.Errorf("got Foreign %q, error %v", got.Foreign, err)
		}
	}
}

// TestHardLink resumes a run whose samples.txt is also in another folder.
func TestHardLink(t *testing.T) {
	dir := sealedRun(t, true)
	if err := os.Link(filepath.Join(dir, SamplesFile), filepath.Join(t.TempDir(), SamplesFile)); err != nil {
		t.Skip(err)
	}
	if _, _, _, err := Resume(dir); err == nil || !strings.Contains(err.Error(), "replace it by a copy") {
		t.Error(err)
	}
}

// TestSealedSides swaps and edits the files of a comparison.
func TestSealedSides(t *testing.T) {
	type about struct{ Finished time.Time }
	create := func() string {
		dir := filepath.Join(t.TempDir(), "ab")
		r, err := CreateSides(dir, about{}, harness.Machine{GOOS: "linux"}, "p")
		for side := range harness.Side(harness.Sides) {
			for round := range 2 {
				err = errors.Join(err, r.Sample(side, harness.SideSample{Name: "A-2", Round: round, Reps: 1, Values: map[string]float64{harness.UnitOp: 5}}))
			}
		}
		if err := errors.Join(err, r.Info(about{time.Now()}), r.Close()); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	for want, edit := range map[string]func(dir string) error{
		"": func(string) error { return nil },
		"base/samples.txt is the file of another side": func(dir string) error {
			base, head, temp := filepath.Join(dir, "base"), filepath.Join(dir, "head"), filepath.Join(dir, "temp")
			return errors.Join(os.Rename(base, temp), os.Rename(head, base), os.Rename(temp, head))
		},
		"head/samples.txt was changed in or before line": func(dir string) error {
			path := filepath.Join(dir, "head", SamplesFile)
			text, err := os.ReadFile(path)
			return errors.Join(err, os.WriteFile(path, []byte(strings.Replace(string(text), "5 ns/op", "1 ns/op", 1)), 0o666))
		},
		"run.json was changed after the run": func(dir string) error {
			path := filepath.Join(dir, InfoFile)
			text, err := os.ReadFile(path)
			return errors.Join(err, os.WriteFile(path, []byte(replaced(`,\s*"Sum": "\w*"`, "", 0)(string(text))), 0o666))
		},
	} {
		dir := create()
		if err := edit(dir); err != nil {
			t.Fatal(err)
		}
		if s, err := ReadSides(dir, &about{}); err != nil || (want == "") != (s.Foreign == "") || !strings.HasPrefix(s.Foreign, want) {
			t.Errorf("%q, want %q, %v", s.Foreign, want, err)
		}
	}
}
