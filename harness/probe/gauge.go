package probe

// A gauge is a part of a Meter.
type gauge interface {
	begin()
	end()
	close(Observation)
}

// A stretch adds up amounts from each begin to its end.
type stretch struct {
	read        func() (amounts, error)
	before, sum amounts
	err         error // the first of read
}

func (s *stretch) begin() { s.before = s.now() }
func (s *stretch) end()   { s.sum = s.sum.plus(s.now().minus(s.before)) }

func (s *stretch) now() amounts {
	a, err := s.read()
	if s.err == nil {
		s.err = err
	}
	return a
}

// amounts are what a gauge reads, each at an index of its own: counts, and times in ns. An
// array, so that reading them allocates nothing which would count.
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

// since returns a less b, which came before, and 0 in place of an amount below zero: of a
// thread that ended the amounts are lost.
func (a amounts) since(b amounts) amounts {
	for i := range a {
		a[i] = max(0, a[i]-b[i])
	}
	return a
}

// CPU time of a process since it began: by the scheduler, exact in ns; and by the kernel's
// accounting, in user mode and in all.
const (
	run = iota
	user
	both
)
