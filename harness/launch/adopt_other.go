//go:build !linux

package launch

// adopt does nothing, because this system does not support it. Here, processes that a task's
// program leaves running outlive the launch.
func adopt() (end func()) { return func() {} }
