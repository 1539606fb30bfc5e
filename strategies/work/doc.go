// Package work defines the interface between jobs and executors, for authors of executors. Users of
// executors need only package strategies. Package work imports only the standard library and the
// package of chunk policies.
//
//  1. A [Job] is a sequence of independent tasks. It owns claims, order, windows,
//     back-pressure and outcomes. Its [Terms] hold the options that concern the executor.
//  2. An [Executor] decides which worker runs which task. It returns a [Lease] for each job.
//     For a [Single], a job of one task, it returns a lease or uses a queue of its own.
//  3. A [Core] holds what every executor has: name, number of workers and counts of tasks.
//     The context of a task holds its [Place]. An executor uses the Place to detect a task that
//     waits for the executor that runs it, and Await tasks that wait for each other.
//  4. A worker in this process takes spans of tasks by [Job.Take], claims them from a [Range]
//     and runs them by [Job.Drain]. An executor whose workers are processes moves encoded
//     tasks instead, by AppendInputs, SetOutputs, Fail and Finish; its workers run a
//     [Callable].
//
// Package strategiestest tests an executor against the whole contract.
package work
