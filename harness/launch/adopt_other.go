//go:build !linux

package launch

// adopt does nothing, because this system cannot make this process the parent of orphaned
// descendants. So processes that a task's program left running outlive the launch.
func adopt() (end func() (left bool)) { return func() bool { return false } }
