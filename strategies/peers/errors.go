package peers

import "sync/atomic"

// firstError is what users of a library whose tasks return nothing must bring along.
type firstError struct{ p atomic.Pointer[error] }

func (f *firstError) note(err error) {
	if err != nil {
		f.p.CompareAndSwap(nil, &err)
	}
}

func (f *firstError) err() error {
	if p := f.p.Load(); p != nil {
		return *p
	}
	return nil
}
