package workloads

// Distinct returns the number of different payloads of that size in a job: as many as fit in
// 64 MiB, which is more than caches hold. If there are more tasks, they take the payloads by turns.
func Distinct(size int) int { return max(1, 64<<20/max(1, size)) }

// Turns returns a function that returns the value of task i, if tasks take n values by turns. It
// calls make once for each value, in order.
func Turns[T any](n int, make func(k int) T) func(i int) T {
	var made []T
	return func(i int) T {
		for len(made) <= i%n {
			made = append(made, make(len(made)))
		}
		return made[i%n]
	}
}
