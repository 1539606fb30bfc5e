// Package work is the border between jobs and executors: what the author of an executor
// needs. Users of executors need package strategies alone. It imports the standard library
// and the chunk policies.
//
//  1. A [Job] is a sequence of independent tasks. It owns claims, order, windows,
//     back-pressure and outcomes. Its [Terms] tell an executor what the caller asked for.
//  2. An [Executor] decides which worker runs which task, and where. It answers a job with a
//     [Lease], and a [Single], a job of one task, with a lease or by a queue of its own.
//  3. A [Core] holds what every executor has: name, number of workers, counts of tasks, and
//     the [Place] of each task, by which a task that waits for its own executor is found.
//  4. A worker in this process takes spans of tasks by [Job.Take], claims them from a [Range]
//     and runs them by [Job.Drain]. An executor whose workers are processes moves encoded
//     tasks instead, by AppendInputs, SetOutputs, Fail and Finish; its workers run a
//     [Callable].
//
// Package strategiestest holds an executor to the whole contract.
package work
