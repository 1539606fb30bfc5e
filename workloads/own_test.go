package workloads

import (
	"context"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// A kernel as it is becomes a workload, in process and by bytes.
func TestOf(t *testing.T) {
	number := strategies.Codec[uint64]{
		Append: func(dst []byte, v uint64) ([]byte, error) { return binary.LittleEndian.AppendUint64(dst, v), nil },
		Decode: func(src []byte) (uint64, error) { return binary.LittleEndian.Uint64(src), nil },
	}
	k := strategies.Kernel[uint64, uint64]{
		Name: "square", In: number, Out: number,
		Func: func(_ context.Context, x uint64) (uint64, error) { return x * x, nil },
	}
	w := Of("squares", k, func(i int) uint64 { return uint64(i) })
	l := prepare(t, w, Params{}, 100)
	want := digest(t, l, l.Direct(t.Context()))
	ex, err := catalog.Named("pool").New(t.Context(), catalog.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer ex.Close()
	o := strategies.Options{Order: strategies.CompletionOrder}
	if got := digest(t, l, l.Stream(t.Context(), ex, o)); got != want {
		t.Errorf("digest %x, direct %x", got, want)
	}
	src := []byte{7, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0}
	if got, err := w.Kernel.Call(t.Context(), nil, src); err != nil || !slices.Equal(got, []byte{7, 0, 0, 0, 81, 0, 0, 0, 0, 0, 0, 0}) {
		t.Errorf("called: %v, %v", got, err)
	}
	if _, err := w.Kernel.Call(t.Context(), nil, src[:3]); err == nil {
		t.Error("an input without number: no error")
	}
	k.Out.Append = nil
	if _, err := Of("squares", k, func(i int) uint64 { return 0 }).New(Params{}); err == nil {
		t.Error("no codec: no error")
	}
	if _, err := w.New(Params{Grain: 1}); err == nil {
		t.Error("a grain: no error")
	}
}

func TestSplitCommand(t *testing.T) {
	for command, want := range map[string]string{
		"wc -c {}":              "wc|-c|{}",
		"  wc\t'a  b' x={} ":    "wc|a  b|x={}",
		`sh -c 'a | b "$0"' {}`: `sh|-c|a | b "$0"|{}`,
		`a "" '' "it's" {}`:     "a|||it's|{}",
		`a"b c"d {}`:            "ab cd|{}",
	} {
		if got, err := SplitCommand(command); err != nil || strings.Join(got, "|") != want {
			t.Errorf("%s: %q, %v", command, got, err)
		}
	}
	for command, want := range map[string]string{
		"":                                      "no command",
		"'' {}":                                 "no command",
		"wc":                                    "has no {}",
		"{} x":                                  "the program itself cannot be the input",
		"wc {} > x":                             "means something to a shell",
		"wc $HOME {}":                           "means something to a shell",
		`wc a\ b {}`:                            "means something to a shell",
		"wc '{}":                                "never closed",
		"a \x00 {}":                             "zero byte",
		strings.Repeat("a", MaxProgram) + " {}": "must be at most",
	} {
		if got, err := SplitCommand(command); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20s: %q, %v, want %q", command, got, err, want)
		}
	}
}

func TestReadInputs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "inputs")
	for text, want := range map[string]string{
		"a\nb c\n": "a|b c", "a": "a", "a\n\n": ":2: the line is empty", "\na": ":1: the line is empty", "a\n \nb": ":2: the line is empty",
		"": "is empty", "a\x00": "zero byte", strings.Repeat("a", MaxLine+1): "an input may have", "a\nb\r\n": ":2: the line ends in a carriage return",
		"\r\n": ":1: the line is empty", "\uFEFFa\n": ":1: the file begins with a byte order mark", "a\uFEFF\n": "a\uFEFF", " a \n": " a ",
		"a\n" + strings.Repeat("a", MaxLine) + "\nb": ":2: with this line an argument has 131076 bytes; it may have 131071",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := ReadInputs([]string{"x", "{}", "[{} {}]-"}, path)
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && strings.Join(got, "|") != want {
			t.Errorf("%.20q: %q, %v", text, got, err)
		}
	}
	for _, path := range []string{"", "none", t.TempDir()} {
		if _, err := ReadInputs([]string{"x", "{}"}, path); err == nil {
			t.Errorf("%q: no error", path)
		}
	}
}

// A call is the same over bytes, and a program that goes wrong is a ProgramError.
func TestCommand(t *testing.T) {
	inputs := filepath.Join(t.TempDir(), "inputs")
	if err := os.WriteFile(inputs, []byte("a\nb\nc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := prepare(t, Command(), Params{Program: []string{"/bin/echo", "<{}>"}, Inputs: inputs}, 5)
	want := digest(t, l, l.Direct(t.Context()))
	if got := digest(t, l, l.Direct(t.Context())); got != want {
		t.Errorf("digests %x and %x", want, got)
	}
	in := l.(*Typed[Call, Outcome]).in[4]
	src, _ := appendCall(nil, in)
	if got, err := decodeCall(src); err != nil || got.Index != 4 || !slices.Equal(got.Args, []string{"/bin/echo", "<b>"}) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := decodeCall(nil); err == nil {
		t.Error("no bytes: no error")
	}
	for script, want := range map[string]string{
		"echo no >&2; exit 3": "exit status 3: no",
		"kill -9 $$":          "signal: killed",
	} {
		if _, err := call(t.Context(), Call{0, []string{"/bin/sh", "-c", script}}); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v", script, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := call(ctx, in); err == nil {
		t.Error("cancelled: no error")
	}
}
