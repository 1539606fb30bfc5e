//go:build !unix

package strategies

import "testing"

func reserve(t *testing.T, _ int64) []byte {
	t.Skip("cannot reserve memory on this system")
	return nil
}
