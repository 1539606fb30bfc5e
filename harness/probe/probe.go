// Package probe observes what no clock shows: the machine ([Machine]), what disturbed a
// measurement ([Watch]), what a process tree used for it ([Meter]) and how much memory it
// holds ([PSS]).
//
// What cannot be observed here is absent, with the reason, never zero.
package probe

// An Observation is what was seen, by unit. Amounts in a unit per task are those of all tasks
// together, whose number is the caller's. Each unit is in one of the maps.
type Observation struct {
	Values map[string]float64
	Absent map[string]error // why it was not observed
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
