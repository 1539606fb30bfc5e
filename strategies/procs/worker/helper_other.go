//go:build unix && !linux

package worker

// isHelper reports that this process is none: elsewhere a process cannot start another as
// its parent's child.
func isHelper() bool { return false }

func help() error { return ErrByHand }

// dieWithParent does nothing: watchParent notices.
func dieWithParent() {}
