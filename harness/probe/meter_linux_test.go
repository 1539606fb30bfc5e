package probe

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness"
)

var sink uint64

// burn computes until this process has used the CPU time d.
func burn(t *testing.T, d time.Duration) {
	t.Helper()
	for from := cpuOf(t); cpuOf(t)-from < d; {
		for range 1 << 18 {
			sink = sink*sink + 1
		}
	}
}

func cpuOf(t *testing.T) time.Duration {
	t.Helper()
	c, err := readCPU(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(c[run])
}

// accounted returns the CPU time in ns that the kernel reports for this process and for the
// children that it waited for.
func accounted(t *testing.T) float64 {
	t.Helper()
	own, err := rusage(unix.RUSAGE_SELF)
	if err != nil {
		t.Fatal(err)
	}
	ended, err := endedCPU()
	if err != nil {
		t.Fatal(err)
	}
	return float64(own.Utime.Nano() + own.Stime.Nano() + int64(ended[run]))
}

// TestMeter checks that the meter includes a process that starts and ends while the meter is open.
// The meter's total must differ from the kernel's accounting by at most 1 %.
func TestMeter(t *testing.T) {
	m := OpenMeter(true)
	before := accounted(t)
	m.Begin()
	used, end := child(t)
	end()
	burn(t, 100*time.Millisecond)
	m.End()
	after := accounted(t)
	o := m.Close()
	all(t, o, []string{
		harness.UnitCPU, harness.UnitUser, harness.UnitSystem,
		harness.UnitVoluntary, harness.UnitInvoluntary, harness.UnitMinor, harness.UnitMajor, harness.UnitWaited,
		harness.UnitAllocs, harness.UnitAllocBytes, harness.UnitPauses, harness.UnitGCShare, harness.UnitLatency,
		harness.UnitInstructions, harness.UnitCycles, harness.UnitCacheMisses,
	})
	cpu := o.Values[harness.UnitCPU]
	if cpu < float64(used)+1e8 || math.Abs(cpu/(after-before)-1) > 0.01 {
		t.Errorf("cpu time %v, kernel's accounting %v, the child alone %v", cpu, after-before, used)
	}
	if sum := o.Values[harness.UnitUser] + o.Values[harness.UnitSystem]; math.Abs(sum-cpu) > 1 {
		t.Errorf("user and system time %v, cpu time %v", sum, cpu)
	}
	if o.Values[harness.UnitMinor] < 100 || o.Values[harness.UnitVoluntary] < 1 {
		t.Errorf("a process started with %v faults and %v switches", o.Values[harness.UnitMinor], o.Values[harness.UnitVoluntary])
	}
	if o.Absent[harness.UnitWaited] == nil {
		t.Errorf("run-queue wait %v, though a process ended", o.Values[harness.UnitWaited])
	}
}

// TestSystemTimeIsNeverNegative checks that system time is not negative if a tick falls between the
// readings of the clocks of total time and of user time.
func TestSystemTimeIsNeverNegative(t *testing.T) {
	for _, u := range []float64{0, 8, 10, 14} {
		o := newObservation()
		g := &cpuGauge{tree: &tree{}, own: stretch{sum: amounts{run: 20, user: u, both: 10}}}
		g.close(o)
		if o.Values[harness.UnitSystem] < 0 || o.Values[harness.UnitUser]+o.Values[harness.UnitSystem] != 20 {
			t.Errorf("user %v of 10: %v", u, o.Values)
		}
	}
}

// TestMeterStretches checks that the meter does not count outside Begin and End.
func TestMeterStretches(t *testing.T) {
	runtime.GC() // so that no collection is due, which would count earlier allocations
	m := OpenMeter(false)
	var kept [][]byte
	for range 3 {
		burn(t, 20*time.Millisecond)
		m.Begin()
		for range 100 {
			kept = append(kept, make([]byte, 1<<12))
		}
		m.End()
	}
	o := m.Close()
	runtime.KeepAlive(kept)
	if cpu := o.Values[harness.UnitCPU]; cpu <= 0 || cpu > 30e6 {
		t.Errorf("cpu time %v, with 60 ms used outside", cpu)
	}
	if n, bytes := o.Values[harness.UnitAllocs], o.Values[harness.UnitAllocBytes]; n < 250 || n > 1000 || bytes < 250<<12 || bytes > 600<<12 {
		t.Errorf("%v objects of %v bytes, want about 300 of %d", n, bytes, 1<<12)
	}
}

// TestMeterProcessesChange checks a process that starts or ends while the meter is open. The meter
// must then count CPU time from its opening to its close. Counts of events must be absent, not
// zero.
func TestMeterProcessesChange(t *testing.T) {
	before, end := child(t)
	m := OpenMeter(true)
	from := accounted(t)
	m.Begin()
	burn(t, 50*time.Millisecond)
	end()
	m.End()
	most := time.Duration(accounted(t) - from - float64(before)) // without the child's earlier use
	went := m.Close()
	m = OpenMeter(true)
	m.Begin()
	during, end := child(t)
	m.End()
	came := m.Close()
	end()
	for name, c := range map[string]struct {
		o           Observation
		least, most time.Duration
	}{
		"ended":   {went, 50 * time.Millisecond, most},
		"started": {came, time.Duration(during), time.Minute},
	} {
		if cpu := time.Duration(c.o.Values[harness.UnitCPU]); c.o.Absent[harness.UnitCPU] != nil || cpu < c.least || cpu > c.most || c.o.Absent[harness.UnitUser] != nil || c.o.Absent[harness.UnitSystem] != nil {
			t.Errorf("a process %s: %v of CPU time, want %v to %v; absent: %v", name, cpu, c.least, c.most, c.o.Absent)
		}
		for _, i := range []string{harness.UnitVoluntary, harness.UnitInvoluntary, harness.UnitMinor, harness.UnitMajor, harness.UnitWaited} {
			if c.o.Absent[i] == nil {
				t.Errorf("a process %s: %s is %v", name, i, c.o.Values[i])
			}
		}
	}
}

// TestMeterGrandchildren checks that quantities are absent, not zero, if a child process starts a
// program: only this child could read what the program used.
func TestMeterGrandchildren(t *testing.T) {
	sh := exec.Command("sh", "-c", "read line; sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'; echo done; read line")
	in, err := sh.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := sh.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := sh.Start(); err != nil {
		t.Skip(err)
	}
	m := OpenMeter(true)
	m.Begin()
	fmt.Fprintln(in, "begin")
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Error(err)
	}
	m.End()
	o := m.Close()
	in.Close()
	sh.Wait() // its read fails at end of input
	for _, i := range []string{harness.UnitCPU, harness.UnitUser, harness.UnitSystem, harness.UnitVoluntary, harness.UnitMinor, harness.UnitWaited} {
		if o.Absent[i] == nil || !strings.Contains(o.Absent[i].Error(), "started processes of its own") {
			t.Errorf("%s is %v, absent: %v", i, o.Values[i], o.Absent[i])
		}
	}
}

