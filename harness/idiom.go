package harness

import (
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
)

// unset returns what of a choice's setting a strategy does not have, as the key in the
// suite, and why; "" if it has all.
func unset(s strategies.Strategy, c Choice) (key, why string) {
	for _, one := range []struct {
		key, word string
		setting   strategies.Setting
	}{
		{"transport", c.Transport, strategies.Setting{Transport: c.Transport}},
		{"start", c.Start, strategies.Setting{Start: c.Start}},
	} {
		if one.word == "" {
			continue
		}
		if s.With == nil {
			return one.key, fmt.Sprintf("strategy %s has no %s; remove it", s.Name, one.key)
		}
		if _, err := s.With(one.setting); err != nil {
			return one.key, err.Error()
		}
	}
	return "", ""
}

// lacks returns what of a choice a strategy does not have, as the key in the suite, and
// why; "" if it has all. What a pool lacks is no cell: nobody brings it along for it.
func lacks(s strategies.Strategy, c Choice) (key, why string) {
	can := s.Capabilities
	idiom := func(key string) (string, string) {
		what := "remove " + key
		if key == "order" && can.Idiom == strategies.StreamIdiom {
			what = "set order to input"
		}
		return key, fmt.Sprintf("strategy %s runs %v, unchunked; %s", s.Name, can.Idiom, what)
	}
	switch {
	case can.Unbounded && c.Workers != 0:
		return "workers", fmt.Sprintf("strategy %s runs all tasks at once; remove workers", s.Name)
	case can.Resumes && c.Chunk != FixedChunk(1):
		return "chunk", fmt.Sprintf("strategy %s begins tasks one by one and hands none over; remove chunk", s.Name)
	case can.Idiom == strategies.AnyJob:
		return "", ""
	case can.Idiom == strategies.MapIdiom && c.Order != MapOrder, can.Idiom == strategies.StreamIdiom && c.Order != InputOrder:
		return idiom("order")
	case c.Chunk != FixedChunk(1):
		return idiom("chunk")
	case c.Window != 0:
		return idiom("window")
	}
	return "", ""
}
