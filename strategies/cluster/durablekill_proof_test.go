//go:build proof

package cluster

import (
	"testing"
	"time"
)

// TestProofKills kills workers, submitters and the server 200 times, at random. No accepted task may be lost, and
// no task may run more often than its outcome says.
func TestProofKills(t *testing.T) { kills(t, 200, uint64(time.Now().UnixNano())) }
