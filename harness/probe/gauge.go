package probe

import "cmp"

// A gauge measures some of the units that a Meter returns.
type gauge interface {
	begin()
	end()
	close(Observation)
}

// A stretch adds up the changes of amounts between each call of begin and the next call of end.
type stretch struct {
	read        func() (amounts, error)
	before, sum amounts
	err         error // the first error of read
}

func (s *stretch) begin() { s.before = s.now() }
func (s *stretch) end()   { s.sum = s.sum.plus(s.now().minus(s.before)) }

func (s *stretch) now() amounts {
	a, err := s.read()
	s.err = cmp.Or(s.err, err)
	return a
}

// amounts holds what a gauge reads: counts, and times in ns; each gauge defines its indexes. It is
// an array so that a reading allocates nothing: a meter also counts allocations.
type amounts [6]float64

func (a amounts) plus(b amounts) amounts {
	for i := range a {
		a[i] += b[i]
	}
	return a
}

func (a amounts) minus(b amounts) amounts {
	for i := range a {
		a[i] -= b[i]
	}
	return a
}

// since returns a - b, where b is an earlier reading. Negative differences become 0: the kernel
// drops the amounts of threads that end.
func (a amounts) since(b amounts) amounts {
	for i := range a {
		a[i] = max(0, a[i]-b[i])
	}
	return a
}

// Indexes of the CPU times of a process since it started, in ns.
const (
	run  = iota // from the scheduler, exact
	user        // in user mode, from the kernel's accounting by ticks
	both        // in user and kernel mode, from the same accounting
)
