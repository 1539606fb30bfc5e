package document

import (
	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// Health holds results that show how far one can trust the measurements of the run.
type Health struct {
	Busy         bool        `json:"busy"`
	Noisy        bool        `json:"noisy"`
	Starved      int         `json:"starved_launches"`
	Contaminated int         `json:"contaminated_launches"`
	Twins        Twins       `json:"twins"`
	Classes      []Class     `json:"classes,omitempty"`
	Controls     []Control   `json:"controls,omitempty"`
	Agreement    []Agreement `json:"agreement,omitempty"`
}

// Twins summarize the A/A pairs of the run: two launches of the same cell in the same turn
// (measurement of a block). Their ratio differs from 1 only by noise.
type Twins struct {
	Ratio   *Number  `json:"ratio,omitempty"`
	Typical *Number  `json:"typical,omitempty"`
	Worst   *Number  `json:"worst,omitempty"`
	Outside int      `json:"outside_margin"`
	Notes   []string `json:"notes,omitempty"`
}

// A Class summarizes the A/A pairs (two launches of the same cell in one round) of one class of
// similar cells.
type Class struct {
	Class string  `json:"class"`
	Ratio *Number `json:"ratio,omitempty"`
	Holds bool    `json:"includes_1"`
	Doubt string  `json:"doubt,omitempty"`
}

// A Control summarizes the times of a fixed piece of work that every launch executes to judge the
// machine.
type Control struct {
	Control string   `json:"control"`
	Median  *Number  `json:"median,omitempty"`
	Min     *Number  `json:"min,omitempty"`
	Max     *Number  `json:"max,omitempty"`
	Within  *Number  `json:"within_turns,omitempty"`
	Between *Number  `json:"between_turns,omitempty"`
	Turns   int      `json:"turns"`
	Uneven  int      `json:"uneven_turns"`
	Notes   []string `json:"notes,omitempty"`
}

// An Agreement is the result of a check of cells that must take the same time.
type Agreement struct {
	Place   Cell    `json:"place"`
	Workers int     `json:"workers"`
	Cells   int     `json:"cells"`
	Spread  *Number `json:"spread,omitempty"`
	Differ  []Cell  `json:"differ,omitempty"`
	Apart   bool    `json:"apart,omitempty"`
}

func newHealth(a *analyze.Analysis) Health {
	t := a.Twins
	out := Health{
		Busy: a.Busy(), Noisy: t.Noisy, Starved: a.Starved, Contaminated: a.Marked,
		Twins:     Twins{Ratio: estimate(t.Ratio, "ratio"), Outside: t.Outside, Notes: notes(t.Notes)},
		Classes:   each(a.Classes, newClass),
		Controls:  each(a.Controls, newControl),
		Agreement: each(a.Agreement, newAgreement),
	}
	if t.Ratio.Known() {
		out.Twins.Typical, out.Twins.Worst = plain(t.Typical, "share"), plain(t.Worst, "share")
	}
	return out
}

func newClass(c analyze.ClassTwins) Class {
	return Class{string(c.Class), estimate(c.Ratio, "ratio"), c.Holds, string(c.Doubt)}
}

func newControl(c analyze.Control) Control {
	names := map[string]string{harness.UnitControl: "fixed loop", harness.UnitPingPong: "ping-pong"}
	median := plain(c.Median, "ns")
	if median != nil {
		median.N = c.N
	}
	return Control{
		Control: names[c.Unit], Median: median, Min: plain(c.Min, "ns"), Max: plain(c.Max, "ns"),
		Within: plain(c.Within, "ratio"), Between: plain(c.Between, "ratio"), Turns: c.Turns, Uneven: c.Uneven, Notes: notes(c.Notes),
	}
}

func newAgreement(g analyze.Agreement) Agreement {
	return Agreement{place(g.Place), g.Workers, g.Cells, plain(g.Spread, "share"), cells(g.Differ), g.Apart}
}
