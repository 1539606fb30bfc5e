package workloads

import "sync"

// A keyed is what a process keeps for each job, by a name that the tasks carry. Its zero
// value is empty.
type keyed[T any] struct {
	mu   sync.Mutex
	kept map[string]T
}

// of returns what is kept for key, which is made where there is nothing yet.
func (k *keyed[T]) of(key string, make func() (T, error)) (T, error) {
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

// drop returns what is kept for key, for the last time.
func (k *keyed[T]) drop(key string) T {
	k.mu.Lock()
	defer k.mu.Unlock()
	v := k.kept[key]
	delete(k.kept, key)
	return v
}
