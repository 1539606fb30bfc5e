// Package payload holds workloads whose tasks are about their data: what it costs to hand
// some over and to get some back, by its size, by its shape, and by the way it is handed
// over. The work of a task is to read all of it once.
//
// By value, the data travels with the task, or back: [Send], [Fetch] and [Mirror] are
// bytes, [Record] and [Tree] structs; the codec is an axis of these. By reference, the
// task says where to look: [File], [Mapped]. By initialiser, all tasks share data that each
// worker is handed once: [Shared].
//
// They are a package of their own for what they link: a worker process that knows every
// codec takes longer to start than one that knows the workloads of package workloads.
package payload

import "github.com/payoff-bench/payoff/workloads"

// All returns the workloads of this package.
func All() []workloads.Workload {
	return []workloads.Workload{
		Send(),
		Fetch(),
		Mirror(),
		Record(),
		Tree(),
		File(),
		Mapped(),
		Shared(),
	}
}
