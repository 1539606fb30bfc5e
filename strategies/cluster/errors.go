package cluster

import (
	"cmp"
	"fmt"
	"strings"
)

// A ConnectError reports that the NATS server cannot be reached, or refuses the credentials of this
// program.
type ConnectError struct {
	URL    string // URL without the password
	Denied bool   // the server refuses the credentials
	Err    error
}

func (e *ConnectError) Error() string {
	if e.Denied {
		return fmt.Sprintf("the NATS server at %s refuses the credentials: %v; set the user and password, or the NKEY, of an account of this server", e.URL, e.Err)
	}
	return fmt.Sprintf("NATS server at %s: %v; start a server there, or correct the URL", e.URL, e.Err)
}

func (e *ConnectError) Unwrap() error { return e.Err }

// A NoWorkersError reports that no worker of the group has a free slot.
type NoWorkersError struct {
	Group string
	URL   string // URL without the password
	Err   error  // error of the request; nil if the server knows no worker with a free slot
	full  bool   // a worker answered that it has no free slot
	call  string // function that workers call; "" for cluster.Serve
}

func (e *NoWorkersError) Error() string {
	s := fmt.Sprintf("no worker of the group %s at %s has a free slot; start a program there that calls %s, or wait", e.Group, e.URL, cmp.Or(e.call, "cluster.Serve"))
	if e.Err != nil {
		s += "; " + e.Err.Error()
	}
	return s
}

func (e *NoWorkersError) Unwrap() error { return e.Err }

// A WorkerError reports a worker on another host that cannot run tasks of this program: its version
// or its kernels differ, or its processes do not start.
type WorkerError struct {
	Worker string // name of the worker
	Err    error  // a VersionError of package wire, a KernelsError, or the text that the worker sent
}

func (e *WorkerError) Error() string { return fmt.Sprintf("worker %s: %v", e.Worker, e.Err) }
func (e *WorkerError) Unwrap() error { return e.Err }

// A KernelsError reports a worker whose kernels differ from those of the other workers.
type KernelsError struct {
	Have, Want []string // names of the kernels of this worker and of the others
}

func (e *KernelsError) Error() string {
	return fmt.Sprintf("it serves the kernels %s, and other workers of the group serve %s; start the same program on each host", list(e.Have), list(e.Want))
}

// A KernelError reports a job whose kernel the workers do not serve.
type KernelError struct {
	Kernel string
	Have   []string // names of the kernels of the workers
}

func (e *KernelError) Error() string {
	if e.Kernel == "" {
		return fmt.Sprintf("the kernel of the job has no name; workers find kernels by name, and serve: %s", list(e.Have))
	}
	return fmt.Sprintf("the workers serve no kernel %q; they serve: %s", e.Kernel, list(e.Have))
}

func list(names []string) string { return cmp.Or(strings.Join(names, ", "), "none") }
