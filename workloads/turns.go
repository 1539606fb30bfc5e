package workloads

// Distinct returns the number of different payloads that a job should have, if each payload has the
// given size in bytes. Together they have about 64 MiB, which is more than caches hold. If a job
// has more tasks than payloads, the tasks use the payloads in turn.
func Distinct(size int) int { return max(1, 64<<20/max(1, size)) }

// Turns returns a function that returns the value for task i. There are n values, and task i uses
// value number k = i mod n. The function make makes value number k. Turns makes each value once, in
// the order of the numbers. It makes a value when a task first needs this value or one with a
// higher number.
func Turns[T any](n int, make func(k int) T) func(i int) T {
	var made []T
	return func(i int) T {
		for len(made) <= i%n {
			made = append(made, make(len(made)))
		}
		return made[i%n]
	}
}
