// Package probe observes what no clock shows: the machine ([Machine]), what disturbed a
// measurement ([Watch]), what a process tree used for it ([Meter]) and how much memory it
// holds ([PSS]).
//
// What cannot be observed here is absent, with the reason, never zero.
package probe

// An Item is something that is observed. Its text is a plain name that ends in the unit,
// where it has one.
type Item string

// What [Watch] observes between its call and its stop: times and counts are about all that
// ran on the machine, the watched process too.
const (
	Throttled Item = "throttled-ns" // time without CPU because a control group's quota was used up; levels add up
	Steal     Item = "steal"        // share of the time of the process's cores that the hypervisor gave to others, in steps of 10 ms
	Pressure  Item = "cpu-pressure" // share of the time in which some thread was ready and had no core
	Load      Item = "load"         // 1-minute load average when Watch was called
)

// An Observation is what was seen. Each item is in one of the maps.
type Observation struct {
	Values map[Item]float64
	Absent map[Item]error // why it was not observed
}

func newObservation() Observation {
	return Observation{Values: map[Item]float64{}, Absent: map[Item]error{}}
}

func (o Observation) put(i Item, v float64, err error) {
	if err != nil {
		o.Absent[i] = err
		return
	}
	o.Values[i] = v
}
