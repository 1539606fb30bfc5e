package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/profile"
)

// keepTraces copies the traces of the launches to the folder dir, and prints a row about the
// scheduler for each trace. If a trace is damaged, it keeps the part before the damage.
func keepTraces(c *cobra.Command, dir string, launches []profile.Launch) (err error) {
	if err := os.Mkdir(dir, 0o777); err != nil {
		return fullDisk(err)
	}
	t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', tabwriter.AlignRight)
	last, timelines := "", []string(nil)
	for n, l := range launches {
		into := filepath.Join(dir, fmt.Sprintf("%d-%s", n+1, l.Cell.Strategy))
		if err := os.Mkdir(into, 0o777); err != nil {
			return fullDisk(err)
		}
		files, err := l.Files()
		if err != nil {
			return err
		}
		fmt.Fprintf(t, "%s: %s\n", into, l.Cell)
		var traces []profile.ProcessTrace
		fmt.Fprintln(t, "process\trunning\tgc\tsyscalls\tidle\tqueued per task\tlatency 50 %\t99 %\tlongest\t")
		for _, f := range files {
			path := filepath.Join(into, f.Process+".trace")
			if f.Err == nil {
				f.Err = keepTrace(t, f, path, l.Tasks)
			}
			if f.Err != nil && fullDisk(f.Err) != f.Err {
				return fullDisk(f.Err)
			}
			if f.Err != nil {
				fmt.Fprintf(c.ErrOrStderr(), "payoff: trace of %s of %s: %v\n", f.Process, l.Cell, f.Err)
				continue
			}
			last = path
			traces = append(traces, profile.ProcessTrace{Process: f.Process, Path: path})
		}
		fmt.Fprintln(t)
		if l.Cell.Strategy == harness.Direct {
			continue // it has no workers
		}
		switch timeline, err := keepTimeline(filepath.Dir(dir), l, traces); {
		case err == nil:
			timelines = append(timelines, timeline)
		case fullDisk(err) != err:
			return err
		default:
			fmt.Fprintf(c.ErrOrStderr(), "payoff: no timeline of %s: %v\n", l.Cell, err)
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if last == "" {
		return errors.New("no process left a trace")
	}
	for _, path := range timelines {
		fmt.Fprintf(c.OutOrStdout(), "timeline  %s\n", format.Quoted(operand(path)))
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "Shares are of all cores of a process. Raw system calls of worker processes count as running.\nopen one  go tool trace %s\n", format.Quoted(operand(last)))
	return err
}

// keepTrace copies a trace to path and prints its row of the table.
func keepTrace(t io.Writer, f profile.File, path string, tasks int) error {
	from, err := os.Open(f.Path)
	if err != nil {
		return err
	}
	defer from.Close()
	if err := writeNew(path, func(w io.Writer) error { _, err := io.Copy(w, from); return err }); err != nil {
		return err
	}
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return err
	}
	s, err := profile.ReadTrace(from)
	idle := max(0, 1-s.Running-s.Syscall)
	fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s ns\t%s\t%s\t%s\t\n", f.Process, share(s.Running), share(s.Collect), share(s.Syscall), share(idle),
		digits(float64(s.Queued)/float64(max(1, tasks))), latency(s, 0.5), latency(s, 0.99), latency(s, 1))
	return err
}

func share(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }

// latency returns a quantile of the times from runnable to running, as text.
func latency(s profile.Trace, q float64) string {
	if len(s.Latencies) == 0 {
		return "-"
	}
	return format.Time(float64(s.Quantile(q)), 3)
}
