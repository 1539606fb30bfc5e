package report

import (
	"math"
	"slices"
	"strconv"

	"github.com/payoff-bench/payoff/harness/analyze"
)

// accountOf is the table of where the time of the cores went, after the makespans of the
// first job and of those that are timed; nil where nothing is known.
func accountOf(qs []analyze.Question) [][]string {
	if !analyze.Accounted(qs) {
		return nil
	}
	// What tasks that wait do is not work of the cores.
	waits := qs[0].Waits
	head := []string{"task", "strategy", "cold", "warm", "cores' time", "kernel", "other CPU", "idle", "in the system", "ready, no core", "switches", "faults", "allocations", "memory"}
	if waits {
		head = []string{"task", "strategy", "cold", "warm", "CPU", "in the system", "ready, no core", "switches", "faults", "allocations", "memory"}
	}
	served := slices.ContainsFunc(qs, func(q analyze.Question) bool {
		return slices.ContainsFunc(q.Rows, func(r analyze.Row) bool { return r.Account.Server.Known() })
	})
	if served {
		head = append(head, "server's CPU, apart")
	}
	rows := [][]string{head}
	for _, q := range qs {
		for i, r := range q.Rows {
			a := r.Account
			row := []string{"", label(r.Cell), nanos(a.Cold), nanos(a.Warm)}
			if i == 0 {
				row[0] = work(q)
			}
			if waits {
				row = append(row, nanos(a.CPU))
			} else {
				row = append(row, nanos(a.Granularity), nanos(a.Work), nanos(a.Other), nanos(a.Idle))
			}
			row = append(row, nanos(a.System), nanos(a.Ready), counted(a.Switches), counted(a.Faults), counted(a.Allocs), mebibytes(a.Memory))
			if served {
				row = append(row, nanos(a.Server))
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// nanos writes a time. One below zero is a difference of two that were measured: where its
// interval reaches zero there is no telling them apart.
func nanos(e analyze.Estimate) string {
	switch {
	case !e.Known():
		return "–"
	case math.Abs(e.Value) < 0.5:
		return "0"
	case e.Value < 0 && e.Hi >= 0:
		return "≤ 0"
	case e.Value < 0:
		return "-" + analyze.Time(-e.Value, 2)
	}
	return analyze.Time(e.Value, 3)
}

// counted writes a count per task, small ones as such.
func counted(e analyze.Estimate) string {
	switch {
	case !e.Known():
		return "–"
	case e.Value < 0.0001:
		return "0"
	}
	return analyze.Number(e.Value, 2)
}

func mebibytes(e analyze.Estimate) string {
	if !e.Known() {
		return "–"
	}
	return strconv.FormatFloat(e.Value/(1<<20), 'f', 1, 64) + " MiB"
}
