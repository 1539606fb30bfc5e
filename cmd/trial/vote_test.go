package trial_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/record"
)

// TestVote checks that a vote compares winners only for questions for which both runs name a winner.
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

// TestVotesAreJudged checks that judge requires the same winner for 95 % of the questions.
func TestVotesAreJudged(t *testing.T) {
	for _, c := range []struct {
		v  vote
		ok bool
	}{
		{vote{questions: 30, both: 20, same: 19}, true},
		{vote{questions: 30, both: 20, same: 18}, false},
		{vote{questions: 30}, false},
	} {
		if err := c.v.judge(); (err == nil) != c.ok {
			t.Errorf("%+v: got error %v", c.v, err)
		}
	}
}

// TestAgreeChecksTheTime checks that agree returns an error for a run that spent too little time in
// launches or in work, even if the winners are the same.
func TestAgreeChecksTheTime(t *testing.T) {
	folder := func(wall, launches, work time.Duration) string {
		dir := t.TempDir()
		r, err := record.Create(dir, harness.Info{
			Machine: harness.Machine{Cores: 2}, Started: time.Now(), Spent: harness.Spent{Wall: wall, Launches: launches, Work: work},
		})
		if err != nil {
			t.Fatal(err)
		}
		cell := harness.Cell{Task: harness.Task{Workload: "spin", Grain: 1000}, Strategy: harness.Direct, Cores: 2, Workers: 1, Chunk: "1", Order: harness.MapOrder}
		for round := range 6 {
			for strategy, ns := range map[string]float64{harness.Direct: 1000, "pool": 500, "procs": 900} {
				cell.Strategy = strategy
				s := harness.Sample{Cell: cell, Round: round, Reps: 3, Values: map[string]float64{harness.UnitTask: ns + float64(round), harness.UnitTasks: 64}}
				if err := r.Sample(s); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := r.Finish(time.Now()); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	good := folder(100*time.Second, 99*time.Second, 80*time.Second)
	for _, c := range []struct {
		other string
		want  string // part of the error; "" for none
	}{
		{good, ""},
		{folder(100*time.Second, 80*time.Second, 79*time.Second), "too little of its time in launches"},
		{folder(100*time.Second, 99*time.Second, 60*time.Second), "too little of its time in launches"},
	} {
		var said strings.Builder
		err := agree(&said, []string{good, c.other})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) || !strings.Contains(said.String(), "both name a winner in 1, the same one in 1") {
			t.Errorf("%v, want %q:\n%s", err, c.want, said.String())
		}
	}
	if err := agree(io.Discard, []string{good}); err == nil {
		t.Error("a single run: no error")
	}
}
