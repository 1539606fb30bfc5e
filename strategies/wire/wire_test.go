package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/strategies/work"
)

func appendOutput(b []byte, number uint32, payload string) []byte {
	at := len(b)
	b = append(append(b, make([]byte, HeaderLen)...), payload...)
	Header{Len: uint32(len(payload)), Kind: KindOutputs, Number: number}.Put(b[at:])
	return b
}

func FuzzHandshake(f *testing.F) {
	f.Add(AppendHello(nil, Hello{Side: Here(), Depth: 1})[HeaderLen:])
	f.Add(AppendReady(nil, Ready{Side: Here(), PID: 7, Kernels: []string{"a", ""}})[HeaderLen:])
	f.Fuzz(func(t *testing.T, p []byte) {
		ParseHello(p)
		if r, err := ParseReady(p); err == nil && r.Side.Protocol == Protocol {
			again, err := ParseReady(AppendReady(nil, r)[HeaderLen:])
			if err != nil || again.Side != r.Side || again.PID != r.PID || len(again.Kernels) != len(r.Kernels) {
				t.Errorf("%+v became %+v, %v", r, again, err)
			}
		}
		ParseError("k", p)
		for rest, ok := p, true; ok; {
			_, rest, ok = NextTask(rest)
		}
	})
}

func TestVersions(t *testing.T) {
	a, b := Side{Protocol: 1, Version: "v1"}, Side{Protocol: 1, Version: "v2"}
	var e *VersionError
	if err := Compare(a, b); !errors.As(err, &e) || !strings.Contains(err.Error(), "v1") || !strings.Contains(err.Error(), "v2") {
		t.Errorf("other version of payoff: got error %v, want a VersionError with both", err)
	}
	if err := Compare(a, Side{Protocol: 2}); !errors.As(err, &e) {
		t.Errorf("other protocol: got error %v, want a VersionError", err)
	}
	if err := errors.Join(Compare(a, a), Compare(a, Side{Protocol: 1})); err != nil {
		t.Error(err)
	}
	if r, err := ParseReady(AppendReady(nil, Ready{Side: Side{Protocol: 9}})[HeaderLen:]); err != nil || r.Side.Protocol != 9 {
		t.Errorf("Ready frame of protocol 9: got %+v and error %v", r, err)
	}
}

// A panics is an error whose method Is panics.
type panics struct{}

func (panics) Error() string { return "panics" }
func (panics) Is(error) bool { panic("not comparable") }

func TestErrors(t *testing.T) {
	tests := []struct{ err, want error }{
		{errors.New("e"), &work.RemoteError{Type: "*errors.errorString", Message: "e"}},
		{work.ErrGoexit, work.ErrGoexit},
		{&work.PanicError{Value: 7, Stack: []byte("at")}, &work.PanicError{Value: "7", Stack: []byte("at")}},
		{
			&work.CodecError{Kernel: "k", Step: "decode input", Err: errors.New("e")},
			&work.CodecError{Kernel: "k", Step: "decode input", Err: &work.RemoteError{Type: "*errors.errorString", Message: "e"}},
		},
		{(*work.OptionError)(nil), &work.RemoteError{Type: "*work.OptionError", Message: "(its Error method panicked: runtime.errorString)"}},
	}
	for _, test := range tests {
		got, err := ParseError("k", AppendError(nil, test.err, nil))
		if err != nil {
			t.Errorf("%T: got error %v of ParseError", test.err, err)
			continue
		}
		if got.Error() != test.want.Error() && !strings.Contains(got.Error(), "its Error method panicked") {
			t.Errorf("%T: got %v from the worker, want %v", test.err, got, test.want)
		}
	}
	declared := []error{io.EOF, io.ErrNoProgress, io.ErrUnexpectedEOF}
	for _, test := range []struct {
		err  error
		want int
	}{
		{fmt.Errorf("e: %w", io.ErrNoProgress), 2}, {errors.Join(io.ErrUnexpectedEOF, io.EOF), 1}, {errors.New("EOF"), 0}, {panics{}, 0},
	} {
		got, err := ParseError("k", AppendError(nil, test.err, declared))
		if remote, ok := got.(*work.RemoteError); err != nil || !ok || remote.Declared != test.want {
			t.Errorf("%v: got %#v and error %v, want declared error %d", test.err, got, err, test.want)
		}
	}
	long := AppendError(nil, errors.New(strings.Repeat("ä", 1<<20)), nil)
	if len(long) > 2*maxText {
		t.Errorf("got %d bytes for an error with a long message, want at most %d", len(long), 2*maxText)
	}
}

