package strategies

import (
	"context"
	"sync"
)

// futureJob is the job of a future: one task in slot 0. With an input and an output of a
// word each it is 128 bytes, two cache lines that it shares with no other.
type futureJob[In, Out any] struct {
	Future[Out]
	apply  func(context.Context, In) (Out, error)
	remote *remote[In, Out] // nil where a crew runs it
	ctx    taskContext
	in     In
}

// remote is what a future has more on an executor that is no crew.
type remote[In, Out any] struct {
	Kernel[In, Out]
	stopper
	lease Lease  // nil if the executor refused the task
	tally *Tally // nil if it counts nothing
}

func (j *futureJob[In, Out]) start(w int) {
	if j.ctx.claim(w) {
		j.run(&j.ctx, w)
	}
}

// run runs the task, which the caller has claimed.
func (j *futureJob[In, Out]) run(ctx context.Context, w int) {
	if j.ctx.Context.Err() != nil {
		j.ctx.finish(nil)
		j.skip(context.Cause(j.ctx.Context))
		return
	}
	returned := false
	var v Out
	var err error
	defer func() {
		if !returned {
			err = caught(recover())
		}
		j.ctx.finish(nil)
		j.settle(v, err, w)
	}()
	v, err = j.apply(ctx, j.in)
	returned = true
}

// counts returns where the future is counted; nil for nowhere.
func (j *futureJob[In, Out]) counts() *futureCounts {
	if c := j.ctx.owner; c != nil {
		return &c.futures
	}
	if j.remote != nil && j.remote.tally != nil {
		return &j.remote.tally.futures
	}
	return nil
}

// skip resolves the future of a task that never starts.
func (j *futureJob[In, Out]) skip(cause error) {
	if c := j.counts(); c != nil {
		c.cancelled.Add(1)
	}
	var none Out
	j.resolve(none, taskError(0, cause))
}

// settle resolves the future with what its task came to on worker w.
func (j *futureJob[In, Out]) settle(v Out, err error, w int) {
	if c := j.counts(); c != nil {
		c.end(w, err)
	}
	if err != nil {
		var none Out
		j.resolve(none, taskError(0, err))
		return
	}
	j.resolve(v, nil)
}

// refuses returns ErrNested if ctx is that of a task of the same executor, which cannot run
// this task in its stead.
func (j *futureJob[In, Out]) refuses(ctx context.Context) error {
	if c := j.ctx.owner; c != nil {
		return c.refuseNested(ctx)
	}
	_, err := nesting(ctx, j.lease())
	return err
}

// help runs the task in the stead of a task of the same executor that waits for it with
// ctx, and for anybody else attends to it.
func (j *futureJob[In, Out]) help(ctx context.Context) {
	c := j.ctx.owner
	if c == nil {
		l := j.lease()
		if helps, _ := nesting(ctx, l); helps {
			l.Help(ctx)
		} else {
			attend(l)
		}
		return
	}
	at := placeOf(ctx, c)
	if at == nil || j.ctx.claimed() {
		return
	}
	at.mu.Lock()
	defer at.mu.Unlock()
	var wg sync.WaitGroup
	wg.Go(func() { j.start(at.w) })
	wg.Wait()
}

// Cancel implements [Job].
func (j *futureJob[In, Out]) Cancel(cause error) {
	if j.remote != nil && !j.remote.set(cause) {
		return
	}
	if j.ctx.claim(outside) {
		j.skip(cause)
		return
	}
	j.ctx.finish(cause)
}

// Cancelled implements [Job]. A crew does not ask.
func (j *futureJob[In, Out]) Cancelled() error {
	if j.remote == nil {
		return nil
	}
	return j.remote.Cancelled()
}

// letGo makes the executor let go of the task if it was cancelled before it started.
func (j *futureJob[In, Out]) letGo() {
	if l := j.lease(); l != nil {
		l.Stop()
	}
}

// lease returns the executor's lease of the task; nil for a crew, and if it was refused.
func (j *futureJob[In, Out]) lease() Lease {
	if j.remote == nil {
		return nil
	}
	return j.remote.lease
}

func (j *futureJob[In, Out]) Kernel() string    { return j.remote.Name }
func (j *futureJob[In, Out]) Options() *Options { return &futureOptions }

// futureOptions are those of every future; nobody changes them.
var futureOptions = Options{Chunk: Fixed(1)}

func (j *futureJob[In, Out]) Take(int) (Span, State) {
	if j.ctx.claim(outside) {
		return Span{0, 1}, Ready
	}
	return Span{}, Over
}

func (j *futureJob[In, Out]) Drain(ctx context.Context, r *Range, w int) int {
	n := r.Claim(1).Len()
	if n == 1 {
		if cause := j.Cancelled(); cause != nil {
			j.skip(cause)
		} else {
			j.run(ctx, w)
		}
	}
	return n
}

func (j *futureJob[In, Out]) AppendInputs(dst *[]byte, s *Span, limit int) ([]byte, error) {
	in := [1]In{j.in}
	return encodeAll(j.remote.Name, j.remote.In, dst, s, limit, in[:])
}

func (j *futureJob[In, Out]) SetOutputs(src *[]byte, s *Span, give func() bool) error {
	out := [1]Out{j.value}
	err := decodeAll(j.remote.Name, j.remote.Out, src, s, give, out[:])
	j.value = out[0]
	return err
}

func (j *futureJob[In, Out]) Fail(i int, err error) { j.err = err }

func (j *futureJob[In, Out]) Finish(s Span, w int) { j.settle(j.value, j.err, w) }
