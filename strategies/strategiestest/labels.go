package strategiestest

import (
	"bytes"
	"context"
	"fmt"
	"runtime/pprof"
	"strings"

	"github.com/payoff-bench/payoff/strategies"
)

var labelRules = []rule{
	{"labels", `A task runs with the profiler labels in the context of its job. It does not have the labels
of the goroutine that made the executor, or of an earlier job. The caller keeps its own labels.`, needs{inside}, labels},
}

// labelOfMark returns the profiler label "job" of the goroutine that runs the function marked, or
// "" if the goroutine has no such label. It finds the label in a profile of all goroutines.
func labelOfMark() string {
	var b bytes.Buffer
	pprof.Lookup("goroutine").WriteTo(&b, 1)
	for _, part := range strings.Split(b.String(), "\n\n") {
		if !strings.Contains(part, "strategiestest.marked") {
			continue
		}
		_, rest, ok := strings.Cut(part, `"job":"`)
		if !ok {
			return ""
		}
		label, _, _ := strings.Cut(rest, `"`)
		return label
	}
	return "no goroutine in the profile runs the function marked"
}

// marked returns the profiler label "job" of the calling goroutine.
//
//go:noinline
func marked() string { return labelOfMark() }

func labels(t *testCase) {
	pprof.SetGoroutineLabels(pprof.WithLabels(background, pprof.Labels("job", "maker")))
	ex := t.executor(1)
	k := kernel(func(context.Context, int) (string, error) { return marked(), nil })
	for i, entry := range append(allEntries, allEntries...) {
		job := fmt.Sprint("job ", i)
		for _, name := range []string{job, ""} {
			ctx := background
			if name != "" {
				ctx = pprof.WithLabels(ctx, pprof.Labels("job", name))
			}
			for _, label := range labelsOf(ctx, ex, k, entry) {
				want(t, "label of a task of a "+string(entry), label, name)
			}
		}
		want(t, "label of the caller", marked(), "maker")
	}
}

// labelsOf runs two tasks of kernel k through entry e: as a map, a stream or futures. It returns
// the outputs of the tasks. Each output is the label of the goroutine that ran the task.
func labelsOf(ctx context.Context, ex strategies.Executor, k strategies.Kernel[int, string], e entry) (all []string) {
	switch e {
	case asMap:
		all, _ = k.Map(ctx, ex, numbers(2), strategies.Options{})
	case asFutures:
		all, _ = strategies.WaitAll(background, start(ctx, ex, k, numbers(2), strategies.Options{}))
	default:
		for v := range k.Stream(ctx, ex, upTo(2), e.options(strategies.Options{})) {
			all = append(all, v)
		}
	}
	return all
}
