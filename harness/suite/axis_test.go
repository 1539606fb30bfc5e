package suite

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/workloads"
)

// TestAnAxisIsARow checks that a new axis needs only a row of the table of axes. The test replaces
// two rows, one for a field of a task and one for a field of a choice, by its own rows. Suites, the
// matrix, filters, names and launches must then have the new axes.
func TestAnAxisIsARow(t *testing.T) {
	without := slices.DeleteFunc(harness.AllAxes(), func(a harness.Axis) bool { return a.Key == "memory" || a.Key == "ahead" })
	heap := harness.Axis{
		Key: "heap", Part: harness.OfTask, Int: func(c *harness.Cell) *int { return &c.Memory }, Plain: "0",
		Unit: "bytes", Least: 1024, Most: 1 << 30, Wants: "whole numbers in brackets", Example: "[4096]",
		Has: func(w workloads.Workload) bool { return w.Memories }, Needed: true,
		Give: func(c harness.Cell, s *harness.Setup) { s.Params.Memory = c.Memory },
	}
	lead := harness.Axis{
		Key: "lead", Part: harness.OfChoice, Int: func(c *harness.Cell) *int { return &c.Ahead }, Plain: "0",
		Unit: "µs", Least: 1, Most: 1000, Wants: "a whole number, or several in brackets", Example: "5",
		Check: func(c harness.Cell, _ workloads.Workload, _ catalog.Strategy) error {
			if c.Ahead%2 != 0 && c.Order == harness.SingleOrder {
				return errors.New("order single wants an even lead")
			}
			return nil
		},
		Give: func(c harness.Cell, s *harness.Setup) { s.Setting.Ahead = time.Duration(c.Ahead) * time.Microsecond },
	}
	with := slices.Insert(slices.Clone(without), 6, heap)
	with = slices.Insert(with, 13, lead)

	const text = `question = "?"
[[block]]
workload = "alloc"
grain = [10_000]
heap = [2048, 4096]
[[block.cell]]
strategy = "procs"
lead = [5, 10]
[[block.cell]]
strategy = "procs"
`
	if _, err := parse(without, "x.toml", []byte(text), false); err == nil || !strings.Contains(err.Error(), `x.toml:5: unknown key "block.heap"`) {
		t.Errorf("without a row: %v", err)
	}
	s, err := parse(with, "x.toml", []byte(text), false)
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := testCatalog(2).Matrix([]Suite{s}, nil)
	if err != nil || len(blocks) != 2 || len(blocks[1].Cells) != 4 || blocks[1].Cells[0].Memory != 4096 || blocks[1].Cells[2].Ahead != 10 {
		t.Fatalf("got blocks %+v, error %v", blocks, err)
	}

	for filter, want := range map[string]int{"heap:2048": 4, "lead:5": 4, "lead:0,10 heap:4096": 3} {
		f, err := parseFilter(with, filter)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := f.Apply(blocks)
		cells := 0
		for _, b := range kept {
			cells += len(b.Cells)
		}
		if err != nil || cells != want {
			t.Errorf("%s: %d cells, %v", filter, cells, err)
		}
	}
	if _, err := parseFilter(without, "lead:5"); err == nil || !strings.Contains(err.Error(), `unknown filter key "lead"`) {
		t.Errorf("without a row: %v", err)
	}

	cell := blocks[1].Cells[2]
	const name = "Job/workload=alloc/grain=10000/payload=0/heap=4096/strategy=procs/lead=10/chunk=1/order=map/window=0/workers=2/cores=2"
	if got := with.Name(cell); got != name {
		t.Errorf("name %s", got)
	}
	if got, _, err := with.ParseName(name + "-2"); got != cell || err != nil {
		t.Errorf("%v came back as %v, %v", cell, got, err)
	}
	if got, twin, err := with.ParseName(with.TwinName(cell)); got != cell || !twin || err != nil {
		t.Errorf("the twin of %v came back as %v, %v", cell, got, err)
	}
	if _, _, err := without.ParseName(name); err == nil || !strings.Contains(err.Error(), `unknown key "heap"`) {
		t.Errorf("without a row: %v", err)
	}

	// The launch reads its setup from the spec.
	data, err := json.Marshal(harness.Spec{Cell: cell})
	var spec harness.Spec
	if err := errors.Join(err, json.Unmarshal(data, &spec)); err != nil {
		t.Fatal(err)
	}
	if got := with.Setup(spec.Cell); got.Params.Memory != 4096 || got.Setting.Ahead != 10*time.Microsecond {
		t.Errorf("a launch sets up %+v", got)
	}
	if got := without.Setup(spec.Cell); got.Params.Memory != 0 || got.Setting.Ahead != 0 {
		t.Errorf("without rows a launch sets up %+v", got)
	}

	// The rows' limits and checks apply, and strategies and workloads without the axes refuse them.
	for _, c := range []struct{ old, new, want string }{
		{"heap = [2048, 4096]", "heap = [1]", "x.toml:5: heap = 1 is not between 1024 and 1073741824"},
		{"heap = [2048, 4096]", "heap = 2048", "x.toml:5: heap wants whole numbers in brackets, such as heap = [4096]"},
		{"heap = [2048, 4096]\n", "", "x.toml:2: workload alloc needs a heap in bytes; add heap = [4096]"},
		{`"alloc"`, `"spin"`, "x.toml:5: workload spin has no heap; remove the key"},
		{"lead = [5, 10]", `lead = "5"`, "x.toml:8: lead wants a whole number, or several in brackets, such as lead = 5"},
		{"lead = [5, 10]", "lead = 2000", "x.toml:8: lead = 2000 is not between 1 and 1000"},
		{"lead = [5, 10]", "lead = 5\norder = \"single\"", "x.toml:8: order single wants an even lead"},
		{"strategy = \"procs\"\nlead", "strategy = \"pool\"\nlead", "x.toml:8: strategy pool has no lead; remove the key"},
		{"lead = [5, 10]", "laed = 5", `x.toml:8: unknown key "block.cell.laed": did you mean lead? have strategy, transport, start, codec, prefetch, lead, `},
	} {
		s, err := parse(with, "x.toml", []byte(strings.Replace(text, c.old, c.new, 1)), false)
		if err == nil {
			_, err = testCatalog(2).Matrix([]Suite{s}, nil)
		}
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.new, err, c.want)
		}
	}
}
