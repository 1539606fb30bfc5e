package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// A budget that cannot hold the rounds that verdicts need of all questions is spent on the first
// questions of the plan: few answers are worth more than one round of everything.

// deep reports whether the run may set questions aside: whether it has a budget, and its plan has
// the rounds that verdicts need.
func (r *run) deep() bool {
	return r.Budget > 0 && (r.plan.Rounds == 0 || r.plan.Rounds >= harness.FewestRounds)
}

// narrow makes the remaining questions fit the rest of the budget. It sets questions aside, the
// last of the plan first, until the rounds that verdicts on the other questions need are expected
// to fit. It never sets all questions aside.
func (r *run) narrow() {
	if !r.deep() {
		return
	}
	left := r.Budget - time.Since(r.began)
	var needs []time.Duration
	var total time.Duration
	stay := 0 // the first question that is not set aside
	for q := range r.questions {
		needs = append(needs, r.need(q))
		if r.aside(q) {
			if stay == q {
				stay++
			}
			continue
		}
		total += needs[q]
	}
	before := len(r.later)
	for q := len(needs) - 1; q > stay && total > left; q-- {
		if needs[q] > 0 && !r.aside(q) {
			total -= needs[q]
			r.setAside(q, true)
		}
	}
	if len(r.later) > before && r.Say != nil {
		n := r.asides()
		r.Say(fmt.Sprintf("the budget of %v is enough for the %d rounds that a verdict needs for only %d of %s; the other questions are measured if time is left", r.Budget, harness.FewestRounds, len(needs)-n, format.Count(len(needs), "question")))
	}
}

// need returns the estimated time of the rounds that a verdict on a question still requires. The
// number question is an index in r.questions.
func (r *run) need(question int) (d time.Duration) {
	for _, b := range r.questions[question] {
		missing := 0
		for round := range harness.FewestRounds {
			if !r.past.whole[slot{round, b}] {
				missing++
			}
		}
		if live := r.live(b); len(live) > 0 && !r.gone[b] {
			d += time.Duration(missing) * r.cost(b, len(live))
		}
	}
	return d
}

// aside reports whether a question is set aside: not measured until the others have their rounds.
func (r *run) aside(question int) bool { return r.later[r.questions[question][0]] }

// setAside sets a question aside or, if the flag aside is false, takes it up again.
func (r *run) setAside(question int, aside bool) {
	for _, b := range r.questions[question] {
		if aside {
			r.later[b] = true
		} else {
			delete(r.later, b)
		}
	}
	r.past.leave(r.later)
}

// asides returns the number of questions that are set aside.
func (r *run) asides() (n int) {
	for q := range r.questions {
		if r.aside(q) {
			n++
		}
	}
	return n
}

// admissible returns the first question that is set aside and whose rounds fit the rest of the
// budget. It returns false if there is none.
func (r *run) admissible() (question int, fits bool) {
	for q := range r.questions {
		if r.aside(q) && r.need(q) <= r.Budget-time.Since(r.began) {
			return q, true
		}
	}
	return 0, false
}

// admit takes up the first admissible question and probes its task. If the budget is too small for
// the probe, the question stays aside, and the run ends with what it has. It returns false if no
// question is admitted.
func (r *run) admit(ctx context.Context) (bool, error) {
	for {
		q, fits := r.admissible()
		if !fits {
			return false, nil
		}
		r.setAside(q, false)
		err := r.probe(ctx)
		if small := (*budgetError)(nil); errors.As(err, &small) {
			r.setAside(q, true)
			return false, nil
		}
		if err != nil || !r.aside(q) { // else the sized job does not fit
			return err == nil, err
		}
	}
}

// firstRound returns the round with which measuring continues. It is the latest round so far, or an
// earlier round that verdicts need and in which a block has not been measured.
func (r *run) firstRound() int {
	for round := range min(r.past.round, harness.FewestRounds) {
		for b := range r.plan.Blocks {
			if !r.later[b] && !r.past.whole[slot{round, b}] && len(r.live(b)) > 0 {
				return round
			}
		}
	}
	return r.past.round
}
