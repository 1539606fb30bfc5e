package harness

import "time"

// A Class groups cells by what makes their makespans vary. Each round launches one cell of each
// class of the plan twice: the A/A pair that shows how far two launches of that class differ.
type Class string

const (
	FineClass    Class = "fine tasks"       // handing over and the distance between cores matter
	CoarseClass  Class = "coarse tasks"     // the work of the tasks is nearly all
	ProcessClass Class = "worker processes" // so do waking processes and moving bytes
	WaitClass    Class = "tasks that wait"  // timers, disks and servers
)

// Classes returns all classes, in the order in which they are printed.
func Classes() []Class { return []Class{FineClass, CoarseClass, ProcessClass, WaitClass} }

// Processes is the name of the strategy whose workers are processes.
const Processes = "procs"

// coarseFrom is the nominal work of a task from which its cells are of the coarse class.
const coarseFrom = 50 * time.Microsecond

// ClassOf returns the class of a cell, whose tasks mostly wait or do not.
func ClassOf(c Cell, waits bool) Class {
	switch {
	case waits:
		return WaitClass
	case c.Strategy == Processes:
		return ProcessClass
	case time.Duration(c.Grain) >= coarseFrom:
		return CoarseClass
	}
	return FineClass
}
