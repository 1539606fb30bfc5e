// Package profile merges and compares the profiles of process trees.
//
//  1. A profiled launch leaves one file per process and kind in a folder, see package profiler.
//  2. [Merge] labels each sample with strategy, process, stage, workload and cell, and merges the
//     profiles of one kind. The duration is wall time, because processes run in parallel.
//  3. [Read] reads a merged profile again, and [Compare] subtracts one [Side] from another per task.
//  4. [ReadTrace] reads an execution trace.
//
// The merged files are profiles for go tool pprof:
//
//	go tool pprof -top -tagfocus process=w0 FILE
//
// A profiled launch never yields a sample, since the profiler would be part of its time.
package profile

import (
	"fmt"
	"io"
	"time"

	"github.com/google/pprof/profile"

	"github.com/payoff-bench/payoff/harness"
)

// Keys of the labels that [Merge] adds to every sample. The values of the label Process are launch,
// helper, w0, w1 and so on, because pprof's tag filters would read a bare number as a quantity. The
// values of the label Stage are in the table of [Stages].
const (
	Process  = "process"
	Strategy = "strategy"
	Stage    = "stage"
	Workload = "workload"
	Cell     = "cell"
)

// FirstWorker is the value of the label [Process] for the worker process that started first.
const FirstWorker = "w0"

// A Launch describes one launch that wrote profiles.
type Launch struct {
	Cell  harness.Cell
	Kind  string        // kind of the profiles
	Dir   string        // folder of the profiles
	Tasks int           // number of tasks that the launch ran
	Wall  time.Duration // time that the profile of the launch covers
	// Makespan is the median makespan of the launch's jobs in ns, or 0 if it is unknown.
	Makespan float64
	// Account is the kernel's account of the jobs, or zero if it is unknown.
	Account Account
	// Origin is that of the launch. All launches of a merged profile have the same.
	Origin Origin
	// Starved says that other processes used the cores of the launch, so that its idle time is partly theirs.
	Starved bool
	// Elsewhere is not empty if the tasks ran in processes that write no profile, such as Python
	// interpreters. It says so.
	Elsewhere string
}

// A Summary describes a merged profile.
type Summary struct {
	Launches  int
	Processes int           // merged profiles, one per process
	Workers   int           // merged profiles of worker processes
	Samples   int           // number of distinct call stacks of each process, summed
	Total     int64         // sum of all values in Unit; for CPU time, as the kernel counts it
	Unit      string        // unit of Total: nanoseconds, bytes or count
	Wall      time.Duration // sum over launches
	Short     []string      // sentences about cells with too few samples
	// Notes are sentences about processes without a profile.
	Notes []string
}

// Merge merges the profiles of all processes of the launches, which have one kind, and writes the
// result, compressed by gzip, to w. It leaves out profiles that it cannot read, and says so in the
// notes of the summary. If a launch has no readable profile at all, Merge returns an error.
func Merge(w io.Writer, launches []Launch) (Summary, error) {
	sum := Summary{Launches: len(launches)}
	if len(launches) == 0 {
		return sum, fmt.Errorf("no launch was profiled")
	}
	var all []*profile.Profile
	for _, l := range launches {
		files, err := l.Files()
		if err != nil {
			return sum, err
		}
		parts, reasons := l.read(files)
		sum.Notes = append(sum.Notes, l.notes(files, len(parts), reasons)...)
		if len(parts) == 0 {
			return sum, fmt.Errorf("%s: %s holds no readable profile: %s", l.Cell, l.Dir, reasons[0])
		}
		for _, f := range files {
			if f.Worker() && f.Err == nil {
				sum.Workers++
			}
		}
		parts[0].Comments = append(parts[0].Comments, l.comment())
		if l.Kind == "cpu" && l.Account.Core() > 0 {
			parts[0].Comments = append(parts[0].Comments, l.Account.comment(l.Cell.String()))
		}
		if l.Starved {
			parts[0].Comments = append(parts[0].Comments, starvedComment+l.Cell.String())
		}
		sum.Wall += l.Wall
		all = append(all, parts...)
	}
	if o := launches[0].Origin; o != (Origin{}) {
		all[0].Comments = append(all[0].Comments, o.comments()...)
	}
	merged, err := profile.Merge(all)
	if err != nil {
		return sum, fmt.Errorf("profiles of different kinds: %w", err)
	}
	merged.DurationNanos = int64(sum.Wall) // Merge added up the durations of the processes
	if err := merged.CheckValid(); err != nil {
		return sum, err
	}
	sum.Processes, sum.Samples = len(all), len(merged.Sample)
	i := index(merged, launches[0].Kind)
	sum.Unit = merged.SampleType[i].Unit
	for _, s := range merged.Sample {
		sum.Total += s.Value[i]
	}
	for _, l := range launches {
		sum.Short = append(sum.Short, l.short(merged)...)
	}
	return sum, merged.Write(w)
}

// short returns a sentence if a CPU profile has too few samples of the jobs of the launch.
func (l Launch) short(p *profile.Profile) []string {
	n := Side{Kind: l.Kind, Cell: l.Cell.String(), profile: p}.Samples()
	switch {
	case n < 0 || n >= FewestSamples:
		return nil
	case n == 0:
		return []string{fmt.Sprintf("%s: too short to profile: its jobs used less than %v of CPU time in %.2f s; --kind block shows where it waits", l.Cell, Period, l.Wall.Seconds())}
	}
	need := (l.Wall * FewestSamples / time.Duration(n)).Round(time.Second) + time.Second
	return []string{fmt.Sprintf("%s: too short to profile: %d samples of %v in its jobs, and %d are needed; --time %v takes enough", l.Cell, n, Period, FewestSamples, need)}
}

// read returns the labelled profiles of the files, and the reasons why it cannot read others. It sets
// the error of a file that it cannot read.
func (l Launch) read(files []File) (parts []*profile.Profile, reasons []string) {
	var cpu []sampled
	for i := range files {
		f := &files[i]
		if f.Err == nil {
			var p *profile.Profile
			if p, f.Err = parse(f.Path, l.Kind); f.Err == nil {
				l.label(p, f.Process)
				parts = append(parts, p)
				if l.Kind == "cpu" {
					cpu = append(cpu, sampled{p, f.role, usedBy(*f)})
				}
				continue
			}
		}
		reasons = append(reasons, fmt.Sprintf("%s: %v", f.Process, f.Err))
	}
	scale(cpu)
	return parts, reasons
}

// label adds the labels of the launch and of the process to the samples of p.
func (l Launch) label(p *profile.Profile, process string) {
	p.SetLabel(Process, []string{process})
	p.SetLabel(Strategy, []string{l.Cell.Strategy})
	p.SetLabel(Workload, []string{l.Cell.Workload})
	p.SetLabel(Cell, []string{l.Cell.String()})
	for _, s := range p.Sample {
		if stage := stageOf(s); stage != "" {
			s.Label[Stage] = []string{stage}
		}
	}
}

// index returns the index of the value of a sample that a kind is about: the last one, except that
// allocs is about all allocated bytes. It returns -1 if p is not of the kind.
func index(p *profile.Profile, kind string) int {
	types := map[string]string{"cpu": "cpu", "heap": "inuse_space", "allocs": "alloc_space", "block": "delay", "mutex": "delay", "goroutine": "goroutine"}
	for i, t := range p.SampleType {
		if t.Type == types[kind] {
			return i
		}
	}
	return -1
}

// Period is the CPU time of a sample of kind cpu. FewestSamples is the number of samples from which on a
// profile of kind cpu says something about a cell.
const (
	Period        = 10 * time.Millisecond
	FewestSamples = 20
)
