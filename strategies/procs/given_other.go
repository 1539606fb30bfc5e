//go:build !linux

package procs

// beyond returns the first option that this system does not know.
func (g Process) beyond() (option string, value any) {
	switch {
	case g.Nice > 0:
		return "nice", g.Nice
	case len(g.CPUs) > 0:
		return "cpus", g.CPUs
	case g.Memory > 0:
		return "memory", g.Memory
	}
	return "", nil
}

func (g Process) alterThread() error { return nil }
func (g Process) limit(int) error    { return nil }

func resident(int) int64 { return 0 }
