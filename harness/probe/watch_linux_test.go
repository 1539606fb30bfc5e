package probe

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/procfs"

	"github.com/payoff-bench/payoff/harness"
)

const childEnv = "PROBE_TEST_CHILD"

// TestMain runs the tests or, in a child process, computes for a while, prints the CPU time that it
// has used, and waits for the end of its input.
func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "" {
		os.Exit(m.Run())
	}
	c, err := readCPU(os.Getpid())
	for x := uint64(1); err == nil && c[both] < 30e6; c, err = readCPU(os.Getpid()) {
		for range 1 << 20 {
			x = x*x + 1
		}
	}
	fmt.Println(int64(c[run]), err)
	io.Copy(io.Discard, os.Stdin)
}

// child starts a child process that computes for a while and then waits. It returns the CPU time
// that the child used, and a function that ends the child.
func child(t *testing.T) (used int64, end func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	number, _, _ := strings.Cut(line, " ")
	if used, err = strconv.ParseInt(number, 10, 64); err != nil {
		t.Fatalf("child said %q", line)
	}
	return used, func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
}

func TestWatch(t *testing.T) {
	all(t, Watch(os.Getpid())(), []string{harness.UnitThrottled, harness.UnitSteal, harness.UnitPressure, harness.UnitLoad})
}

// all checks that the observation has exactly the given items, and that each has either a value or
// the reason for its absence.
func all(t *testing.T, o Observation, items []string) {
	t.Helper()
	for _, i := range items {
		v, ok := o.Values[i]
		err, absent := o.Absent[i]
		t.Logf("%s: %v %v", i, v, err)
		if ok == absent || absent && err == nil || v < 0 {
			t.Errorf("%s: value %v, %v, reason %v", i, v, ok, err)
		}
	}
	if n := len(o.Values) + len(o.Absent); n != len(items) {
		t.Errorf("%d items, want %d", n, len(items))
	}
}

func TestWatchMissing(t *testing.T) {
	const absent = 1 << 24 // above any process id
	o := Watch(absent)()
	for _, i := range []string{harness.UnitThrottled, harness.UnitSteal} {
		if o.Absent[i] == nil {
			t.Errorf("%s of a process that does not exist: %v", i, o.Values[i])
		}
	}
	if _, err := PSS(absent); err == nil {
		t.Error("memory of a process that does not exist: no error")
	}
}

func TestPSS(t *testing.T) {
	alone, err := PSS(os.Getpid())
	if err != nil {
		t.Skip("not permitted here: ", err)
	}
	_, end := child(t)
	defer end()
	both, err := PSS(os.Getpid())
	if err != nil || alone <= 0 || both <= alone {
		t.Errorf("memory %d alone, %d with a child, %v", alone, both, err)
	}
}

func TestThrottled(t *testing.T) {
	s := fake(t, map[string]string{
		"own/cpu.stat": "throttled_usec 2", "above/cpu.stat": "usage_usec 9\nnr_throttled 2\nthrottled_usec 3\nnr_bursts 0", "root/cpu.stat": "usage_usec 9\nuser_usec 5",
		"one/cpu.stat": "nr_periods 4\nnr_throttled 2\nthrottled_time 1500", "odd/cpu.stat": "throttled_usec many", "empty/cpu.stat": "",
	})
	for _, c := range []struct {
		dirs []string
		want time.Duration
		ok   bool
	}{
		{[]string{"own", "above", "root"}, 5 * time.Microsecond, true},
		{[]string{"one"}, 1500, true},
		{[]string{"root"}, 0, false},
		{[]string{"odd"}, 0, false},
		{[]string{"empty"}, 0, false},
		{[]string{"own", "missing"}, 0, false},
	} {
		if got, err := s.throttled(c.dirs); got != c.want || (err == nil) != c.ok {
			t.Errorf("%v: got %v, error %v", c.dirs, got, err)
		}
	}
}

