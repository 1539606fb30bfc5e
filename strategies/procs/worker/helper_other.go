//go:build unix && !linux

package worker

// isHelper returns false, since only on Linux can a process start children of its parent.
func isHelper() bool { return false }

func help() error { return ErrByHand }

// dieWithParent does nothing, since watchParent detects the end of the parent.
func dieWithParent() {}
