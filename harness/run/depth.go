package run

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/format"
)

// The budget may be too small for verdicts on all questions. Then the run spends it on the first
// questions of the plan, because a few answers are worth more than one round of everything.

// deep reports whether the run may set questions aside to measure the others in more rounds. It may if
// it has a budget and its plan allows as many rounds as a verdict needs.
func (r *run) deep() bool {
	return r.Next == nil && r.Budget > 0 && (r.plan.Rounds == 0 || r.plan.Rounds >= harness.FewestRounds)
}

// narrow sets questions aside: the run measures them only if time is left. It begins with the last
// question of the plan, and stops when the rest of the budget is expected to be enough for verdicts
// on the other questions. It never sets all questions aside. If [run.deep] is false, narrow does
// nothing.
func (r *run) narrow() {
	if !r.deep() {
		return
	}
	left := r.left()
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
		r.Say(fmt.Sprintf("the budget of %v is enough for only %d of %s, since a verdict needs %d rounds; the other questions are measured if time is left", r.Budget, len(needs)-n, format.Count(len(needs), "question"), harness.FewestRounds))
	}
}

// need returns the estimated time of the rounds that a verdict on a question still lacks. The
// argument question is an index in r.questions.
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

// left returns the part of the remaining budget that is for the launches that [run.need] counts. The
// rest is for the second launches of cells (twins), as many as in the first round, and for repeated
// turns. left assumes that the share of repeated turns stays the same.
func (r *run) left() time.Duration {
	cells, twins := 0, 0
	for _, t := range r.plan.Round(0) {
		for _, l := range t.Launches {
			if l.Twin {
				twins++
			} else {
				cells++
			}
		}
	}
	left := r.Budget - time.Since(r.began)
	left -= left * time.Duration(twins) / time.Duration(max(cells+twins, 1))
	if n := r.past.first + r.past.extra; n > 0 {
		left -= left * time.Duration(r.past.extra) / time.Duration(n)
	}
	return left
}

// aside reports whether a question is set aside: the run measures it only after the other questions
// have had their rounds.
func (r *run) aside(question int) bool { return r.later[r.questions[question][0]] }

// setAside sets a question aside if the flag aside is true. Otherwise it undoes this, so that the
// run measures the question like the others.
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

// asides returns the number of questions that are set aside: the run measures them only if time is
// left.
func (r *run) asides() (n int) {
	for q := range r.questions {
		if r.aside(q) {
			n++
		}
	}
	return n
}

// admissible returns the first question that is set aside and for whose verdict the rest of the
// budget is now enough; see [run.need]. The result fits is false if there is no such question.
func (r *run) admissible() (question int, fits bool) {
	for q := range r.questions {
		if r.aside(q) && r.need(q) <= r.left() {
			return q, true
		}
	}
	return 0, false
}

// admit lets the run measure the question that [run.admissible] returns, which was set aside, and
// probes its task. If the budget is too small for the probe, the question remains set aside. admit
// returns true if it admitted a question, and false if there was none to admit.
func (r *run) admit(ctx context.Context) (bool, error) {
	for {
		q, fits := r.admissible()
		if !fits {
			return false, nil
		}
		r.setAside(q, false)
		err := r.probe(ctx)
		if small := (*BudgetError)(nil); errors.As(err, &small) {
			r.setAside(q, true)
			return false, nil
		}
		if err != nil || !r.aside(q) { // if the sized job does not fit, the question is aside again
			return err == nil, err
		}
	}
}

// firstRound returns the round in which measuring starts or continues: the first round in which
// some block has not been measured. It considers only rounds that verdicts need, and no blocks of
// questions that are set aside. If there is no such round, firstRound returns the latest round so
// far.
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
