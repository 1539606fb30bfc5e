package chunk

import "time"

// Target is the duration that automatic chunks aim at within one process. A hand-over plus a
// reading of the clock costs 100 ns, or 200 ns when workers contend: 0.5 to 1 % of Target. With a
// target of 2 µs, automatic chunks were 4 to 13 % slower than the best fixed size. Target is also
// shorter than 50 µs, the time within which a stream delivers an outcome. At the end of a job
// chunks are shorter, because the policy limits a chunk to a share of the remaining tasks.
const Target = 20 * time.Microsecond

// A Sizer computes the sizes of successive chunks for one worker or one dispatcher. It reads the
// clock once per chunk, except for chunks of a fixed size. It is not safe for concurrent use.
type Sizer struct {
	fixed  int // size of every chunk; 0 if the policy decides
	next   Claim
	policy Policy
	at     time.Duration // when the current chunk was claimed, as time since began; 0 if the worker has no current chunk
}

// began is the time from which Sizers count. They read the clock by time.Since(began), which costs
// half as much as time.Now.
var began = time.Now()

// NewSizer returns a Sizer that divides total tasks among workers by policy p. target is the
// intended duration of a chunk; only Auto uses it.
func NewSizer(p Policy, total, workers int, target time.Duration) Sizer {
	if f, ok := p.(Fixed); ok {
		return Sizer{fixed: int(f)}
	}
	return Sizer{policy: p, next: Claim{Total: total, Workers: workers, Target: target}}
}

// Fixed returns the size of every chunk, or 0 if the sizes vary.
func (z *Sizer) Fixed() int { return z.fixed }

// Next returns the size of the next chunk. left is the number of remaining tasks. If left is 0,
// Next returns 1 and does not call the policy.
func (z *Sizer) Next(left int) int {
	if z.fixed > 0 {
		return z.fixed
	}
	if left == 0 {
		return 1
	}
	now, took := time.Since(began), time.Duration(0)
	if z.at != 0 {
		took = now - z.at
	}
	z.at = now
	return z.after(took, left)
}

// Late reports whether the current chunk has taken more than twice the intended duration. It
// returns false for every policy but Auto, since no other policy has an intended duration.
func (z *Sizer) Late() bool {
	_, auto := z.policy.(Auto)
	return auto && time.Since(began)-z.at > 2*z.next.Target
}

// More begins a new count of tasks: total further tasks of the same job have become ready. The
// Sizer keeps its estimate of the time per task. It does not include the time from the previous
// chunk to the next one in the estimate, since the worker may have had no tasks in between.
func (z *Sizer) More(total int) {
	z.next.Total, z.at = total, 0
}

// after returns the size of the next chunk. left is the number of remaining tasks, and took the
// duration of the previous chunk, or 0 if that is unknown. after first updates the estimate of the
// time per task. A longer time replaces the estimate; a shorter time lowers it by a quarter of the
// difference.
func (z *Sizer) after(took time.Duration, left int) int {
	c := &z.next
	if c.Last > 0 && took > 0 {
		task := took / time.Duration(c.Last)
		if task < c.Task {
			task = (3*c.Task + task) / 4
		}
		c.Task = max(task, 1)
	}
	c.Left = left
	c.Last = max(1, min(z.policy.Size(*c), left))
	return c.Last
}
