package main

import (
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
)

// Winners are compared where both runs name one, and nowhere else.
func TestVote(t *testing.T) {
	said := func(kind analyze.WinnerKind, best ...string) analyze.Question {
		q := analyze.Question{Winner: analyze.Winner{Kind: kind}}
		for _, name := range best {
			q.Winner.Best = append(q.Winner.Best, harness.Cell{Strategy: name})
		}
		return q
	}
	run := func(qs ...analyze.Question) map[place]analyze.Question {
		all := map[place]analyze.Question{}
		for i, q := range qs {
			all[place{task: harness.Task{Grain: i}}] = q
		}
		return all
	}
	pool, steal := said(analyze.Won, "pool"), said(analyze.Won, "steal")
	var v vote
	v.add(run(pool, pool, pool, pool, pool), run(pool, steal, said(analyze.Tied, "steal", "pool"), said(analyze.Undecided, "steal", "pool")), "a", "b")
	if v.questions != 4 || v.both != 2 || v.same != 1 || len(v.apart) != 1 || v.apart[0] != "workload=/grain=1/payload=0 on 0 cores, order : pool (chunk ) in a, steal (chunk ) in b" {
		t.Errorf("%+v", v)
	}
}