// TestMeterRuntime checks that the meter measures GC pauses, the share of CPU time that the GC
// takes, and scheduling latency.
func TestMeterRuntime(t *testing.T) {
	runtime.GC()
	m := OpenMeter(false)
	m.Begin()
	burn(t, 5*time.Millisecond)
	for range 3 {
		runtime.GC()
	}
	done := make(chan struct{})
	go close(done)
	<-done
	m.End()
	o := m.Close()
	if o.Values[harness.UnitPauses] <= 0 || o.Values[harness.UnitGCShare] <= 0 || o.Values[harness.UnitGCShare] > 1 || o.Values[harness.UnitLatency] < 0 {
		t.Errorf("pauses %v ns, share %v, latency %v ns", o.Values[harness.UnitPauses], o.Values[harness.UnitGCShare], o.Values[harness.UnitLatency])
	}
}

func TestHistogram(t *testing.T) {
	inf := math.Inf(1)
	bounds := []float64{-inf, 0, 1, 2, 4, inf}
	counts := []uint64{0, 97, 2, 1, 0}
	for q, want := range map[float64]float64{0.5: 1, 0.97: 1, 0.99: 2, 1: 4} {
		if got, err := quantile(bounds, counts, q); got != want || err != nil {
			t.Errorf("quantile %v: %v, %v, want %v", q, got, err, want)
		}
	}
	if got := total(bounds, counts); got != 97*0.5+2*1.5+3 {
		t.Error(got)
	}
	if got, err := quantile(bounds, []uint64{0, 0, 0, 0, 1}, 1); got != 4 || err != nil {
		t.Errorf("last bucket: %v, %v", got, err)
	}
	if _, err := quantile(bounds, make([]uint64, 5), 0.5); !errors.Is(err, errNothingReady) {
		t.Error(err)
	}
}

func BenchmarkMeter(b *testing.B) {
	m := OpenMeter(false)
	defer m.Close()
	cost(b, func() { m.Begin(); m.End() })
}

func BenchmarkOpenMeter(b *testing.B) {
	cost(b, func() { OpenMeter(false).Close() })
}

// TestMeterBeside adds a server to the meter: this process itself. The meter must count its CPU
// time between Begin and End. For a process that does not exist, the CPU time must be absent, with
// the reason.
func TestMeterBeside(t *testing.T) {
	const work = 20 * time.Millisecond
	m := OpenMeter(false)
	m.AddServers(os.Getpid())
	burn(t, work)
	before := cpuOf(t)
	m.Begin()
	burn(t, work)
	m.End()
	most := cpuOf(t) - before
	if got := time.Duration(m.Close().Values[harness.UnitServer]); got < work || got > most {
		t.Errorf("%v for a process that used %v to %v", got, work, most)
	}
	m = OpenMeter(false)
	m.AddServers(1<<22 + 1) // above any process id
	m.Begin()
	m.End()
	if o := m.Close(); o.Absent[harness.UnitServer] == nil {
		t.Errorf("a process that does not exist used %v", o.Values[harness.UnitServer])
	}
}

// TestMeterWhileProfiled checks that a meter counts all CPU time of short intervals while a CPU profile
// runs. The clock of a process then lags by up to a tick, which could hide most of such an interval.
func TestMeterWhileProfiled(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := pprof.StartCPUProfile(io.Discard); err != nil {
		t.Fatal(err)
	}
	defer pprof.StopCPUProfile()
	m, before := OpenMeter(false), accounted(t)
	for range 60 {
		m.Begin()
		for range 1 << 22 {
			sink = sink*sink + 1
		}
		m.End()
	}
	want := accounted(t) - before
	if cpu := m.Close().Values[harness.UnitCPU]; cpu < 0.9*want {
		t.Errorf("the meter counted %v of CPU time, the kernel %v", time.Duration(cpu), time.Duration(want))
	}
}
