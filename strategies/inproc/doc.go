// Package inproc implements the executors whose workers are goroutines. Package strategies exports
// their constructors to users, and package catalog lists them in its table.
//
// [Serial], [Pool], [Steal], [Static], [Actor] and [GIL] are crews: persistent goroutines that
// differ only in the sharing of tasks among workers. [Spawn], [Channel], [Buffered], and any pool
// with a submit function through [Peer], are dispatchers: they hand over chunks one by one. [Loop]
// is an event loop.
//
// A constructor never fails. The jobs of the executor report a bad number of workers.
package inproc
