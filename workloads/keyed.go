package workloads

import "sync"

// A Keyed holds values, each with a key that stands for one job of the process. Tasks carry the key
// of their job. The zero Keyed is empty.
type Keyed[T any] struct {
	mu   sync.RWMutex
	kept map[string]T
}

// Of returns the value for key. If there is none yet, Of calls the function make and stores its
// result, unless make returns an error.
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
