// Package catalog defines the table of strategies. The harness, the conformance suite and the
// command use it to list, create and measure executors. Users of executors need only package
// strategies.
package catalog