func TestLevels(t *testing.T) {
	v1 := func(root string) *procfs.MountInfo {
		return &procfs.MountInfo{Root: root, MountPoint: "/cg/cpu", FSType: "cgroup", SuperOptions: map[string]string{"rw": "", "cpu": "", "cpuacct": ""}}
	}
	v2 := func(root string) *procfs.MountInfo {
		return &procfs.MountInfo{Root: root, MountPoint: "/cg", FSType: "cgroup2"}
	}
	other := &procfs.MountInfo{Root: "/", MountPoint: "/cg/memory", FSType: "cgroup", SuperOptions: map[string]string{"memory": ""}}
	for _, c := range []struct {
		name   string
		groups []procfs.Cgroup
		mounts []*procfs.MountInfo
		want   []string // nil for an error
	}{
		{"v2", []procfs.Cgroup{{Path: "/a/b"}}, []*procfs.MountInfo{v2("/")}, []string{"/cg/a/b", "/cg/a", "/cg"}},
		{"v2 root", []procfs.Cgroup{{Path: "/"}}, []*procfs.MountInfo{v2("/")}, []string{"/cg"}},
		{"v2 seen from a container", []procfs.Cgroup{{Path: "/docker/x/y"}}, []*procfs.MountInfo{v2("/docker/x")}, []string{"/cg/y", "/cg"}},
		{"hybrid", []procfs.Cgroup{{HierarchyID: 2, Controllers: []string{"cpu", "cpuacct"}, Path: "/a"}, {Path: "/b"}}, []*procfs.MountInfo{v2("/"), other, v1("/")}, []string{"/cg/cpu/a", "/cg/cpu"}},
		{"outside", []procfs.Cgroup{{Path: "/../a"}}, []*procfs.MountInfo{v2("/docker/x")}, nil},
		{"not mounted", []procfs.Cgroup{{Path: "/a"}}, []*procfs.MountInfo{other}, nil},
		{"no group", []procfs.Cgroup{{HierarchyID: 3, Controllers: []string{"memory"}, Path: "/a"}}, []*procfs.MountInfo{other}, nil},
	} {
		got, err := levels(c.groups, c.mounts, "cpu")
		if !slices.Equal(got, c.want) || (err == nil) != (c.want != nil) {
			t.Errorf("%s: %v, %v, want %v", c.name, got, err, c.want)
		}
	}
}

func TestModelName(t *testing.T) {
	for _, c := range []struct {
		info procfs.CPUInfo
		want string // "" for an error
	}{
		{procfs.CPUInfo{ModelName: "Intel(R) Xeon(R)  CPU @ 2.20GHz "}, "Intel(R) Xeon(R) CPU @ 2.20GHz"},
		{procfs.CPUInfo{VendorID: "0x41", Model: "0xd0c"}, "implementer 0x41 part 0xd0c"},
		{procfs.CPUInfo{}, ""},
	} {
		if got, err := modelName(c.info); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%+v: got %q, error %v", c.info, got, err)
		}
	}
}

func TestHypervisor(t *testing.T) {
	sys := func(name, text string) fstest.MapFS { return fstest.MapFS{name: {Data: []byte(text + "\n")}} }
	clocks := "devices/system/clocksource/clocksource0/available_clocksource"
	for _, c := range []struct {
		name      string
		sys       fstest.MapFS
		x86, flag bool
		want      string
	}{
		{"kvm", sys(clocks, "tsc kvm-clock acpi_pm"), true, true, "kvm"},
		{"hyper-v", sys(clocks, "hyperv_clocksource_tsc_page acpi_pm"), true, true, "hyper-v"},
		{"xen", sys("hypervisor/type", "xen"), true, true, "xen"},
		{"cloud on ARM", sys("class/dmi/id/sys_vendor", "Amazon EC2"), false, false, "nitro"},
		{"cloud without a hypervisor", sys("class/dmi/id/sys_vendor", "Amazon EC2"), true, false, ""},
		{"unknown", fstest.MapFS{}, true, true, "unnamed"},
		{"none", sys(clocks, "tsc hpet acpi_pm"), true, false, ""},
		{"none on ARM", sys(clocks, "arch_sys_counter"), false, false, ""},
	} {
		if got := hypervisorIn(c.sys, c.x86, c.flag); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestGone(t *testing.T) {
	if _, err := readCPU(1 << 24); err == nil {
		t.Error("cpu clock of a process that does not exist: no error")
	}
	if gone(errors.New("other")) || !gone(fmt.Errorf("in a layer: %w", os.ErrNotExist)) {
		t.Error("gone is wrong")
	}
}

// The benchmarks below measure the costs that the documentation of Watch and PSS states. cpu-ns/op
// is valid on a busy machine too.
func BenchmarkWatch(b *testing.B) {
	cost(b, func() { Watch(os.Getpid()) })
}

func BenchmarkStop(b *testing.B) {
	stop := Watch(os.Getpid())
	cost(b, func() { stop() })
}

func BenchmarkPSS(b *testing.B) {
	cost(b, func() { PSS(os.Getpid()) })
}

func cost(b *testing.B, f func()) {
	before, err := readCPU(os.Getpid())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		f()
	}
	after, err := readCPU(os.Getpid())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric((after[run]-before[run])/float64(b.N), "cpu-ns/op")
}
