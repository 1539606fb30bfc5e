package strategiestest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
	"github.com/payoff-bench/payoff/strategies/work"
)

var refusalRules = []rule{
	{"refused options", `Every function that submits tasks refuses invalid options before any task runs.`, nil, refusedOptions},
	{"refused workers", `If the number of workers is invalid, New returns an OptionError for workers and no executor.`, nil, refusedWorkers},
	{"unsupported options", `An executor refuses each option that its strategy does not support. The error names
the strategy and the option.`, nil, unsupportedOptions},
	{"missing arguments", `Every function that submits tasks refuses a missing context, executor, input or kernel
function, before any task runs.`, nil, missingArguments},
	{"empty input", `An executor checks the options of a job even if the input of the job is empty.`, nil, emptyInput},
}

// A submission holds the arguments of a function that submits tasks, such as Map.
type submission struct {
	ctx     context.Context
	ex      strategies.Executor
	kernel  strategies.Kernel[act, done]
	acts    []act
	options strategies.Options
}

// entryPoints are all functions that submit tasks. The field submit calls the function with
// arguments that the executor should refuse, and returns the error.
var entryPoints = []struct {
	name    string
	streams bool
	submit  func(t *testCase, s submission) error
}{
	{"map", false, func(_ *testCase, s submission) error {
		_, err := s.kernel.Map(s.ctx, s.ex, s.acts, s.options)
		return err
	}},
	{"map into", false, func(_ *testCase, s submission) error {
		return s.kernel.MapInto(s.ctx, s.ex, s.acts, make([]done, len(s.acts)), s.options)
	}},
	{"stream", true, func(t *testCase, s submission) (last error) {
		n := 0
		for _, err := range s.kernel.Stream(s.ctx, s.ex, t.unpulled(s.acts), s.options) {
			n++
			last = err
		}
		want(t, "elements of a stream that the executor refuses", n, 1)
		return last
	}},
	{"drain", true, func(t *testCase, s submission) error {
		err := s.kernel.Drain(s.ctx, s.ex, t.unpulled(s.acts), s.options)
		if e, ok := err.(*strategies.JobError); ok && e.Failed+e.Skipped == 0 {
			return e.Cause
		}
		return err
	}},
	{"future", false, func(_ *testCase, s submission) error {
		_, err := s.kernel.Go(s.ctx, s.ex, act{}, s.options).Wait(background)
		return err
	}},
}

// unpulled returns an input that must not be used: it reports a failure if the executor pulls it.
// The input would yield acts.
func (t *testCase) unpulled(acts []act) func(yield func(act) bool) {
	return func(yield func(act) bool) {
		t.Errorf("the executor pulled the input of a job that it should refuse")
		slices.Values(acts)(yield)
	}
}

// allRefuse reports a failure unless every function that submits tasks refuses the arguments s with
// an OptionError for the given strategy and option. If strategy is "", the OptionError must name no
// strategy.
func (t *testCase) allRefuse(strategy, option string, s submission) {
	t.Helper()
	for _, e := range entryPoints {
		t.refused(strategy, option, e.submit(t, s))
	}
}

// refused reports a failure unless err is an OptionError for the given strategy and option. If
// strategy is "", err must name no strategy.
func (t *testCase) refused(strategy, option string, err error) {
	t.Helper()
	e, ok := errors.AsType[*strategies.OptionError](err)
	t.check(ok && e.Option == option && e.Strategy == strategy,
		"got error %v, want an OptionError for option %s of strategy %q", err, option, strategy)
}

// closed reports a failure unless every function that submits tasks returns ErrClosed on executor
// ex.
func (t *testCase) closed(ex strategies.Executor, acts []act) {
	t.Helper()
	for _, e := range entryPoints {
		err := e.submit(t, submission{ctx: background, ex: ex, kernel: actKernel, acts: acts})
		want(t, "error of "+e.name+" on a closed executor", err, strategies.ErrClosed)
	}
}

