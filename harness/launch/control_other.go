//go:build !linux

package launch

// twoCores leaves it to the scheduler which they are.
func twoCores() (cores [2]int, err error) { return cores, nil }

func pinThread(int) {}
