package workloads

// Distinct returns how many payloads of a size differ in a job: its tasks share them by turns
// where all together would take more than 64 MiB, which is more than caches hold.
func Distinct(size int) int { return max(1, 64<<20/max(1, size)) }

// Turns returns the values that tasks share by turns: n of them, each made when a task is the
// first to have it. Tasks are to ask in order.
func Turns[T any](n int, make func(k int) T) func(i int) T {
	var made []T
	return func(i int) T {
		for len(made) <= i%n {
			made = append(made, make(len(made)))
		}
		return made[i%n]
	}
}
