// Package strategies runs independent tasks on a choice of executors with one interface. The
// executors of this package run tasks in goroutines, those of package procs in worker processes.
// Package strategies imports only the standard library.
//
//		pool := strategies.Steal(8) // 0 means GOMAXPROCS
//		defer pool.Close()
//		sizes, err := strategies.Map(ctx, pool, paths, statSize) // func(context.Context, string) (int64, error)
//
//	 1. A constructor such as [Steal] or [Pool] returns an [Executor].
//	 2. [Map] applies a function to a slice and returns the results in the same places. [Stream]
//	    applies it to a lazy input and delivers results in the order of the inputs, within a
//	    window. [Go] applies it to one value and returns a [Future].
//	 3. A [Kernel] adds to a function what some executors need: a name and codecs for worker
//	    processes, a key for [Actor], a resumable form for [Loop]. Its methods Map, Stream,
//	    Results, Drain and Go take [Options]: chunk, order, window, limit, retries, hooks.
//	 4. [WaitAll], [WaitAny], [WaitFirstError] and [AsCompleted] wait for many futures.
//	    [Fallible] turns a sequence whose steps may fail into an input.
//
// Three time limits are separate. The context of a wait bounds the wait of one caller. The context
// of a job bounds the whole job. [Options].Limit bounds each task from its own start, whatever the
// chunk size.
//
// Every task has exactly one outcome: a value, or a [TaskError] with its number. If a task panics,
// calls [runtime.Goexit] or ends its worker process, only that task fails. A stream pulls no more
// tasks than its window allows, and leaves no goroutine or task behind when its consumer stops.
//
// Package work is for authors of executors. Package catalog holds the table of strategies that
// payoff measures. Package strategiestest tests the rules that every executor keeps.
package strategies
