package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// responses returns the section on response times at each arrival rate, for one kind of task.
func responses(_ *analyze.Analysis, all []analyze.Latency, _ *footnotes) section {
	at := analyze.PlaceOf(all[0].Who)
	rows := [][]string{{"strategy", "arrivals per second", "done per second", "tasks present", "p50", "p99", "p99.9", "n"}}
	notes, late := howToMeasure(all), ""
	for _, l := range all {
		who := analyze.Brief(l.Who)
		for _, r := range l.Responses {
			arrive := strconv.Itoa(r.Rate)
			if r.Behind() {
				arrive += " !"
				late = " ! marks rates at which tasks arrived faster than they were completed. Response times then depend on how long the open loop ran."
			}
			rows = append(rows, []string{who, arrive, number(r.Throughput), number(r.Concurrency),
				percentile(r, r.P50), percentile(r, r.P99), percentile(r, r.P999), strconv.Itoa(r.Throughput.N)})
			who = ""
		}
		if void, loops := l.Void(); void > 0 {
			notes += fmt.Sprintf(" For %s, %d of %s are excluded because tasks arrived later than scheduled: the machine was busy, or the strategy kept it busy.", analyze.Brief(l.Who), void, format.Count(loops, "loop"))
		}
	}
	return section{"Response times: " + at.String() + at.Nominal(), []part{{rows: rows, caption: "Percentiles of response times", narrow: fitting},
		{text: "The strategies run in an open loop: tasks arrive by a Poisson process. “Tasks present” is the mean number of tasks that have arrived and are not completed. A response time runs from the scheduled arrival of a task to its outcome. All values are medians over launches, with intervals." + notes + late}}}
}

// percentile returns e, a percentile of the response times r, as text. If too few tasks arrived to
// estimate this percentile, it returns "too few tasks".
func percentile(r analyze.Response, e analyze.Estimate) string {
	if r.Throughput.Known() && !e.Known() {
		return "too few tasks"
	}
	return duration(e)
}

// howToMeasure returns a sentence on the lowest percentile that is unknown because too few tasks
// arrived. The sentence says how to measure this percentile. If all percentiles are known,
// howToMeasure returns "".
func howToMeasure(all []analyze.Latency) string {
	for _, p := range []struct {
		name  string
		above float64 // share of the responses above the percentile
		of    func(analyze.Response) analyze.Estimate
	}{
		{"p50", 0.5, func(r analyze.Response) analyze.Estimate { return r.P50 }},
		{"p99", 0.01, func(r analyze.Response) analyze.Estimate { return r.P99 }},
		{"p99.9", 0.001, func(r analyze.Response) analyze.Estimate { return r.P999 }},
	} {
		least := 0
		for _, l := range all {
			for _, r := range l.Responses {
				if r.Throughput.Known() && !p.of(r).Known() && (least == 0 || r.Rate < least) {
					least = r.Rate
				}
			}
		}
		if least == 0 {
			continue
		}
		tasks := harness.FewestBeyond / p.above
		need := time.Duration(math.Ceil(tasks/float64(least))) * time.Second
		remedy := fmt.Sprintf("at a rate of %d a second, set min-time = %q in the suite", least, need)
		if need > harness.MaxMinTime {
			remedy = fmt.Sprintf("choose a rate of at least %.0f a second, and set min-time = %q in the suite", math.Ceil(tasks/harness.MaxMinTime.Seconds()), harness.MaxMinTime)
		}
		return fmt.Sprintf(" To measure a %s, %.0f tasks must arrive in each launch: %s.", p.name, tasks, remedy)
	}
	return ""
}

// throughput returns a sentence that names the highest median throughput, and how many workers
// reached it.
func throughput(c analyze.Concurrency) string {
	head := fmt.Sprintf("%s: %s ", where(c.Who), analyze.Bare(c.Who))
	if l := c.Levels[0]; c.Unbound() {
		return head + fmt.Sprintf("completes %s with %s and, on average, %s tasks under way (%s).", rate(l.Throughput),
			format.Count(l.Workers, "worker"), format.Number(l.UnderWay.Value, 2), ofRounds(l.Throughput.N))
	}
	most, last := c.Most(), c.Levels[len(c.Levels)-1]
	s := head + fmt.Sprintf("has its highest median throughput, %s, with %s", rate(most.Throughput), format.Count(most.Workers, "worker"))
	if most.Workers == last.Workers {
		s += ", the largest number of workers measured"
	}
	switch k := c.Knee; {
	case analyze.Few(most.Throughput.N) || !k.Known() || k.Lo == float64(most.Workers):
	case k.Lo == k.Hi:
		s += fmt.Sprintf("; the number of workers that reaches 90 %% of this throughput is %.0f", k.Value)
	default:
		s += fmt.Sprintf("; the number of workers that reaches 90 %% of this throughput is about %.0f (%.0f to %.0f)", k.Value, k.Lo, k.Hi)
	}
	return fmt.Sprintf("%s (%s).", s, ofRounds(most.Throughput.N))
}

// waiting returns a sentence on the response times of one strategy in an open loop.
func waiting(l analyze.Latency) string {
	kept, behind := l.Kept()
	var at []string
	for i, r := range kept {
		if i == 0 || i == len(kept)-1 {
			at = append(at, fmt.Sprintf("at a rate of %d a second, ", r.Rate)+within99(r))
		}
	}
	if len(kept) == 0 {
		at = []string{"it kept up with none of the measured rates"}
	}
	more := ""
	if behind > 0 {
		more = fmt.Sprintf("; from a rate of %d a second on, tasks arrive faster than they are completed", behind)
	}
	return fmt.Sprintf("%s, open loop: %s, %s: %s%s (%s).", where(l.Who), analyze.Bare(l.Who),
		format.Count(l.Who.Workers, "worker"), strings.Join(at, "; "), more, ofRounds(l.Responses[0].Throughput.N))
}

// within99 returns a clause that names two times: half of the outcomes arrive within the first, and
// 99 % within the second.
func within99(r analyze.Response) string {
	switch {
	case !r.P50.Known():
		return "too few tasks arrived for a median response time"
	case !r.P99.Known():
		return fmt.Sprintf("half of the outcomes arrive within %s; too few tasks arrived for a 99th percentile", duration(r.P50))
	}
	return fmt.Sprintf("half of the outcomes arrive within %s and 99 %% within %s", duration(r.P50), duration(r.P99))
}

// where returns a text that names the tasks and the number of cores of a cell.
func where(c harness.Cell) string {
	at := analyze.PlaceOf(c)
	return at.Work() + at.Nominal() + ", on " + format.Count(c.Cores, "core")
}
