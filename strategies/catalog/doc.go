// Package catalog is the table of strategies: the form in which the harness, the conformance
// suite and the command list, make and measure executors. Users of executors need package
// strategies alone.
package catalog
