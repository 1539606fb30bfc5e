package analyze

import "github.com/payoff-bench/payoff/harness"

// An Advised is a task with the advice for it.
type Advised struct {
	Task  harness.Task
	Order string
	Advice
}

// AdviceByTask is like [Analysis.Advice], but returns a separate advice for each task. It does not
// join the advice for neighbouring grains.
func (a *Analysis) AdviceByTask() (all []Advised) {
	for _, s := range a.advised() {
		for _, q := range s.Questions {
			if len(q.Rows) > 1 {
				all = append(all, Advised{q.Task, q.Order, a.answer(s, q)})
			}
		}
	}
	return all
}

// Joined returns one advice for the grains of both d and next, and true. If d and next do not name
// the same strategies with the same certainty, it returns false. next must be the advice for the
// next grain after those of d.
func (d Advice) Joined(next Advice) (Advice, bool) {
	if d.Place != next.Place || !d.joins(next) {
		return d, false
	}
	return d.join(next), true
}
