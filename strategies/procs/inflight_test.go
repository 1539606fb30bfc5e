//go:build unix

package procs

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/chunk"
)

// inFlight is smaller under the race detector, which is slow and sees only one process.
var inFlight = map[bool]int{false: 64 << 20, true: 4 << 20}[raceEnabled]

// TestKilledWhileInputTravels checks that if a worker is killed while it receives an input of 64
// MiB, only the task that it runs is lost. The task with this input runs on another worker, with
// its complete input.
func TestKilledWhileInputTravels(t *testing.T) {
	large := bytes.Repeat([]byte("0123456789abcdef"), inFlight/16)
	for _, tr := range transports() {
		t.Run(tr.Name, func(t *testing.T) {
			c := config(1)
			c.Transport = tr
			x := newExecutor(t, c)
			mark := filepath.Join(t.TempDir(), "begun")
			killed := make(chan error, 1)
			go func() { killed <- killOnce(mark) }()
			out, err := carry.Map(t.Context(), x, [][]byte{[]byte("hang " + mark), large, []byte("last")}, strategies.Options{Chunk: chunk.Fixed(1)})
			if err := <-killed; err != nil {
				t.Fatal(err)
			}
			onlyLost(t, err, 0)
			if !bytes.Equal(out[1], large) || string(out[2]) != "last" {
				t.Errorf("%d bytes, %q", len(out[1]), out[2])
			}
		})
	}
}

// killOnce kills the process whose id is written to the file mark.
func killOnce(mark string) error {
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(time.Millisecond) {
		if b, err := os.ReadFile(mark); err == nil && len(b) > 0 {
			pid, err := strconv.Atoi(string(b))
			return errors.Join(err, unix.Kill(pid, unix.SIGKILL))
		}
	}
	return errors.New("no task began")
}

// TestKilledWhileOutputTravels checks that if a worker dies while it sends an output of 64 MiB,
// only the task of this output is lost. If the whole output has been sent, no task is lost.
func TestKilledWhileOutputTravels(t *testing.T) {
	for _, tr := range transports() {
		t.Run(tr.Name, func(t *testing.T) {
			c := config(2)
			c.Transport = tr
			x := newExecutor(t, c)
			for _, delay := range []string{"0s", "2ms", "8ms"} {
				in := [][]byte{[]byte("1"), []byte("die after " + delay), []byte("2"), []byte("3")}
				out, err := carry.Map(t.Context(), x, in, strategies.Options{Chunk: chunk.Fixed(1)})
				if err != nil {
					onlyLost(t, err, 1)
				} else if len(out[1]) != inFlight {
					t.Errorf("%s: %d bytes", delay, len(out[1]))
				}
				for _, i := range []int{0, 2, 3} {
					if string(out[i]) != string(in[i]) {
						t.Errorf("%s: output %d is %.20q", delay, i, out[i])
					}
				}
			}
		})
	}
}

func onlyLost(t *testing.T, err error, task int) {
	t.Helper()
	var job *strategies.JobError
	var lost *strategies.LostError
	if !errors.As(err, &job) || job.Failed != 1 || slices.Collect(job.Failures())[0].Task != task || !errors.As(slices.Collect(job.Failures())[0], &lost) || lost.Cause != "signal: killed" {
		t.Errorf("got error %v, want the loss of task %d alone", err, task)
	}
}
