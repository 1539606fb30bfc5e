//go:build unix && !linux

package transport

import "testing"

func bareFutexChild() error { return nil }

func wakeChild(string) error { return nil }

func bareFutex(b *testing.B) func([]byte) error {
	b.Skip("no futex here")
	return nil
}
