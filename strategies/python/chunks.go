package python

import "time"

// The time of one chunk, within which chunk sizes are worth a measurement. A shorter chunk costs more
// to hand over than to run, and a longer one leaves workers without work at the end of a job.
const (
	shortChunk = 200 * time.Microsecond
	longChunk  = 20 * time.Millisecond
)

// Chunks returns chunk sizes to measure for tasks that take the time work, in addition to 1 and the
// default of a pool. It returns at most two.
func Chunks(work time.Duration) (sizes []int) {
	for n := 4; n <= 1<<14 && len(sizes) < 2; n *= 4 {
		if took := time.Duration(n) * work; took >= shortChunk && took <= longChunk {
			sizes = append(sizes, n)
		}
	}
	return sizes
}
