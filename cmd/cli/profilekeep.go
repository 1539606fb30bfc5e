package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/profile"
	"github.com/payoff-bench/payoff/strategies/profiler"
)

// profileSuffix is the end of the name of a merged profile, after its kind.
const profileSuffix = ".pb.gz"

// keepProfiles writes one merged profile for each kind to the folder dir, and copies traces there. It
// prints what it wrote, and the commands that open the files. After an error it continues with the
// other kinds.
func keepProfiles(c *cobra.Command, dir string, kinds []string, launches []profile.Launch) (err error) {
	out, hint, flame := c.OutOrStdout(), "", ""
	one := profiler.Launch
	for _, note := range elsewheres(launches) {
		fmt.Fprintln(c.ErrOrStderr(), "payoff:", note)
	}
	for _, l := range launches {
		if l.Starved {
			fmt.Fprintf(c.ErrOrStderr(), "payoff: %s profile of %s: other processes used the cores, so the idle time is partly theirs; profile it on a quiet machine\n", l.Kind, l.Cell)
		}
	}
	for _, kind := range kinds {
		those := slices.DeleteFunc(slices.Clone(launches), func(l profile.Launch) bool { return l.Kind != kind })
		if len(those) == 0 {
			continue
		}
		if kind == profiler.Trace {
			err = errors.Join(err, keepTraces(c, filepath.Join(dir, kind), those))
			continue
		}
		path := filepath.Join(dir, kind+profileSuffix)
		sum, failed := mergeInto(path, those)
		for _, note := range sum.Notes {
			fmt.Fprintln(c.ErrOrStderr(), "payoff:", note)
		}
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		fmt.Fprintf(out, "%s: %s in %s, over %.2f s of %s (this run gives no timings)\n", path, quantity(kind, sum),
			format.Count(sum.Processes, "process"), sum.Wall.Seconds(), format.Count(sum.Launches, "launch"))
		if sum.Workers > 0 {
			one = profile.FirstWorker
		}
		if hint == "" {
			hint = path
		}
		if kind == "cpu" {
			sides, failed := profile.Read(path)
			err = errors.Join(err, failed, printBudgets(out, sides))
		}
		if kind == "cpu" && sum.Samples > 0 {
			flame, failed = keepFlameGraph(path)
			err = errors.Join(err, failed)
		}
		for _, short := range sum.Short {
			err = errors.Join(err, &statusError{Unresolved, errors.New(short)})
		}
	}
	if hint != "" {
		_, failed := fmt.Fprintf(out, `
functions             go tool pprof -top %[2]s
only one process      go tool pprof -top -tagfocus process=%[1]s %[2]s
sums by label         go tool pprof -tags %[2]s
in a browser          go tool pprof -http : %[2]s
`, one, format.Quoted(operand(hint)))
		err = errors.Join(err, failed)
	}
	if flame != "" {
		_, failed := fmt.Fprintf(out, "flame graph           %s\n", format.Quoted(operand(flame)))
		err = errors.Join(err, failed)
	}
	return err
}

// elsewheres returns a sentence for each reason why launches give no profile of the processes that
// ran their tasks. The sentence names the strategies of these launches.
func elsewheres(launches []profile.Launch) (notes []string) {
	var reasons []string
	strategies := map[string][]string{}
	for _, l := range launches {
		if l.Elsewhere == "" {
			continue
		}
		if !slices.Contains(reasons, l.Elsewhere) {
			reasons = append(reasons, l.Elsewhere)
		}
		if !slices.Contains(strategies[l.Elsewhere], l.Cell.Strategy) {
			strategies[l.Elsewhere] = append(strategies[l.Elsewhere], l.Cell.Strategy)
		}
	}
	for _, why := range reasons {
		notes = append(notes, format.List(strategies[why], "and")+": "+why)
	}
	return notes
}

// quantity returns the sum of a merged profile as text, with its unit.
func quantity(kind string, s profile.Summary) string {
	total := float64(s.Total)
	switch kind {
	case "cpu":
		return fmt.Sprintf("%.2f s of CPU time", time.Duration(s.Total).Seconds())
	case "heap":
		return format.Mebibytes(total) + " of live heap"
	case "allocs":
		return format.Mebibytes(total) + " of allocations"
	case "goroutine":
		return format.Count(int(s.Total), "goroutine")
	case "mutex":
		return fmt.Sprintf("%.2f s of waiting for locks", time.Duration(s.Total).Seconds())
	}
	return fmt.Sprintf("%.2f s of blocked goroutines", time.Duration(s.Total).Seconds())
}

// mergeInto merges the profiles of launches into a new file.
func mergeInto(path string, launches []profile.Launch) (sum profile.Summary, err error) {
	err = writeNew(path, func(w io.Writer) error {
		sum, err = profile.Merge(w, launches)
		return err
	})
	return sum, err
}

// writeNew creates the file at path, and calls write to write it. If this fails, it removes the
// file.
func writeNew(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return fullDisk(err)
	}
	if err = errors.Join(write(file), file.Close()); err != nil {
		os.Remove(path)
		return fullDisk(fmt.Errorf("%s was not written: %w", path, err))
	}
	return nil
}
