// Package work defines the interface between jobs and executors, for authors of executors. Users of
// executors need only package strategies. Package work imports only the standard library and the
// package of chunk policies.
//
//  1. A [Job] is a sequence of independent tasks. It is responsible for claims, order, windows,
//     back-pressure and outcomes. Its [Terms] hold the options that concern the executor.
//  2. An [Executor] decides which worker runs which task. It returns a [Lease] for each job. A
//     [Single] is a job of one task; an executor can queue it without a lease.
//  3. A [Core] holds what every executor has: name, number of workers and counts of tasks. The
//     context of a task holds its [Place]. By the Place, an executor detects a task that waits for
//     the same executor. [Core.Await] detects tasks that wait for each other.
//  4. A worker in this process takes spans of tasks by [Job.Take], puts them into a [Range] and
//     calls [Job.Drain], which claims them from the range and runs them. An executor whose workers
//     are processes moves encoded tasks instead, by AppendInputs, SetOutputs, Fail and Finish; its
//     workers run a [Callable].
//
// Package strategiestest tests an executor against the whole contract.
package work
