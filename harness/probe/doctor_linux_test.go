package probe

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness"
)

// fake returns a site with these files and two usable cores.
func fake(t *testing.T, files map[string]string) site {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o777), os.WriteFile(file, []byte(text+"\n"), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	s := openSite(root, 7)
	s.cores, s.coresErr = []int{0, 1}, nil
	return s
}

const (
	cpu0     = "sys/devices/system/cpu/cpu0/"
	cpu1     = "sys/devices/system/cpu/cpu1/"
	clocks   = "sys/devices/system/clocksource/clocksource0/"
	nodes    = "sys/devices/system/node/"
	power    = "sys/class/power_supply/"
	swapHead = "Filename Type Size Used Priority"
	groupV2  = "0::/a/b"
	mountsV2 = "32 31 0:29 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw"
	mountsV1 = "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu"
)

func TestChecks(t *testing.T) {
	type files = map[string]string
	levels := files{
		"proc/7/cgroup": groupV2, "proc/self/mountinfo": mountsV2,
		"sys/fs/cgroup/cpu.stat":       "usage_usec 1",
		"sys/fs/cgroup/a/cpu.stat":     "nr_periods 9\nnr_throttled 2",
		"sys/fs/cgroup/a/cpu.max":      "max 100000",
		"sys/fs/cgroup/a/b/cpu.stat":   "nr_periods 9\nnr_throttled 3",
		"sys/fs/cgroup/a/b/cpu.max":    "max 100000",
		"sys/fs/cgroup/a/b/memory.max": "max",
	}
	with := func(base files, more files) files {
		all := maps.Clone(base)
		maps.Copy(all, more)
		return all
	}
	for _, c := range []struct {
		name  string
		files files
		state State
		found string // part of it
		mend  string
	}{
		{"governor", files{cpu0 + "cpufreq/scaling_governor": "performance", cpu1 + "cpufreq/scaling_governor": "performance"}, Good, "performance", ""},
		{"governor", files{cpu0 + "cpufreq/scaling_governor": "performance", cpu1 + "cpufreq/scaling_governor": "powersave"}, Wrong, "performance, powersave", "cpupower frequency-set -g performance"},
		{"governor", nil, Unknown, "there is no cpufreq", ""},
		{"boost", files{"sys/devices/system/cpu/intel_pstate/no_turbo": "0"}, Wrong, "on", "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo"},
		{"boost", files{"sys/devices/system/cpu/intel_pstate/no_turbo": "1"}, Good, "off", ""},
		{"boost", files{"sys/devices/system/cpu/cpufreq/boost": "1"}, Wrong, "on", "echo 0 > /sys/devices/system/cpu/cpufreq/boost"},
		{"boost", nil, Unknown, "does not report whether boost is on", ""},
		{"smt", files{cpu0 + "topology/thread_siblings_list": "0", cpu1 + "topology/thread_siblings_list": "1"}, Good, "separate physical core", ""},
		{"smt", files{cpu0 + "topology/thread_siblings_list": "0-1", cpu1 + "topology/thread_siblings_list": "0-1"}, Wrong, "the 2 CPUs that payoff may use are hardware threads of only 1 physical cores", "echo off > /sys/devices/system/cpu/smt/control"},
		{"smt", files{cpu0 + "topology/thread_siblings_list": "0,2", cpu1 + "topology/thread_siblings_list": "1,3"}, Noted, "sibling hardware thread that only other programs may use", "echo off > /sys/devices/system/cpu/smt/control"},
		{"smt", nil, Unknown, "thread_siblings_list", ""},
		{"speeds", files{cpu0 + "cpu_capacity": "1024", cpu1 + "cpu_capacity": "446"}, Wrong, "differ in speed: capacity 1024 for core 0, capacity 446 for core 1", "taskset -c 0 payoff run ..."},
		{"speeds", files{cpu0 + "cpu_capacity": "446", cpu1 + "cpu_capacity": "1024"}, Wrong, "capacity 1024 for core 1, capacity 446 for core 0", "taskset -c 1 payoff run ..."},
		{"speeds", files{cpu0 + "cpu_capacity": "1024", cpu1 + "cpu_capacity": "1024"}, Good, "same speed", ""},
		{"speeds", files{cpu0 + "cpufreq/cpuinfo_max_freq": "4700000", cpu1 + "cpufreq/cpuinfo_max_freq": "3500000"}, Wrong, "4.7 GHz for core 0, 3.5 GHz for core 1", "taskset -c 0 payoff run ..."},
		{"speeds", files{cpu0 + "cpufreq/cpuinfo_max_freq": "4900000", cpu1 + "cpufreq/cpuinfo_max_freq": "5000000"}, Good, "same speed", ""},
		{"speeds", files{cpu0 + "cpu_capacity": "1024", cpu1 + "cpu_capacity": "1024", cpu0 + "cpufreq/cpuinfo_max_freq": "4700000", cpu1 + "cpufreq/cpuinfo_max_freq": "3500000"}, Wrong, "4.7 GHz", "taskset -c 0 payoff run ..."},
		{"speeds", files{cpu0 + "cpu_capacity": "1024"}, Unknown, "neither the capacity nor", ""},
		{"speeds", nil, Unknown, "neither the capacity nor", ""},
		{"heat", files{cpu0 + "thermal_throttle/core_throttle_count": "0", cpu1 + "thermal_throttle/core_throttle_count": "0"}, Good, "no core", ""},
		{"heat", files{cpu0 + "thermal_throttle/core_throttle_count": "0", cpu1 + "thermal_throttle/core_throttle_count": "4"}, Wrong, "0, 4", ""},
		{"heat", nil, Unknown, "does not count", ""},
		{"load", files{"proc/loadavg": "0.03 0.10 0.20 1/100 99"}, Good, "0.03 threads", ""},
		{"load", files{"proc/loadavg": "1.30 0.10 0.20 1/100 99"}, Wrong, "1.30 threads", "ps -eo pcpu,pid,args --sort=-pcpu | head"},
		{"load", nil, Unknown, "proc", ""},
		{"pressure", files{"proc/pressure/cpu": "some avg10=0.20 avg60=0.00 avg300=0.00 total=1"}, Good, "0.2 %", ""},
		{"pressure", files{"proc/pressure/cpu": "some avg10=20.00 avg60=0.00 avg300=0.00 total=1"}, Wrong, "20.0 %", ""},
		{"pressure", files{"proc/loadavg": ""}, Noted, "psi=1", ""},
		{"steal", files{"proc/stat": "cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 500 0 490 99999 0 0 0 10 0 0\ncpu1 1000 0 0 99999 0 0 0 0 0 0\nbtime 1"}, Good, "0.5 %", ""},
		{"steal", files{"proc/stat": "cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 50 0 40 99999 0 0 0 10 0 0\ncpu1 100 0 0 99999 0 0 0 0 0 0\nbtime 1"}, Wrong, "5.0 %", ""},
		{"steal", files{"proc/stat": "cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 50 0 40 99999 0 0 0 10 0 0\nbtime 1"}, Unknown, "no line for cpu1", ""},
		{"quota", levels, Noted, "no limit by the control group of this process or the 2 groups above it; processes were stopped 5 times", ""},
		{"quota", with(levels, files{"sys/fs/cgroup/a/cpu.max": "150000 100000"}), Wrong, "/sys/fs/cgroup/a is limited to the CPU time of 1.5 cores per 100 ms; processes were stopped 5 times", "echo max > /sys/fs/cgroup/a/cpu.max"},
		{"quota", with(levels, files{"sys/fs/cgroup/a/cpu.max": "150000 100000", "sys/fs/cgroup/a/b/cpu.max": "20000 10000"}), Wrong, "/sys/fs/cgroup/a/b is limited to the CPU time of 2 cores per 10 ms; /sys/fs/cgroup/a is limited", "echo max > /sys/fs/cgroup/a/b/cpu.max; echo max > /sys/fs/cgroup/a/cpu.max"},
		{"quota", with(levels, files{"sys/fs/cgroup/a/cpu.max": "much"}), Unknown, "cpu.max: \"much\" is not a quota and a period", ""},
		{"quota", files{"proc/7/cgroup": "1:cpu:/", "proc/self/mountinfo": mountsV1, "sys/fs/cgroup/cpu/cpu.stat": "nr_throttled 0", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"}, Good, "no limit by the control group of this process; processes were never stopped", ""},
		{"quota", files{"proc/7/cgroup": "1:cpu:/", "proc/self/mountinfo": mountsV1, "sys/fs/cgroup/cpu/cpu.stat": "nr_throttled 8", "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"}, Wrong, "0.5 cores", "echo -1 > /sys/fs/cgroup/cpu/cpu.cfs_quota_us"},
		{"quota", files{"proc/7/cgroup": "0::/", "proc/self/mountinfo": mountsV2, "sys/fs/cgroup/cpu.stat": "usage_usec 1"}, Good, "does not count how often", ""},
		{"quota", files{"proc/7/cgroup": "0::/", "proc/self/mountinfo": "1 0 8:1 / / rw - ext4 /dev/sda rw"}, Unknown, "no control groups for cpu are mounted", ""},
		{"memory", levels, Good, "no limit by the control group of this process or the 2 groups above it", ""},
		{"memory", with(levels, files{"sys/fs/cgroup/a/memory.max": "1073741824", "sys/fs/cgroup/a/memory.events": "low 0\nhigh 0\nmax 0"}), Noted, "/sys/fs/cgroup/a is limited to 1024 MiB of memory, a limit that was never reached", "echo max > /sys/fs/cgroup/a/memory.max"},
		{"memory", with(levels, files{"sys/fs/cgroup/a/b/memory.high": "1048576", "sys/fs/cgroup/a/b/memory.events": "low 0\nhigh 7\nmax 0"}), Wrong, "/sys/fs/cgroup/a/b is limited to 1 MiB of memory, a limit that was reached 7 times", "echo max > /sys/fs/cgroup/a/b/memory.high"},
		{"memory", with(levels, files{"sys/fs/cgroup/a/b/memory.max": "much"}), Unknown, "memory.max: \"much\" is not a memory limit", ""},
		{"memory", files{"proc/7/cgroup": "4:memory:/a", "proc/self/mountinfo": strings.ReplaceAll(mountsV1, "cpu", "memory"), "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "2097152", "sys/fs/cgroup/memory/a/memory.failcnt": "3"}, Wrong, "/sys/fs/cgroup/memory/a is limited to 2 MiB of memory, a limit that was reached 3 times", "echo -1 > /sys/fs/cgroup/memory/a/memory.limit_in_bytes"},
		{"numa", files{nodes + "online": "0"}, Good, "one node", ""},
		{"numa", nil, Good, "one node", ""},
		{"numa", files{nodes + "online": "0-1", nodes + "node0/cpulist": "0,2", nodes + "node1/cpulist": "1,3", "proc/sys/kernel/numa_balancing": "0"}, Wrong, "the 2 cores that payoff may use belong to 2 memory nodes: 0, 1", "taskset -c 0 payoff run ..."},
		{"numa", files{nodes + "online": "0-1", nodes + "node0/cpulist": "0-1", nodes + "node1/cpulist": "2-3", "proc/sys/kernel/numa_balancing": "1"}, Noted, "belong to one of 2 memory nodes; the operating system moves pages between them", "sysctl -w kernel.numa_balancing=0"},
		{"numa", files{nodes + "online": "0-1", nodes + "node0/cpulist": "0-1", nodes + "node1/cpulist": ""}, Noted, "belong to one of 2 memory nodes", ""},
		{"power", nil, Good, "no battery", ""},
		{"power", files{power + "AC/type": "Mains", power + "AC/online": "1", power + "BAT0/type": "Battery", power + "BAT0/status": "Charging"}, Good, "not on battery", ""},
		{"power", files{power + "BAT0/type": "Battery", power + "BAT0/status": "Discharging"}, Wrong, "BAT0 is discharging: plug in the power supply", ""},
		{"power", files{"sys/firmware/acpi/platform_profile": "low-power"}, Wrong, "low-power", "echo performance > /sys/firmware/acpi/platform_profile"},
		{"power", files{"sys/firmware/acpi/platform_profile": "performance"}, Good, "no battery", ""},
		{"tracer", files{"proc/7/status": "Name:\tpayoff\nTracerPid:\t0"}, Good, "none", ""},
		{"tracer", files{"proc/7/status": "Name:\tpayoff\nTracerPid:\t99\nUid:\t0", "proc/99/comm": "strace"}, Wrong, "process 99 strace traces payoff, so", ""},
		{"tracer", nil, Unknown, "status", ""},
		{"affinity", files{"sys/devices/system/cpu/online": "0-1"}, Good, "all 2", ""},
		{"affinity", files{"sys/devices/system/cpu/online": "0-3,8"}, Noted, "2 of 5", ""},
		{"affinity", files{"sys/devices/system/cpu/online": "x"}, Unknown, "is not a list of cores", ""},
		{"clock", files{clocks + "current_clocksource": "tsc"}, Good, "tsc", ""},
		{"clock", files{clocks + "current_clocksource": "hpet", clocks + "available_clocksource": "tsc hpet acpi_pm"}, Wrong, "hpet", "echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource"},
		{"clock", files{clocks + "current_clocksource": "hpet", clocks + "available_clocksource": "hpet acpi_pm"}, Wrong, "hpet", ""},
		{"clock", nil, Unknown, "current_clocksource", ""},
		{"swap", files{"proc/swaps": swapHead}, Good, "none", ""},
		{"swap", files{"proc/swaps": swapHead + "\n/dev/sda2 partition 4194304 0 -2"}, Good, "4096 MiB, not in use", ""},
		{"swap", files{"proc/swaps": swapHead + "\n/dev/sda2 partition 4194304 409600 -2"}, Wrong, "400 MiB", "swapoff -a"},
		{"huge pages", files{"sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never"}, Good, "madvise", ""},
		{"huge pages", files{"sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never"}, Noted, "always", "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled"},
		{"huge pages", files{"sys/kernel/mm/transparent_hugepage/enabled": "?"}, Unknown, "?", ""},
	} {
		f := checks[slices.IndexFunc(checks, func(k check) bool { return k.name == c.name })].finding(fake(t, c.files))
		if f.State != c.state || !strings.Contains(f.Found, c.found) || f.Mend != c.mend || f.Why == "" {
			t.Errorf("%s of %v:\n%+v\nwant %v, %q, %q", c.name, c.files, f, c.state, c.found, c.mend)
		}
	}
}

func TestCountersFound(t *testing.T) {
	for _, c := range []struct {
		err   error
		state State
		mend  bool
	}{
		{nil, Good, false},
		{refused(unix.EACCES), Wrong, true},
		{refused(unix.EPERM), Wrong, true},
		{refused(unix.ENOENT), Noted, false},
	} {
		o := newObservation()
		o.put(harness.UnitCycles, 1, c.err)
		if f := countersFound(o); f.State != c.state || (f.Mend != "") != c.mend || f.Found == "" {
			t.Errorf("%v: %+v", c.err, f)
		}
	}
}

// TestDoctor checks the findings on the machine that runs the test.
func TestDoctor(t *testing.T) {
	all := Doctor(func() error { return nil })
	if len(all) != len(checks) {
		t.Errorf("%d findings of %d checks", len(all), len(checks))
	}
	for _, f := range all {
		t.Logf("%+v", f)
		if f.Name == "" || f.Found == "" || f.Why == "" || strings.ContainsAny(f.Found, "\n") {
			t.Errorf("%+v", f)
		}
	}
}
