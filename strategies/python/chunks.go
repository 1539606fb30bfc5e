package python

import "time"

// A chunk size is worth a measurement if its chunks take a time between these limits. A shorter
// chunk takes longer to hand over than to run, and a longer one leaves workers without work at the
// end of a job.
const (
	shortChunk = 200 * time.Microsecond
	longChunk  = 20 * time.Millisecond
)

// Chunks returns at most two chunk sizes that are worth a measurement for tasks of the duration
// work. Size 1 and the default of a pool are measured anyway.
func Chunks(work time.Duration) (sizes []int) {
	for n := 4; n <= 1<<14 && len(sizes) < 2; n *= 4 {
		if took := time.Duration(n) * work; took >= shortChunk && took <= longChunk {
			sizes = append(sizes, n)
		}
	}
	return sizes
}
