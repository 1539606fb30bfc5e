// Package profile merges the CPU profiles of a process tree into one file.
//
//  1. A profiled launch leaves one CPU profile per process in a folder: launch.pprof from the
//     launch itself, <pid>.pprof from each worker process.
//  2. [Merge] labels every sample with its process, strategy, workload and cell and merges the
//     profiles of one or more launches. It sets the duration to wall time, because processes
//     run in parallel.
//  3. The result is a gzipped profile for go tool pprof:
//     go tool pprof -top -tagfocus process=w0 FILE.
//
// A profiled launch never yields a sample, since the profiler would be part of its time.
package profile

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/pprof/profile"

	"github.com/payoff-bench/payoff/harness"
)

// LaunchFile is the file name of the launch's own profile.
const LaunchFile = "launch.pprof"

// Keys of the labels that [Merge] adds to every sample. The values of the label Process are launch,
// w0, w1 and so on, because pprof's tag filters would read a bare number as a quantity.
const (
	Process  = "process"
	Strategy = "strategy"
	Workload = "workload"
	Cell     = "cell"
)

// Values of the label [Process].
const (
	Launched    = "launch" // the launch itself
	FirstWorker = "w0"
)

// A Launch describes one launch that wrote CPU profiles: its cell, and the folder that contains the
// profiles.
type Launch struct {
	Cell harness.Cell
	Dir  string
}

// A Summary describes a merged profile: how many launches, processes and samples it contains, and
// how much time it covers.
type Summary struct {
	Launches  int
	Processes int           // merged profiles, one per process
	Workers   int           // merged profiles of worker processes
	Samples   int           // number of distinct call stacks of each process, summed
	CPU       time.Duration // sampled CPU time of all processes
	Wall      time.Duration // sum over launches of the longest profile in each
	Missing   []string      // empty or unreadable profiles, with the reason; a killed worker leaves an empty one
}

// Merge merges the CPU profiles of all processes of the launches, and writes the result, compressed
// by gzip, to w. It leaves out profiles that it cannot read, and lists them in the summary. If a
// launch has no readable profile at all, Merge returns an error.
func Merge(w io.Writer, launches []Launch) (Summary, error) {
	sum := Summary{Launches: len(launches)}
	var all []*profile.Profile
	for _, l := range launches {
		parts, err := l.read(&sum)
		if err != nil {
			return sum, err
		}
		longest := slices.MaxFunc(parts, func(a, b *profile.Profile) int { return cmp.Compare(a.DurationNanos, b.DurationNanos) })
		sum.Wall += time.Duration(longest.DurationNanos)
		all = append(all, parts...)
	}
	if len(all) == 0 {
		return sum, errors.New("no profiles to merge")
	}
	merged, err := profile.Merge(all)
	if err != nil {
		return sum, fmt.Errorf("profiles of different kinds: %w", err)
	}
	merged.DurationNanos = int64(sum.Wall) // Merge added up the durations of the processes
	if err := merged.CheckValid(); err != nil {
		return sum, err
	}
	sum.Processes, sum.Samples, sum.CPU = len(all), len(merged.Sample), cpu(merged)
	return sum, merged.Write(w)
}

// read returns the profiles of one launch. It labels their samples, for example with the strategy.
// It adds the number of worker processes to sum, and lists there the profiles that it cannot read.
func (l Launch) read(sum *Summary) (parts []*profile.Profile, err error) {
	files, err := l.files()
	if err != nil {
		return nil, err
	}
	for i, name := range files {
		process := Launched
		if name != LaunchFile {
			process = fmt.Sprintf("w%d", i)
		}
		p, err := parse(filepath.Join(l.Dir, name))
		if err != nil {
			sum.Missing = append(sum.Missing, fmt.Sprintf("%s of %s: %v", process, l.Cell, err))
			continue
		}
		p.SetLabel(Process, []string{process})
		p.SetLabel(Strategy, []string{l.Cell.Strategy})
		p.SetLabel(Workload, []string{l.Cell.Workload})
		p.SetLabel(Cell, []string{l.Cell.String()})
		parts = append(parts, p)
		if process != Launched {
			sum.Workers++
		}
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%s: %s holds no readable profile: %s", l.Cell, l.Dir, strings.Join(sum.Missing, "; "))
	}
	return parts, nil
}

// files returns the names of the profile files in the folder of the launch. The profiles of worker
// processes come first, sorted by process id, which is usually the order in which the workers
// started. The profile of the launch's own process comes last.
func (l Launch) files() (names []string, err error) {
	entries, err := os.ReadDir(l.Dir)
	if err != nil {
		return nil, err
	}
	pid := func(name string) int {
		stem, ok := strings.CutSuffix(name, ".pprof")
		id, err := strconv.Atoi(stem)
		switch {
		case name == LaunchFile:
			return math.MaxInt
		case !ok || err != nil:
			return 0
		}
		return id
	}
	for _, e := range entries {
		if pid(e.Name()) > 0 {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: %s: %w", l.Cell, filepath.Join(l.Dir, LaunchFile), fs.ErrNotExist)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(pid(a), pid(b)) })
	return names, nil
}

func parse(path string) (*profile.Profile, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(b) == 0 {
		return nil, errors.New("the profile is empty: the process ended before it wrote the profile")
	}
	return profile.ParseData(b)
}

// cpu returns the sum of the CPU times of all samples in the profile. It returns 0 if the profile
// is not a CPU profile.
func cpu(p *profile.Profile) (sum time.Duration) {
	for i, t := range p.SampleType {
		if t.Type != "cpu" || t.Unit != "nanoseconds" {
			continue
		}
		for _, s := range p.Sample {
			sum += time.Duration(s.Value[i])
		}
	}
	return sum
}
