// Package python measures pools of Python next to the executors of this module. Find finds an
// interpreter and learns its version and modules. The Python files of this package are embedded and
// need only Python's standard library.
package python
