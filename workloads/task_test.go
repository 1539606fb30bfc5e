package workloads

import (
	"bytes"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
)

func TestSizes(t *testing.T) {
	task, _ := TaskCodec().Append(nil, Task{})
	outcome, _ := OutcomeCodec().Append(nil, Outcome{})
	if len(task) != taskSize || len(outcome) != outcomeSize {
		t.Errorf("an encoded task has %d bytes and an encoded outcome %d, want 16 and 12", len(task), len(outcome))
	}
	for _, n := range []int{0, 15, 17} {
		if _, err := TaskCodec().Decode(make([]byte, n)); err == nil {
			t.Errorf("decoding a task of %d bytes: no error", n)
		}
	}
	for _, n := range []int{0, 11, 13} {
		if _, err := OutcomeCodec().Decode(make([]byte, n)); err == nil {
			t.Errorf("decoding an outcome of %d bytes: no error", n)
		}
	}
	for _, n := range []int{0, 12, 19, 21} {
		if _, err := TimedCodec().Decode(make([]byte, n)); err == nil {
			t.Errorf("decoding an outcome with a time, of %d bytes: no error", n)
		}
	}
	for _, n := range []int{0, taskSize, taskSize + MaxPath + 1} {
		if _, err := folderCodec().Decode(make([]byte, n)); err == nil {
			t.Errorf("decoding a file task of %d bytes: no error", n)
		}
	}
	huge, _ := folderCodec().Append(nil, FolderTask{Task{Steps: MaxPayload + 1}, "d"})
	if _, err := folderCodec().Decode(huge); err == nil {
		t.Error("decoding a task whose file is larger than allowed: no error")
	}
}

// roundTrip checks a codec with random bytes. Decoding must never panic. If bytes can be decoded,
// encoding the decoded value must give the same bytes.
func roundTrip[T any](f *testing.F, c strategies.Codec[T], seeds ...T) {
	for _, v := range seeds {
		b, _ := c.Append(nil, v)
		f.Add(b)
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, src []byte) {
		was := bytes.Clone(src)
		v, err := c.Decode(src)
		if err != nil {
			return
		}
		clear(src) // the decoded value must not refer to src
		got, err := c.Append([]byte("x"), v)
		if err != nil || !bytes.Equal(got[1:], was) {
			t.Errorf("bytes %x became %x after decoding and encoding, error %v", was, got, err)
		}
	})
}

func FuzzTask(f *testing.F) {
	roundTrip(f, TaskCodec(), Task{1, 2, 3})
}

func FuzzOutcome(f *testing.F) {
	roundTrip(f, OutcomeCodec(), Outcome{1, 2})
}

func FuzzTimed(f *testing.F) {
	roundTrip(f, TimedCodec(), Timed{Outcome{1, 2}, 3})
}

func FuzzFolderTask(f *testing.F) {
	roundTrip(f, folderCodec(), FolderTask{Task{1, 2, 3}, "/tmp"})
}

// TestTurns checks that the value for a task does not depend on the order of calls, and that a job
// has only a few different values if they are large.
func TestTurns(t *testing.T) {
	data := Turns(Distinct(40<<20), func(k int) *int { return &k })
	if data(0) != data(7) || Distinct(40<<20) != 1 {
		t.Error("tasks with large values do not share them")
	}
	many := func() func(int) int { return Turns(Distinct(100), func(k int) int { return k * k }) }
	if inOrder, at := many(), many(); inOrder(0) != 0 || inOrder(3) != 9 || at(3) != 9 {
		t.Error("the value of task 3 depends on an earlier call for task 0")
	}
	if n := Distinct(0); n < 1<<20 {
		t.Errorf("got %d different values of size 0, want at least 1048576", n)
	}
}
