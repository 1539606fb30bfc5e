package python

import _ "embed"

//go:embed payoff_worker.py
var worker string

// Worker returns the command of a worker process for procs.Command. The worker applies the function
// that name names as module:function, and imports it from its working folder or from where the
// interpreter finds modules. It serves one kernel, which has that name and whose inputs and outputs
// are JSON, over the transports pipe and socketpair. An exception of the function is the error of its task, with the traceback as the
// stack; an exception that is no subclass of Exception, such as SystemExit, is a panic.
//
// The worker and its parent share a page of memory, which they change by compare-and-swap. Python
// has no such operation, so the worker calls a machine instruction on x86-64, and the library
// libatomic on other processors. Without either, the worker fails to start.
func (i Interpreter) Worker(name string) []string {
	return []string{i.Path, "-c", worker, name}
}
