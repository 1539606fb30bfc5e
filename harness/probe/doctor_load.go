package probe

import (
	"os"
	"strconv"
	"strings"
)

// Limits of measured values. If a value is above its limit, the finding has the state [Wrong].
const (
	loadMost     = 0.5  // mean number of runnable threads over a minute
	pressureMost = 1.0  // % of the time in which a thread waited for a core
	stealMost    = 0.01 // share of the time in which cores were busy or a thread waited for a core
)

func (v *visit) load() Finding {
	one, five, err := v.loadAverage()
	v.keep(err)
	return judged(one, loadMost, "ps -eo pcpu,pid,args --sort=-pcpu | head",
		"%.2f threads wanted to run in the last minute, %.2f in the last five, on average", one, five)
}

func (v *visit) pressure() Finding {
	v.keep(v.procErr)
	some, err := v.pressed()
	if err != nil {
		return noted("", "the system does not measure pressure (%v); the boot parameter psi=1 enables it", err)
	}
	return judged(some.Avg10, pressureMost, "", "in %.1f %% of the last 10 s a thread waited for a core", some.Avg10)
}

func (v *visit) steal() Finding {
	stolen, wanted, err := v.times()
	v.keep(err)
	share := stolen / max(wanted, 1e-9)
	return judged(share, stealMost, "", "since boot, the hypervisor took %.1f %% of the time in which cores were busy or a thread waited for a core", 100*share)
}

func (v *visit) hypervisor() Finding {
	name, err := hypervisor()
	v.keep(err)
	if name == "" {
		return good("none detected")
	}
	return noted("", "%s", name)
}

// Tracer returns a text about the program, such as strace, that traces this process. It returns "" if there
// is none, or if this is unknown.
func Tracer() string {
	v := visit{site: openSite("/", os.Getpid())}
	if f := v.tracer(); v.err == nil && f.State == Wrong {
		return f.Found
	}
	return ""
}

// tracer checks whether a program such as strace traces this process.
func (v *visit) tracer() Finding {
	pid := "0"
	for line := range strings.Lines(v.text("proc", strconv.Itoa(v.pid), "status")) {
		if value, ok := strings.CutPrefix(line, "TracerPid:"); ok {
			pid = strings.TrimSpace(value)
		}
	}
	if pid == "0" {
		return good("none")
	}
	name, _ := v.read("proc", pid, "comm") // empty for a process of another user
	return wrong("", "process %s %s traces payoff, so all times are too long", pid, name)
}
