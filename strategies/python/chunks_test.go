package python

import (
	"slices"
	"testing"
	"time"
)

func TestChunks(t *testing.T) {
	for work, want := range map[time.Duration][]int{
		time.Nanosecond:        nil,
		10 * time.Microsecond:  {64, 256},
		time.Millisecond:       {4, 16},
		4 * time.Millisecond:   {4},
		100 * time.Millisecond: nil,
	} {
		if got := Chunks(work); !slices.Equal(got, want) {
			t.Errorf("tasks of %v: chunks %v; %v were expected", work, got, want)
		}
	}
}
