package harness

import (
	"fmt"
	"slices"

	"github.com/payoff-bench/payoff/strategies/catalog"
)

// unset returns what of a choice's setting a strategy or the workload does not have, as the
// key in the suite, and why; "" if they have all.
func (c Catalog) unset(s catalog.Strategy, t Task, choice Cell) (key, why string) {
	for _, a := range axes {
		set := a.only(choice).Setting()
		switch {
		case set == catalog.Setting{}:
		case s.With == nil:
			return a.key, fmt.Sprintf("strategy %s has no %s; remove it", s.Name, a.key)
		default:
			if _, err := s.With(set); err != nil {
				return a.key, err.Error()
			}
		}
	}
	switch w := c.workload(t.Workload); {
	case choice.Codec == "":
	case !s.Capabilities.Processes:
		return "codec", fmt.Sprintf("strategy %s encodes nothing; remove codec", s.Name)
	case len(w.Codecs) == 0:
		return "codec", fmt.Sprintf("workload %s has no codec but its own; remove codec", w.Name)
	case !slices.Contains(w.Codecs, choice.Codec):
		return "codec", (&UnknownError{Kind: "codec of workload " + w.Name, Name: choice.Codec, Have: w.Codecs}).Error()
	}
	return "", ""
}

// lacks returns what of a choice a strategy does not have, as the key in the suite, and
// why; "" if it has all. What a pool lacks is no cell: nobody brings it along for it.
func lacks(s catalog.Strategy, c Cell) (key, why string) {
	can := s.Capabilities
	idiom := func(key string) (string, string) {
		what := "remove " + key
		if key == "order" && can.Idiom == catalog.StreamIdiom {
			what = "set order to input"
		}
		return key, fmt.Sprintf("strategy %s runs %v, unchunked; %s", s.Name, can.Idiom, what)
	}
	switch {
	case can.Unbounded && c.Workers != 0:
		return "workers", fmt.Sprintf("strategy %s runs all tasks at once; remove workers", s.Name)
	case can.Resumes && c.Chunk != FixedChunk(1):
		return "chunk", fmt.Sprintf("strategy %s begins tasks one by one and hands none over; remove chunk", s.Name)
	case can.Idiom != catalog.AnyJob && c.Rate != 0:
		return "rate", fmt.Sprintf("strategy %s runs %v, so that no task arrives by itself; remove rate", s.Name, can.Idiom)
	case can.Idiom == catalog.AnyJob:
		return "", ""
	case can.Idiom == catalog.MapIdiom && c.Order != MapOrder, can.Idiom == catalog.StreamIdiom && c.Order != InputOrder:
		return idiom("order")
	case c.Chunk != FixedChunk(1):
		return idiom("chunk")
	case c.Window != 0:
		return idiom("window")
	}
	return "", ""
}
