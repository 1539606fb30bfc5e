package ab

import (
	"cmp"
	"math"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/compare"
)

// stand sets the fields Decided and Rounds of the judgement. It decides which benchmarks need more
// rounds, and estimates how many.
func (j *Judgement) stand(benches []Bench, gates []series, rows []compare.Row, turns map[string][]Turn, set Settings) {
	for _, b := range benches {
		j.Decided[b.Name] = !analyze.Few(len(turns[b.Name]))
	}
	for i, s := range gates {
		r := rows[i]
		ratio := compare.Paired([]compare.Series{valuesOf(harness.Base, harness.Head)(s)}, analyze.Settings{}, false)[0].Ratio
		close := ratio.Half()
		edge := math.Abs(math.Log(ratio.Value)) < math.Log1p(cmp.Or(set.Margin, defaultMargin))+precise
		if analyze.Few(len(s.turns)) || r.Verdict == analyze.Unresolved && (close > precise || !edge) {
			j.Decided[s.Name] = false
			need := harness.FewestRounds
			if !math.IsInf(close, 0) {
				need = int(math.Ceil(float64(len(s.turns)) * math.Pow(close/precise, 2)))
			}
			if r.Rounds > 0 {
				need = min(need, r.Rounds)
			}
			j.need(s.Name, max(need, len(s.turns)+1, harness.FewestRounds))
		}
	}
}

// mostRounds is the largest number of rounds that the report suggests to the user.
const mostRounds = 1000

// need records how many rounds in total an undecided benchmark needs for a verdict in one unit, or
// 0 if this is unknown. If several units have no verdict, it keeps the largest number, or 0 if one
// is unknown.
func (j *Judgement) need(name string, rounds int) {
	before, known := j.Rounds[name]
	if rounds > mostRounds || known && before == 0 {
		rounds = 0
	}
	j.Rounds[name] = rounds
	if rounds > 0 {
		j.Rounds[name] = max(rounds, before)
	}
}

// More returns the estimated time that the undecided benchmarks still need, and the number of these
// benchmarks. turnTime maps each benchmark to the mean time of one turn. More leaves out benchmarks
// with an unknown number of rounds or an unknown time.
func (j Judgement) More(turns map[string][]Turn, turnTime map[string]time.Duration) (more time.Duration, n int) {
	for name, rounds := range j.Rounds {
		if left := rounds - len(turns[name]); left > 0 && turnTime[name] > 0 {
			more += time.Duration(left) * turnTime[name]
			n++
		}
	}
	return more, n
}
