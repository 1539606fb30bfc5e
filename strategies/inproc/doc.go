// Package inproc has the executors whose workers are goroutines. Package strategies exports
// their constructors to users, package catalog lists them in its table.
//
// Most are a crew: persistent goroutines that differ only in the sharing of tasks among
// workers ([Serial], [Pool], [Steal], [Static], [Actor], [GIL]). Those that hand chunks over one
// by one are a dispatcher ([Spawn], [Channel], [Buffered], and any pool with a submit function
// through [Peer]). [Loop] is an event loop.
//
// A constructor never fails: a bad number of workers is the error of the first job.
package inproc
