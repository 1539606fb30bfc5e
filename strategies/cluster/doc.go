// Package cluster runs tasks on other hosts. A NATS server, or a cluster of them, carries the tasks.
//
//  1. On each host, a program calls [Serve] with its kernels. It offers slots: each slot is one
//     worker process of package procs, which runs one task at a time.
//  2. [New] connects to the server, takes as many free slots as its Config has workers, and returns
//     an [Executor] for jobs of package strategies. Workers may come and go while jobs run. An
//     executor that has fewer slots than workers takes further slots as they become free.
//  3. Within a host the rules of package procs hold: a process that ends loses only the task that it
//     was running, and a task over its limit is ended with its process.
//  4. Both sides send a heartbeat each Options.Period. After three periods of silence, the other side
//     counts as lost. It also counts as lost if the connection to the server breaks. Every task that was sent
//     to a lost host, and has no outcome, may have started. It fails with a LostError or, if
//     Options.Retries of its job allows it, runs again as a further attempt. A lost host that still
//     lives ends these tasks after the same time.
//  5. The size of a task is limited by the frames of package wire (1 GiB), and not by the server: a
//     large frame travels in several messages.
//
// The messages are the frames of package wire. A worker and an executor of different versions, or
// workers with different kernels, refuse each other in the handshake.
//
// [NewDurable] returns an executor of another kind, whose tasks outlive programs. Its workers call
// [ServeDurable], and the server has JetStream.
//
//  1. The executor puts chunks into a work queue, which the server keeps in files. A worker stores a claim
//     before it starts a chunk, and the outcomes before it acknowledges the chunk. The executor waits for
//     these records. So the tasks of an accepted chunk get their outcomes, even if a worker or the server
//     ends meanwhile and is started again.
//  2. A worker that gives no sign of life for three periods counts as lost, and the server offers its chunk
//     to another worker. This worker waits for an answer of the lost worker for up to three more periods. Then the tasks
//     without an outcome fail with a LostError or, if Options.Retries of their job allows it, run again as
//     a further attempt. The ledger of a chunk takes one record after the other, so a lost worker that
//     still lives cannot add an outcome.
//  3. A job with a name ([Durable.Job]) outlives its program too. A job without a name ends with its program: workers
//     drop its tasks if the program has not answered for three periods.
//  4. If the server process is killed, its files are complete. If the machine of the server crashes, the chunks
//     and outcomes that it accepted last may be missing, unless its option sync_interval is always.
//
// The main function of a program that serves its own kernels begins with:
//
//	func main() {
//		worker.Main(kernels)
//		err := cluster.Serve(ctx, cluster.Worker{Options: options, Program: procs.Self()})
package cluster
