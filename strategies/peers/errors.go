package peers

import "sync/atomic"

// firstError is what users of a library whose tasks return nothing must bring along.
type firstError struct{ p atomic.Pointer[error] }

// note costs a task that succeeds nothing but a comparison.
func (f *firstError) note(err error) {
	if err != nil {
		kept := err // not err itself, which would be moved to the heap for every task
		f.p.CompareAndSwap(nil, &kept)
	}
}

func (f *firstError) err() error {
	if p := f.p.Load(); p != nil {
		return *p
	}
	return nil
}