func refusedOptions(t *testCase) {
	ex := t.executor(1)
	g := t.gate()
	for _, c := range []struct {
		option   string
		o        strategies.Options
		ofStream bool // whether streams accept the option
	}{
		{"chunk", strategies.Options{Chunk: chunk.Fixed(-1)}, false},
		{"window", strategies.Options{Window: -1}, false},
		{"window", strategies.Options{Window: strategies.MaxWindow + 1}, false},
		{"order", strategies.Options{Order: 99}, false},
		{"limit", strategies.Options{Limit: -1}, false},
		{"retries", strategies.Options{Retries: -1}, false},
		{"window", strategies.Options{Window: 10}, true},
		{"order", strategies.Options{Order: strategies.CompletionOrder}, true},
	} {
		for e, n := range cross(entryPoints, []int{0, 3}) {
			if c.ofStream && e.streams {
				continue
			}
			t.refused("", c.option, e.submit(t, submission{background, ex, actKernel, g.markers(0, n), c.o}))
		}
	}
	t.refused("", "out", actKernel.MapInto(background, ex, g.markers(0, 3), make([]done, 2), strategies.Options{}))
	want(t, "tasks that ran although the executor refused their job", g.count(), 0)
}

func refusedWorkers(t *testCase) {
	for _, n := range []int{-1, work.MaxWorkers + 1} {
		c := t.config
		c.Workers = n
		ex, err := t.strategy.New(background, c)
		e, ok := errors.AsType[*strategies.OptionError](err)
		t.check(ok && e.Option == "workers", "New with %d workers: got error %v, want an OptionError for workers", n, err)
		t.check(ex == nil, "New returned an executor with %d workers, want none", n)
	}
}

func unsupportedOptions(t *testCase) {
	ex := t.executor(1)
	g := t.gate()
	for _, c := range []struct {
		option string
		kept   bool
		o      strategies.Options
	}{
		{"limit", t.can().Limits, strategies.Options{Limit: time.Hour}},
		{"retries", t.can().Retries, strategies.Options{Retries: 1}},
	} {
		if !c.kept {
			t.allRefuse(t.strategy.Name, c.option, submission{background, ex, actKernel, g.markers(0, 3), c.o})
			continue
		}
		for _, e := range allEntries {
			t.allSucceed(ex, plain(3), c.o, e)
		}
	}
	want(t, "tasks that ran although the executor refused their job", g.count(), 0)
	t.healthy(ex, 1)
}

func missingArguments(t *testCase) {
	ex := t.executor(1)
	g := t.gate()
	acts := g.markers(0, 3)
	var noContext context.Context
	withoutFunction := strategies.Kernel[act, done]{Name: actKernel.Name}
	t.allRefuse("", "executor", submission{ctx: background, kernel: actKernel, acts: acts})
	t.allRefuse("", "kernel", submission{ctx: background, ex: ex, kernel: withoutFunction, acts: acts})
	t.allRefuse("", "ctx", submission{ctx: noContext, ex: ex, kernel: actKernel, acts: acts})
	n := 0
	for _, err := range stream(ex, nil, strategies.Options{}) {
		t.refused("", "in", err)
		n++
	}
	want(t, "elements of a stream without an input", n, 1)
	t.refused("", "in", actKernel.Drain(background, ex, nil, strategies.Options{}))
	t.refused("", "in", actKernel.Drain(background, ex, strategies.Fallible[act](nil), strategies.Options{}))
	want(t, "tasks that ran although the executor refused their job", g.count(), 0)
}

func emptyInput(t *testCase) {
	ex := t.executor(1)
	out, err := actKernel.Map(background, ex, nil, strategies.Options{FailFast: true, Hooks: &strategies.Hooks{Progress: func(strategies.Progress) {}}})
	t.ok(err)
	want(t, "outputs of an empty map", len(out), 0)
	if !t.can().Retries {
		_, err = actKernel.Map(background, ex, nil, strategies.Options{Retries: 1})
		t.refused(t.strategy.Name, "retries", err)
	}
	t.ok(ex.Close())
	t.closed(ex, nil)
}
