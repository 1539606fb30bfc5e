package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/chart"
	"github.com/payoff-bench/payoff/harness/profile"
	"github.com/payoff-bench/payoff/harness/report"
	"github.com/payoff-bench/payoff/strategies/profiler"
)

// keepTimeline draws the timeline of a launch from the traces of its processes to a new file in the
// folder dir, and returns the path of the file.
func keepTimeline(dir string, l profile.Launch, traces []profile.ProcessTrace) (path string, err error) {
	t, err := profile.ReadTimeline(traces)
	if err != nil {
		return "", err
	}
	t.Cell = l.Cell
	if l.Makespan > 0 {
		t.Marked = t.Makespan / l.Makespan
	}
	drawn := chart.Timeline(t)
	stem := report.TimelinePrefix + strings.TrimPrefix(drawn.Name, "timeline-")
	name := stem
	for n := 2; ; n++ { // other cells may differ in a setting that the name does not have
		path = filepath.Join(dir, name+".svg")
		if err := writeNew(path, drawn.SVG); !errors.Is(err, fs.ErrExist) {
			return path, err
		}
		name = fmt.Sprintf("%s-%d", stem, n)
	}
}

// drawTimelines traces the cells for which wanted returns true, and draws their timelines to new files
// in the folder dir. It does not keep the traces.
func (p Program) drawTimelines(ctx context.Context, c *cobra.Command, m matrix, title, dir string, wanted func(harness.Cell) bool) error {
	temp, err := os.MkdirTemp(dir, ".trace-")
	if err != nil {
		return fullDisk(err)
	}
	defer os.RemoveAll(temp)
	f := profileFlags{kinds: []string{profiler.Trace}, each: 50 * time.Millisecond, title: title}
	launches, _, err := p.launchProfiled(ctx, c, m, f, temp, wanted)
	for _, l := range launches {
		if err != nil {
			break
		}
		files, failed := l.Files()
		var traces []profile.ProcessTrace
		for _, f := range files {
			if f.Err == nil {
				traces = append(traces, profile.ProcessTrace{Process: f.Process, Path: f.Path})
			}
		}
		if err = failed; err == nil {
			_, err = keepTimeline(dir, l, traces)
		}
	}
	return err
}
