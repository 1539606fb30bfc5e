package procs

import "syscall"

// exec starts a worker process with these descriptors, from 0 on, and returns a descriptor
// that stands for it, or -1.
func (c *Config) exec(files []uintptr) (pid, pidfd int, err error) {
	if c.helper != nil {
		return c.helper.exec(files)
	}
	return c.fork(files)
}

// fork is exec by this thread.
func (c *Config) fork(files []uintptr) (pid, pidfd int, err error) {
	pidfd = -1
	pid, err = syscall.ForkExec(c.Worker[0], c.Worker, &syscall.ProcAttr{
		Dir: c.Process.Dir, Env: c.Process.Env, Files: files, Sys: attributes(&pidfd),
	})
	return pid, pidfd, err
}
