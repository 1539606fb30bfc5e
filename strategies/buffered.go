package strategies

import "context"

// bufferedChunks is the capacity of the buffered channel: what most tutorials write. It
// lets the one who hands over run ahead, so that neither side sleeps at every chunk, and
// keeps what waits bounded. A capacity of n is another textbook's, and holds a job whole.
const bufferedChunks = 100

// BufferedStrategy is the textbook pool with a buffered channel.
func BufferedStrategy() Strategy {
	return Strategy{
		Name:         "buffered",
		Doc:          "the textbook pool: goroutines that receive chunks from one channel with room for 100",
		Capabilities: Capabilities{Parallel: true, Balances: true, Limits: true},
		New: func(_ context.Context, c Config) (Executor, error) {
			return newChannel("buffered", c, bufferedChunks)
		},
	}
}
