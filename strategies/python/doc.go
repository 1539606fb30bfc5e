// Package python provides Python's pools as strategies, to compare them with the executors of this
// module. It also has a worker process that calls a Python function, and the check of such a
// function. [Find] finds an interpreter and learns its version and modules. The Python files of
// this package are embedded and need only Python's standard library.
package python
