package python

import _ "embed"

//go:embed payoff_worker.py
var worker string

// Worker returns the command of a worker process, for procs.Command. The worker applies the
// function with the given name, which has the form module:function. It searches for the module in
// its working folder first, and then where the interpreter searches for modules.
//
// The worker serves one kernel, whose name is the given name. The inputs and outputs of the kernel
// are JSON; its transports are pipe and socketpair. If the function raises an exception, its task
// fails, with the traceback as the stack. If the class of the exception is no subclass of
// Exception, as with SystemExit, the error is a panic.
//
// The worker and its parent share a page of memory, which they change by compare-and-swap. Python
// has no such operation, so the worker calls a machine instruction on x86-64, and the library
// libatomic on other processors. Without either, the worker fails to start.
func (i Interpreter) Worker(name string) []string {
	return []string{i.Path, "-c", worker, name}
}
