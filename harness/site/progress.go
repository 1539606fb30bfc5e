package site

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/record"
)

// newest is the number of launches that the page of a run under way lists.
const newest = 10

// progress returns what the page of a run under way says about its progress.
func (s *site) progress(f folder) (v progressView, err error) {
	if s.stampOf(path.Join(f.Name, record.SamplesFile)) == "" {
		return v, fmt.Errorf("%s is not a file", record.SamplesFile)
	}
	p, err := record.ReadProgress(s.root.FS(), f.Name, newest)
	if err != nil {
		return v, err
	}
	began := f.Info.Started
	if n := len(f.Info.Resumed); n > 0 {
		began = f.Info.Resumed[n-1]
	}
	parts := []string{format.Count(p.Launches, "launch")}
	if len(p.Newest) > 0 {
		round := fmt.Sprint("round ", p.Newest[0].Round+1)
		if f.Info.Rounds > 0 {
			round += fmt.Sprint(" of ", f.Info.Rounds)
		}
		parts = append(parts, round)
	}
	spent := format.Elapsed(time.Since(began))
	if f.Info.Budget > 0 {
		spent += " of at most " + format.Elapsed(f.Info.Budget)
	}
	v.Text = strings.Join(append(parts, spent), ", ")
	for _, one := range p.Newest {
		row := newestRow{When: one.At.Local().Format("15:04:05"), Cell: one.Cell.Task.String() + " " + analyze.Label(one.Cell)}
		if ns, ok := one.Values[harness.UnitTask]; ok {
			row.Time = format.Time(ns, 3)
		}
		v.Newest = append(v.Newest, row)
	}
	return v, nil
}
