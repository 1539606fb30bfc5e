// Package probe observes what no clock shows: the machine ([Machine]), what disturbed a
// measurement ([Watch]) and how much memory a process tree holds ([PSS]).
//
// What cannot be observed here is absent, with the reason, never zero.
package probe

// An Item is something that [Watch] observes. Its text is a plain name that ends in the
// unit, where it has one.
type Item string

// Times and counts are those between Watch and its stop. Those of the machine are about
// all that ran, the watched process too.
const (
	// Of the watched process and all below it.
	User        Item = "user-ns"              // CPU time in user mode; together with System exact, the split is the kernel's accounting
	System      Item = "system-ns"            // CPU time in the kernel
	Involuntary Item = "involuntary-switches" // switches to another thread that it did not ask for
	Throttled   Item = "throttled-ns"         // time without CPU because a control group's quota was used up; levels add up
	// Of the machine.
	Steal    Item = "steal"        // share of the time of the process's cores that the hypervisor gave to others, in steps of 10 ms
	Pressure Item = "cpu-pressure" // share of the time in which some thread was ready and had no core
	Load     Item = "load"         // 1-minute load average when Watch was called
)

// Items returns all items.
func Items() []Item {
	return []Item{User, System, Involuntary, Throttled, Steal, Pressure, Load}
}

// An Observation is what [Watch] saw. Each item is in one of the maps.
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
