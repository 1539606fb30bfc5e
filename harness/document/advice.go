package document

import (
	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// An Advice names the strategy to use for a kind of task.
type Advice struct {
	Place     Cell    `json:"place"`
	Waits     bool    `json:"waits,omitempty"`
	From      *Number `json:"from,omitempty"`
	To        *Number `json:"to,omitempty"`
	FromBatch int     `json:"from_batch,omitempty"`
	ToBatch   int     `json:"to_batch,omitempty"`
	Use       []Cell  `json:"use"`
	Loop      *Span   `json:"faster_than_loop,omitempty"`
	Next      *Cell   `json:"next_kind,omitempty"`
	Ahead     *Span   `json:"next_kind_slower,omitempty"`
	Certainty string  `json:"certainty"`
	Rounds    int     `json:"rounds"`
	Why       string  `json:"why,omitempty"`
	More      *Number `json:"more_time,omitempty"`
}

// A Span holds the smallest and the largest value of a ratio over neighbouring grains.
type Span struct {
	Least *Number `json:"least"`
	Most  *Number `json:"most"`
}

func newAdvice(d analyze.Advice) Advice {
	out := Advice{
		Place: place(d.Place), Waits: d.Waits, From: plain(d.From, "ns"), To: plain(d.To, "ns"), FromBatch: d.Batch[0], ToBatch: d.Batch[1], Use: cells(d.Use),
		Loop: span(d.Loop), Ahead: span(d.Ahead), Certainty: d.Sure.String(), Rounds: d.Rounds, Why: string(d.Why),
		More: positive(float64(d.More), "ns"),
	}
	if d.Next != (harness.Cell{}) {
		next := Cell(d.Next)
		out.Next = &next
	}
	return out
}

func span(s analyze.Span) *Span {
	if !s.Known() {
		return nil
	}
	return &Span{estimate(s.Least, "ratio"), estimate(s.Most, "ratio")}
}
