//go:build unix && !linux

package procs

import (
	"errors"
	"testing"
)

func bareTrip(b *testing.B, _ string) func() error {
	b.Skip("bare round trips are measured on Linux only")
	return nil
}

func bareChild(string) error { return errors.ErrUnsupported }
