// Package strategies runs independent tasks: on goroutines, or through the packages
// below it in worker processes, behind one interface. It needs the standard library only.
//
//  1. A [Strategy] is a named way to execute, a row in a table such as [Table]. Its New
//     makes an [Executor] from a [Config].
//  2. A [Kernel] is the function to apply. In this process its Func is used; a
//     worker process finds it by name and needs its codecs. It may have a key, by which
//     tasks find the worker that keeps their state (see [Local]), and a resumable form for
//     an event loop (see [Events]); one that waits says so by [Wait] or [Blocking].
//  3. [Map] applies a kernel to a slice, with results in place; [Stream] to a lazy input,
//     in the order of the inputs or of completion, within a window; [Drain] where nobody
//     wants the outputs; [Go] to one value, and answers with a [Future]. An input whose
//     steps may fail becomes one by [Fallible].
//  4. [WaitAll], [WaitAny], [WaitFirstError] and [AsCompleted] wait for many futures.
//  5. [Options] say how many tasks are handed over at a time (a [Chunk] policy), in which
//     order and window results come, what happens when one fails, how long one may run,
//     and who is told meanwhile ([Hooks]).
//  6. [Counts] say what became of all tasks of an executor.
//
// Three clocks are kept apart. How long a caller waits is up to the context that it waits
// with; how long a whole job may take, to the job's context; how long one task may run,
// to [Options].Limit, from the task's own start, whatever its chunk.
//
// Every task has exactly one outcome: a value, or an error that knows its number. A task
// that panics, calls [runtime.Goexit] or, in a worker process, takes its process down,
// fails alone. A stream pulls no more than its window allows and leaves nothing behind
// when its consumer stops.
//
// Whoever adds a strategy implements [Executor] and [Lease]. The [Job] keeps what all
// strategies share: claims, order, windows and outcomes. Package strategiestest holds
// the result to every rule. A pool that has a submit function already becomes one as a
// [Peer]; one that is to be measured as it is, in its own idiom, is a [Native].
package strategies
