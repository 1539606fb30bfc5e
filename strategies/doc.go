// Package strategies runs independent tasks on a choice of executors behind one interface: in
// goroutines here, in worker processes through package procs. It imports the standard library
// only.
//
//		pool := strategies.Steal(8) // 0 means GOMAXPROCS
//		defer pool.Close()
//		sizes, err := strategies.Map(ctx, pool, paths, statSize) // func(context.Context, string) (int64, error)
//
//	 1. A constructor such as [Steal] or [Pool] returns an [Executor].
//	 2. [Map] applies a function to a slice, with results in place; [Stream] to a lazy input,
//	    in the order of the inputs, within a window; [Go] to one value, as a [Future].
//	 3. A [Kernel] is the function with a name, codecs, a key or a resumable form, which worker
//	    processes, [Actor] and [Loop] need. Its methods Map, Stream, Results, Drain and Go take
//	    [Options]: chunk, order, window, limit, retries, hooks.
//	 4. [WaitAll], [WaitAny], [WaitFirstError] and [AsCompleted] wait for many futures.
//	    [Fallible] makes an input of a sequence whose steps may fail.
//
// Three clocks are kept apart: the context of a wait bounds the wait of a caller, the context of
// a job bounds the whole job, and [Options].Limit bounds one task, from its own start, whatever
// its chunk.
//
// Every task has exactly one outcome: a value, or a [TaskError] with its number. A task that
// panics, calls [runtime.Goexit] or, in a worker process, ends its process, fails alone. A
// stream pulls no more than its window allows and leaves nothing behind when its consumer
// stops.
//
// Package work is for authors of executors, package catalog has the table of strategies that
// payoff measures, package strategiestest the rules that every executor keeps.
package strategies
