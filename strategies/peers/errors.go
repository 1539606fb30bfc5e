package peers

import "sync/atomic"

// firstError keeps the first error of several tasks. It is for libraries whose task functions
// return no error.
type firstError struct{ p atomic.Pointer[error] }

// note stores err if err is not nil and no error is stored yet. A nil err costs only one
// comparison.
func (f *firstError) note(err error) {
	if err != nil {
		kept := err // a copy, since otherwise every call would move err to the heap
		f.p.CompareAndSwap(nil, &kept)
	}
}

func (f *firstError) err() error {
	if p := f.p.Load(); p != nil {
		return *p
	}
	return nil
}
