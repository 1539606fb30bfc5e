package workloads

// Distinct returns how many payloads of that size a job has. Its tasks take them by turns if
// one for each task would take more than 64 MiB, which is more than caches hold.
func Distinct(size int) int { return max(1, 64<<20/max(1, size)) }

// Turns returns a function that returns the value of task i, for tasks that take n values by
// turns. It calls make for each value once, in order.
func Turns[T any](n int, make func(k int) T) func(i int) T {
	var made []T
	return func(i int) T {
		for len(made) <= i%n {
			made = append(made, make(len(made)))
		}
		return made[i%n]
	}
}
