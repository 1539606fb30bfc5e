package kernels

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/workloads"
)

// TestSharedStateErrors checks that a missing folder for shared state is an error, and so is a
// wrong outcome of the workload queue.
func TestSharedStateErrors(t *testing.T) {
	sh, dir := &sharing{}, t.TempDir()
	s, err := sh.at(newSharedTask(workloads.Params{Dir: dir}, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sh.at(sharedTask{Dir: filepath.Join(dir, "none")}); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "shared state: ") {
		t.Errorf("shared state in a folder that does not exist: got error %v", err)
	}
	if err := s.close(); err != nil {
		t.Error(err)
	}
	var param *workloads.ParamError
	for _, w := range []workloads.Workload{newCounter(), newQueue()} {
		if _, err := w.New(workloads.Params{Grain: 1}); !errors.As(err, &param) || param.Param != "dir" {
			t.Errorf("workload %s without a folder: got error %v, want a ParamError for dir", w.Name, err)
		}
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
			t.Errorf("outcomes %v of the workload queue: got error %v", c.out, err)
		}
	}
}
