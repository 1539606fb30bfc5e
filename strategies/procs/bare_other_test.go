//go:build unix && !linux

package procs

import (
	"errors"
	"testing"
)

func bareTrip(b *testing.B, _ string) func() error {
	b.Skip("what a bare round trip takes is measured on Linux alone")
	return nil
}

func bareChild(string) error { return errors.ErrUnsupported }
