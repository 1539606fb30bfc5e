package site

import (
	"fmt"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/report"
)

// A known is the result of an analysis, and the state of the files that were analysed.
type known struct {
	stamp string
	report.Summary
	err error
}

// analysis reads and analyses the run f.
func (s *site) analysis(f folder) (*analyze.Analysis, error) {
	info, samples, err := record.ReadFS(s.root.FS(), f.Name)
	if err != nil {
		return nil, err
	}
	if info.Started.IsZero() || info.Machine.Cores == 0 {
		return nil, fmt.Errorf("%s lacks the time or the machine of the run", record.InfoFile)
	}
	return s.Analyze(info, samples), nil
}

// remembered returns the summary of the run f if the site has it already.
func (s *site) remembered(f folder) (k known, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok = s.known[f.Name]
	return k, ok && k.stamp == f.stamp
}

// summary returns the summary of the run f. It analyses the run if its files have changed.
func (s *site) summary(f folder) known {
	s.analyzing.Lock()
	defer s.analyzing.Unlock()
	if k, ok := s.remembered(f); ok {
		return k
	}
	k := known{stamp: f.stamp}
	a, err := s.analysis(f)
	if k.err = err; err == nil {
		k.Summary = report.Summarize(a)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[f.Name] = k
	return k
}
