//go:build !linux

package launch

// adopt has no effect here: what a program leaves running outlives the launch.
func adopt() (end func()) { return func() {} }
