// Package probe observes everything about a measurement except its time: the machine
// ([Machine]), what disturbed it ([Watch]), what the process tree used ([Meter]), and the memory
// of the tree ([PSS]).
//
// An [Observation] lacks each quantity that cannot be observed, and gives the reason. It never has 0
// in place of an unknown value.
package probe

// An Observation holds observed quantities, keyed by unit. Each unit is a key of exactly one of the
// two maps: of Values if the quantity was observed, otherwise of Absent. For a unit per task, the
// value is the total of all tasks, so the caller must divide it by the number of tasks.
type Observation struct {
	Values map[string]float64
	Absent map[string]error // why a unit was not observed
}

func newObservation() Observation {
	return Observation{Values: map[string]float64{}, Absent: map[string]error{}}
}

func (o Observation) put(unit string, v float64, err error) {
	if err != nil {
		o.Absent[unit] = err
		return
	}
	o.Values[unit] = v
}
