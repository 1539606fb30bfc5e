package workloads

import "sync"

// A Keyed holds one value for each job of this process, such as an open file that tasks of the job
// share. The key names the job, and each task carries it. The zero Keyed is empty. Several
// goroutines may use a Keyed at once.
type Keyed[T any] struct {
	mu   sync.RWMutex
	kept map[string]T
}

// Of returns the value that the Keyed holds for key. If there is none, Of calls the function make
// and keeps its result. It does not keep the result if make returns an error.
func (k *Keyed[T]) Of(key string, make func() (T, error)) (T, error) {
	k.mu.RLock()
	v, ok := k.kept[key]
	k.mu.RUnlock()
	if ok {
		return v, nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if v, ok := k.kept[key]; ok {
		return v, nil
	}
	v, err := make()
	if err == nil {
		if k.kept == nil {
			k.kept = map[string]T{}
		}
		k.kept[key] = v
	}
	return v, err
}

// Drop removes the value for key and returns it. If there is no value, Drop returns the zero value.
func (k *Keyed[T]) Drop(key string) T {
	k.mu.Lock()
	defer k.mu.Unlock()
	v := k.kept[key]
	delete(k.kept, key)
	return v
}
