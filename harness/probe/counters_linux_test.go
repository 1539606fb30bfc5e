package probe

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/harness"
)

// touch causes one page fault for each of the given number of pages.
func touch(t *testing.T, pages int) {
	m, err := unix.Mmap(-1, 0, pages*os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err == nil {
		err = unix.Madvise(m, unix.MADV_NOHUGEPAGE)
	}
	if err != nil {
		t.Error(err)
		return
	}
	for i := 0; i < len(m); i += os.Getpagesize() {
		m[i] = 1
	}
	unix.Munmap(m)
}

// TestCounters counts page faults of all threads of the tree. The kernel counts these itself, so the
// test also works on machines without hardware counters.
func TestCounters(t *testing.T) {
	const pages = 1000
	touch := func() { touch(t, pages) }
	faults := func() float64 {
		own, err := usage(unix.RUSAGE_SELF)
		ended, err2 := usage(unix.RUSAGE_CHILDREN)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		return own[minor] + own[major] + ended[minor] + ended[major]
	}
	g := openEvents(openTree(true), []event{{harness.UnitCycles, unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_PAGE_FAULTS}})
	before := faults()
	g.begin()
	_, end := child(t)
	end()
	children := faults() - before
	done := make(chan struct{})
	go func() { runtime.LockOSThread(); touch(); close(done) }() // the thread ends with its goroutine
	<-done
	g.end()
	after := faults()
	touch()
	o := newObservation()
	g.close(o)
	if err := o.Absent[harness.UnitCycles]; err != nil {
		t.Skip("no counters here: ", err)
	}
	// Some faults of a starting process happen in kernel mode.
	if n := o.Values[harness.UnitCycles]; n < pages+children/2 || n > after-before {
		t.Errorf("%v faults counted, rusage has %v, %v of them by the child", n, after-before, children)
	}
}

func TestRefused(t *testing.T) {
	for err, want := range map[error]string{
		unix.EACCES: "perf_event_paranoid", unix.ENOENT: "this machine has none", unix.ENOSYS: "built without", unix.EMFILE: "too many open files",
	} {
		if !strings.Contains(refused(err).Error(), want) {
			t.Error(refused(err))
		}
	}
	g := openEvents(openTree(false), []event{{harness.UnitCycles, 1 << 20, 0}})
	o := newObservation()
	g.close(o)
	if o.Absent[harness.UnitCycles] == nil {
		t.Error("an event of an unknown kind is counted")
	}
}

func TestCounted(t *testing.T) {
	for _, c := range []struct {
		name string
		all  []reading
		want float64
		ok   bool
	}{
		{"none", nil, 0, true},
		{"all the time", []reading{{100, 10, 10}, {50, 5, 5}}, 150, true},
		{"a thread that did not run", []reading{{100, 10, 10}, {}}, 100, true},
		{"in turns", []reading{{100, 10, 5}, {50, 5, 5}}, 250, true},
		{"one without a turn", []reading{{100, 10, 10}, {0, 1, 0}}, 110, true},
		{"most without a turn", []reading{{100, 10, 10}, {0, 11, 0}}, 0, false},
		{"all without a turn", []reading{{0, 10, 0}}, 0, false},
	} {
		if got, err := counted(c.all); got != c.want || (err == nil) != c.ok {
			t.Errorf("%s: %v, %v, want %v", c.name, got, err, c.want)
		}
	}
}

// TestCountsMatchPerf checks that counts differ by at most 1 % from those of perf stat for the same
// interval and processes. It checks instructions and cycles where the machine counts them. It also
// checks page faults, which use the same kernel interface and work everywhere.
func TestCountsMatchPerf(t *testing.T) {
	for _, c := range []struct {
		name string
		event
	}{
		{"instructions:u", hardware[0]},
		{"cycles:u", hardware[1]},
		{"page-faults:u", event{harness.UnitCycles, unix.PERF_TYPE_SOFTWARE, unix.PERF_COUNT_SW_PAGE_FAULTS}},
	} {
		t.Run(c.name, func(t *testing.T) {
			perf := startPerf(t, c.name)
			g := openEvents(openTree(true), []event{c.event})
			perf.tell(t, "enable")
			g.begin()
			for range 3 {
				_, end := child(t)
				end()
			}
			touch(t, 5000)
			burn(t, 20*time.Millisecond)
			g.end()
			perf.tell(t, "disable")
			o := newObservation()
			g.close(o)
			want := perf.count(t)
			t.Logf("%.0f counted, perf stat says %.0f", o.Values[c.unit], want)
			if absent := o.Absent[c.unit]; absent != nil || math.Abs(o.Values[c.unit]/want-1) > 0.01 {
				t.Errorf("%v counted, perf stat says %v; absent: %v", o.Values[c.unit], want, absent)
			}
		})
	}
}

// A perfStat is a running perf stat that counts an event of this process and its children.
type perfStat struct {
	cmd     *exec.Cmd
	said    bytes.Buffer
	ended   chan error
	control *os.File
	answers *bufio.Reader
	out     string // file with the counts
}

// startPerf starts perf stat, which begins to count when it receives the command "enable". If perf
// is not installed, startPerf skips the test.
func startPerf(t *testing.T, event string) *perfStat {
	t.Helper()
	dir := t.TempDir()
	fifo := func(name string) *os.File {
		file := filepath.Join(dir, name)
		if err := unix.Mkfifo(file, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(file, os.O_RDWR, 0) // opening one direction alone would block
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	control, answers := fifo("control"), fifo("answers")
	p := &perfStat{ended: make(chan error, 1), control: control, answers: bufio.NewReader(answers), out: filepath.Join(dir, "out")}
	p.cmd = exec.Command("perf", "stat", "-x", ";", "-D", "-1", "-e", event, "-p", strconv.Itoa(os.Getpid()),
		"-o", p.out, "--control", "fifo:"+control.Name()+","+answers.Name())
	p.cmd.Stderr = &p.said
	if err := p.cmd.Start(); err != nil {
		t.Skip("perf is not available: ", err)
	}
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() { p.cmd.Process.Kill() })
	return p
}

// tell sends perf stat a command and waits for the acknowledgement.
func (p *perfStat) tell(t *testing.T, command string) {
	t.Helper()
	fmt.Fprintln(p.control, command)
	answered := make(chan error, 1)
	go func() { _, err := p.answers.ReadString('\n'); answered <- err }()
	select {
	case err := <-answered:
		if err != nil {
			t.Fatal(err)
		}
	case err := <-p.ended:
		t.Skipf("perf stat does not count this here: %v: %s", err, bytes.TrimSpace(p.said.Bytes()))
	}
}

// count ends perf stat and returns its count. If perf stat cannot count the event, it skips the
// test.
func (p *perfStat) count(t *testing.T) float64 {
	t.Helper()
	p.cmd.Process.Signal(os.Interrupt)
	<-p.ended // with an error, because of the signal
	text, err := os.ReadFile(p.out)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(line, ";")
		if len(fields) < 3 {
			continue
		}
		if strings.HasPrefix(fields[0], "<") {
			t.Skipf("perf stat says that %s is %s here", fields[2], strings.Trim(fields[0], "<>"))
		}
		n, err := strconv.ParseFloat(fields[0], 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	t.Fatalf("perf stat said %q, %q", text, p.said.Bytes())
	return 0
}
