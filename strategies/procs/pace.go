package procs

import "time"

// How much work is on its way to a worker: enough that it need not wait for more,
// little enough that another worker does not go without.
const (
	mapAhead      = 5_000_000              // ns of work in flight for a map: fewer wake-ups, and a recall takes back what is too much
	firstShare    = 64                     // tasks that a lane claims at first, or a 64th of its part: few if they are slow, and many fast ones tell how long they take
	leastShare    = 50_000                 // ns of work that are not shared at the end of a map: to wake a worker for less takes longer
	spareLoad     = 300_000                // ns of prefetched work that a lane without any asks for: what a recall costs is small against it
	streamAhead   = 1_000_000              // the same for a stream, whose results somebody waits for
	prefetchBytes = 256 << 10              // of frames in flight, unless two tasks have more
	keepBytes     = 4 << 20                // of a buffer that has been written
	frameBytes    = 16 << 10               // of a frame, unless one task has more: tasks run when their frame has arrived
	chunkTarget   = 200 * time.Microsecond // of an automatic chunk
)

// share returns how many tasks of a job a lane claims at a time, given how many ns a
// task takes (0 if that is not known yet), the ns of work that are wanted, how many
// tasks nobody has claimed, and among how many lanes; and the ns of work that may go to one
// lane even if that is all there is. It is a multiple of chunk.
func share(chunk int, mean, want, least int64, unclaimed, lanes int) int {
	n := int64(min(firstShare, unclaimed/(firstShare*lanes)))
	if mean > 0 {
		n = min(want/mean, max(int64(unclaimed/(2*lanes)), min(int64(unclaimed), least/mean)))
	}
	return max(chunk, int(n)/chunk*chunk)
}

// hungry reports whether a lane with tasks in flight, load ns of work, should claim
// more of a job: when half of the prefetched work is done; or, so that a worker never
// waits between two slow tasks, when nothing is behind the chunk that runs and there
// is so much left that it will not be missed elsewhere.
func hungry(load, ahead int64, tasks, chunk, unclaimed, lanes int) bool {
	return tasks == 0 || load <= ahead/2 || tasks <= chunk && unclaimed >= 4*lanes*chunk
}

// newMean moves a mean of ns per task towards what the last tasks took.
func newMean(mean, took int64) int64 {
	took = max(took, 1)
	if mean == 0 {
		return took
	}
	if took < mean { // a wake-up is part of what the first tasks seem to take
		return max((mean+7*took)/8, 1)
	}
	return max((mean+took)/2, 1)
}