func TestPage(t *testing.T) {
	parent, fd, memory, err := CreatePage()
	if err != nil {
		t.Fatal(err)
	}
	worker, memory2, err := OpenPage(fd)
	if err != nil {
		t.Fatal(err)
	}
	defer ReleasePage(memory)
	defer ReleasePage(memory2)
	s, ok := worker.Claim(worker.State(), 10)
	if want := (PageState{Started: 1, Filled: 10}); !ok || s != want || parent.State() != want {
		t.Errorf("claim: got state %+v and %v", s, ok)
	}
	parent.Recall()
	s, ok = worker.Claim(s, 20)
	if want := (PageState{Epoch: 1, Started: 1, Filled: 10}); ok || s != want {
		t.Errorf("claim after a recall: got state %+v and %v", s, ok)
	}
	if s, ok = worker.Claim(s, 20); !ok || s != (PageState{Epoch: 1, Started: 2, Filled: 20}) {
		t.Errorf("claim in the new epoch: got state %+v and %v", s, ok)
	}
	copy(worker.Buffer, "result")
	if s := worker.Publish(6); s.Filled != 6 || !bytes.Equal(parent.Buffer[:s.Filled], []byte("result")) {
		t.Errorf("after Publish: got state %+v and the bytes %q", s, parent.Buffer[:6])
	}
}

// TestResults reads a frame to which the worker still adds outputs. The parent must get exactly the
// outcomes that the worker has published.
func TestResults(t *testing.T) {
	page, err := NewPage(make([]byte, PageSize))
	if err != nil {
		t.Fatal(err)
	}
	b := appendOutput(nil, 7, "\x01\x00\x00\x00a\x02\x00\x00\x00bc")
	open := len(b)
	b = appendOutput(b, 9, "\x01\x00\x00\x00d\x01\x00\x00\x00e")
	cut := len(b) - 5
	for _, size := range []uint32{OpenLen, 10} { // of the last frame: still growing, completed meanwhile
		copy(page.Buffer, b)
		page.Buffer[open] = byte(size)
		var d Decoder
		d.Wrote(copy(d.Space(), page.Results(PageState{Filled: cut})))
		var got []string
		for ok, err := d.Next(); ok; ok, err = d.Next() {
			n, whole := CountTasks(d.Payload)
			if err != nil || !whole {
				t.Fatal(n, whole, err)
			}
			for rest := d.Payload; n > 0; n-- {
				var one []byte
				one, rest, _ = NextTask(rest)
				got = append(got, string(one))
			}
		}
		if strings.Join(got, " ") != "a bc d" {
			t.Errorf("%q", got)
		}
	}
	page.Results(PageState{Filled: BufferSize}) // garbage behind it
}

// FuzzCountTasks checks that CountTasks and NextTask find the same number of tasks in any bytes.
func FuzzCountTasks(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00a\x00\x00\x00\x00"))
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, p []byte) {
		want, rest, ok := 0, p, true
		for len(rest) > 0 && ok {
			if _, rest, ok = NextTask(rest); ok {
				want++
			}
		}
		if n, whole := CountTasks(p); n != want || whole != ok {
			t.Errorf("got %d tasks and %v from CountTasks, want %d and %v, as from NextTask", n, whole, want, ok)
		}
	})
}

// TestAppendOutcome checks that the error of a task keeps its type and fields when a program passes
// it on.
func TestAppendOutcome(t *testing.T) {
	for _, want := range []error{
		&work.RemoteError{Type: "t", Message: "m", Stack: []byte("s"), Declared: 2},
		&work.RemoteError{Type: "t", Message: "m", Err: work.ErrClosed},
		&work.CodecError{Kernel: "k", Step: "decode input", Err: &work.RemoteError{Type: "t", Message: "m"}},
		&work.LostError{Cause: "killed", ExitCode: -1, Signal: 9, Stderr: "last words"},
		&work.TimeoutError{Limit: 1500},
		work.ErrGoexit,
		ErrCancelled,
	} {
		got, err := ParseError("k", AppendOutcome(nil, want))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%#v became %#v, %v", want, got, err)
		}
	}
}
