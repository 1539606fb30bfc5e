package probe

import (
	"fmt"
	"runtime"
)

// A Finding is one thing about this machine that makes timings noisy, or does not.
type Finding struct {
	Name  string // plain: "governor"
	Found string // what was read, or why it could not be
	State State
	Why   string // it matters
	Mend  string // the command that makes it good, where there is one; most need root
}

// A State says what a Finding means for measuring.
type State int

const (
	Unknown State = iota // it could not be read
	Good
	Noted // not wrong, or not to be mended: what is measured here should be read with it in mind
	Wrong // it disturbs what is measured, or keeps something from being measured
)

// String returns the state as a word.
func (s State) String() string {
	return [...]string{"unknown", "good", "noted", "wrong"}[s]
}

// A look is how a Finding comes to be. An error makes it Unknown.
type look func() (Finding, error)

// subjects are what is looked at, in the order of the findings, and why it matters.
func subjects() [][2]string {
	return [][2]string{
		{"governor", "a core that clocks by its load times the same work differently"},
		{"boost", "cores clock higher while others idle: alone a worker is faster than among others"},
		{"smt", "two hardware threads share one core: two workers on it are slower than on two cores"},
		{"heat", "a core that gets too hot is slowed down"},
		{"load", "what else runs takes cores and caches from what is measured"},
		{"pressure", "it tells which launches had to wait for a core"},
		{"steal", "time in which the hypervisor ran others on this machine's cores"},
		{"hypervisor", "it shares the machine with others, and says little of what they do to it"},
		{"quota", "a control group that has used up its quota is stopped until the period ends"},
		{"memory", "a control group near its memory limit gives back pages, and reads them again, while tasks run"},
		{"numa", "memory of another node is farther away, and the kernel moves pages between nodes"},
		{"power", "on battery, or told to save power, cores are clocked lower"},
		{"affinity", "cores that may not be used cannot be measured, and others work on them meanwhile"},
		{"pinning", "a launch that cannot be kept to its cores moves between them, and has all of them"},
		{"counters", "they count the instructions, cycles and cache misses of tasks"},
		{"clock", "a slow clock source costs a system call at each reading"},
		{"swap", "memory that was swapped out comes back at a disk's pace"},
		{"huge pages", "whether memory gets them unasked depends on what ran before"},
	}
}

// findings looks at every subject. One without a look cannot be read here.
func findings(looks map[string]look) (all []Finding) {
	for _, s := range subjects() {
		f, err := Finding{}, fmt.Errorf("it cannot be read on %s", runtime.GOOS)
		if see := looks[s[0]]; see != nil {
			f, err = see()
		}
		if err != nil {
			f = Finding{Found: err.Error()}
		}
		f.Name, f.Why = s[0], s[1]
		all = append(all, f)
	}
	return all
}

// virtual says what a hypervisor means; name is "" where there is none.
func virtual(name string, err error) (Finding, error) {
	if name == "" {
		return Finding{Found: "none seen", State: Good}, err
	}
	return Finding{Found: name, State: Noted}, err
}
