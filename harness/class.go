package harness

import (
	"fmt"
	"time"
)

// A Class is a group of cells whose makespans vary for the same reasons. In each round, one cell of
// each class in the plan is launched twice. Such a pair of launches, an A/A pair, shows how much
// launches of the same cell differ.
type Class string

const (
	FineClass    Class = "fine tasks"       // their time depends on the handover and on the distance between cores
	CoarseClass  Class = "coarse tasks"     // nearly all time is the work of the tasks
	ProcessClass Class = "worker processes" // their time depends on waking processes and moving bytes
	WaitClass    Class = "tasks that wait"  // their time depends on timers, disks and servers
)

// Classes returns all classes of cells, in the order in which reports print them.
func Classes() []Class { return []Class{FineClass, CoarseClass, ProcessClass, WaitClass} }

// Names of the strategies with worker processes: on this host, and on other hosts.
const (
	Processes = "procs"
	Cluster   = "cluster"
	Durable   = "durable" // like cluster, with tasks in files
)

// Words returns the name of the class for reports. For fine and coarse tasks, it adds in brackets
// the size of a task that separates the two classes.
func (c Class) Words() string {
	switch c {
	case FineClass:
		return fmt.Sprintf("fine tasks (nominal size below %d µs, or none)", coarseFrom.Microseconds())
	case CoarseClass:
		return fmt.Sprintf("coarse tasks (nominal size of %d µs or more)", coarseFrom.Microseconds())
	}
	return string(c)
}

// coarseFrom is the nominal work of a task from which its cells are in [CoarseClass].
const coarseFrom = 50 * time.Microsecond

// ClassOf returns the class of a cell: the group of cells whose makespans vary for the same
// reasons. The flag waits says whether the cell's tasks mostly wait.
func ClassOf(c Cell, waits bool) Class {
	switch {
	case waits:
		return WaitClass
	case c.Strategy == Processes, c.Strategy == Cluster, c.Strategy == Durable:
		return ProcessClass
	case time.Duration(c.Grain) >= coarseFrom:
		return CoarseClass
	}
	return FineClass
}
