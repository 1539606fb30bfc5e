package probe

// Limits above which a finding is Wrong.
const (
	loadMost     = 0.5  // mean number of runnable threads over a minute
	pressureMost = 1.0  // % of the time in which a thread waited for a core
	stealMost    = 0.01 // share of the time in which cores were busy or wanted
)

func (v *visit) load() Finding {
	one, five, err := v.loadAverage()
	v.keep(err)
	const found = "%.2f threads wanted to run in the last minute, %.2f in the last five, on average"
	if one > loadMost {
		return wrong("ps -eo pcpu,pid,args --sort=-pcpu | head", found, one, five)
	}
	return good(found, one, five)
}

func (v *visit) pressure() Finding {
	v.keep(v.procErr)
	some, err := v.pressed()
	const found = "counted; a thread waited for a core in %.1f %% of the last 10 s"
	switch {
	case err != nil:
		return noted("", "not counted: %v; the kernel parameter psi=1 enables it", err)
	case some.Avg10 > pressureMost:
		return wrong("", found, some.Avg10)
	}
	return good(found, some.Avg10)
}

func (v *visit) steal() Finding {
	stolen, wanted, err := v.times()
	v.keep(err)
	share := stolen / max(wanted, 1e-9)
	const found = "%.1f %% of the time in which cores were busy or wanted, since boot"
	if share > stealMost {
		return wrong("", found, 100*share)
	}
	return good(found, 100*share)
}

func (v *visit) hypervisor() Finding {
	name, err := hypervisor()
	v.keep(err)
	if name == "" {
		return good("none detected")
	}
	return noted("", "%s", name)
}
