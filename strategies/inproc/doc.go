// Package inproc implements the executors whose workers are goroutines. Package strategies exports
// their constructors to users, and package catalog lists them in its table.
//
// [Serial], [Pool], [Steal], [Static], [Actor] and [GIL] are crews: persistent goroutines. They
// differ only in how tasks are distributed among workers. [Spawn], [Channel] and [Buffered] are
// dispatchers: they hand over chunks one by one. [Peer] makes a dispatcher from any pool with a
// submit function. [Loop] is an event loop.
//
// Constructors return no error. If the number of workers is invalid, the executor refuses every
// job.
package inproc
