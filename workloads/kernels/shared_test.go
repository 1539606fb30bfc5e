package kernels

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/workloads"
)

// What is wrong with shared state is an error.
func TestSharedStateErrors(t *testing.T) {
	job, err := newShared("x", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sh := &sharing{}
	if _, err := sh.at(job); err != nil {
		t.Fatal(err)
	}
	if _, err := sh.at(sharedTask{Dir: job.Dir + "-none"}); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "shared state: ") {
		t.Errorf("no folder of the job: %v", err)
	}
	if err := sh.free(job); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(job.Dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after it was freed: %v", err)
	}
	var param *workloads.ParamError
	for _, w := range []workloads.Workload{Counter(), Queue()} {
		if _, err := w.New(workloads.Params{Grain: 1}); !errors.As(err, &param) || param.Param != "dir" {
			t.Errorf("%s without a folder: %v", w.Name, err)
		}
	}
	dir := t.TempDir()
	for _, w := range []workloads.Workload{Lock(0), Lock(101), Semaphore(0), Semaphore(1025)} {
		if _, err := w.New(workloads.Params{Grain: 1, Dir: dir}); !errors.As(err, &param) {
			t.Errorf("%s: %v", w.Name, err)
		}
	}
	if left := entries(t, dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	for _, c := range []struct {
		out  []taken
		want string
	}{
		{[]taken{{Taken: 1}, {Taken: 0}}, ""},
		{[]taken{{Taken: 1}, {Taken: 1}}, "twice"},
		{[]taken{{Taken: 2}, {Taken: 1}}, "number 2 came out"},
	} {
		if _, err := eachOnce(c.out); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v: %v", c.out, err)
		}
	}
}
