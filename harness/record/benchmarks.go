package record

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/perf/benchfmt"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// ErrNoBenchmarks is the error for a text that contains no line of a Go benchmark.
var ErrNoBenchmarks = errors.New("no line of a Go benchmark")

// Benchmarks reads the results of Go benchmarks from a text file or, if path is a folder, from the
// files of the folder that end in .txt. Any program, such as go test -bench, may have written the
// text. Benchmarks leaves out invalid lines and values, and returns a note about them. The result
// machine contains the operating system and the CPU if the text names them.
func Benchmarks(path string) (all []harness.Benchmark, machine harness.Machine, notes []string, err error) {
	files := []string{path}
	if st, err := os.Stat(path); err != nil {
		return nil, machine, nil, err
	} else if st.IsDir() {
		if files, err = fs.Glob(os.DirFS(path), "*.txt"); err != nil {
			return nil, machine, nil, err
		}
		for i, name := range files {
			files[i] = filepath.Join(path, name)
		}
	}
	var bad tally
	badIn := ""               // the file of the first bad line, if there are several files
	several := false          // the text has several descriptions of machines
	at := map[[3]string]int{} // index in all, by package, name and unit
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return nil, machine, nil, err
		}
		text := bufio.NewReader(f)
		head, _ := text.Peek(format.EncodingHead) // Peek returns fewer bytes and an error if the file is shorter
		if err := format.CheckEncoding(file, head); err != nil {
			return nil, machine, nil, errors.Join(err, f.Close())
		}
		r := benchfmt.NewReader(text, file)
		wrong := func(line int) {
			if bad.add(line); bad.n == 1 && len(files) > 1 {
				badIn = " of " + filepath.Base(file)
			}
		}
		for r.Scan() {
			_, line := r.Result().Pos()
			res, ok := r.Result().(*benchfmt.Result)
			if !ok {
				if _, unit := r.Result().(*benchfmt.UnitMetadata); !unit {
					wrong(line)
				}
				continue
			}
			for key, field := range map[string]*string{"goos": &machine.GOOS, "goarch": &machine.GOARCH, "cpu": &machine.CPU} {
				value := res.GetConfig(key)
				several = several || value != "" && *field != "" && value != *field
				*field = cmp.Or(*field, value)
			}
			for _, v := range res.Values {
				if v.OrigUnit != "" {
					v.Unit, v.Value = v.OrigUnit, v.OrigValue
				}
				if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
					wrong(line)
					continue
				}
				key := [3]string{res.GetConfig("pkg"), res.Name.String(), v.Unit}
				i, ok := at[key]
				if !ok {
					i = len(all)
					at[key] = i
					all = append(all, harness.Benchmark{Package: key[0], Name: key[1], Unit: key[2]})
				}
				all[i].Values = append(all[i].Values, v.Value)
			}
		}
		if err := errors.Join(r.Err(), f.Close()); err != nil {
			return nil, machine, nil, err
		}
	}
	if len(all) == 0 {
		return nil, machine, nil, fmt.Errorf("%s: %w", path, ErrNoBenchmarks)
	}
	if bad.n > 0 {
		notes = append(notes, fmt.Sprintf("%d lines or values are not valid and are left out, the first in line %d%s", bad.n, bad.first, badIn))
	}
	if several {
		notes = append(notes, "the benchmarks were measured on several machines, so a median may mix values of different machines")
	}
	return slices.Clip(all), machine, notes, nil
}
