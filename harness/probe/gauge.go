package probe

import "cmp"

// A gauge measures some of the quantities that a [Meter] returns. The quantities are counted
// between each call of begin and the next call of end, or from the opening of the gauge to its
// close.
type gauge interface {
	begin()
	end()
	close(Observation)
}

// A stretch adds up amounts, such as CPU time, over all intervals from a call of begin to the next
// call of end. The function read returns the amounts so far.
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

// An amounts holds the numbers that a gauge reads at one moment: counts, and times in ns. Each
// gauge defines the meaning of each index. The type is an array so that a reading allocates no
// memory, because a meter also counts allocations.
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

// since returns a minus b, where b is an earlier reading of the same amounts. It replaces negative
// differences by 0: they occur because the kernel drops the amounts of threads that end.
func (a amounts) since(b amounts) amounts {
	for i := range a {
		a[i] = max(0, a[i]-b[i])
	}
	return a
}

// Indexes in the amounts that hold the CPU times of a process, in ns since it started.
const (
	run  = iota // from the scheduler, exact
	user        // in user mode, from the kernel's accounting by ticks
	both        // in user and kernel mode together, from the same accounting
)
