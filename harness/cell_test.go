package harness

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/payoff-bench/payoff/strategies/chunk"
)

func TestNamesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 1<<40)
		c := Cell{
			Transport: rapid.SampledFrom([]string{"", "shm"}).Draw(t, "transport"),
			Start:     rapid.SampledFrom([]string{"", "standby"}).Draw(t, "start"),
			Codec:     rapid.SampledFrom([]string{"", "cbor"}).Draw(t, "codec"),
			Prefetch:  n.Draw(t, "prefetch"), Ahead: n.Draw(t, "ahead"),

			Task:     Task{Spread: rapid.SampledFrom([]string{"", "lognormal", "last"}).Draw(t, "spread"), Workload: rapid.StringMatching(`[a-z][a-z0-9]*`).Draw(t, "workload"), Grain: n.Draw(t, "grain"), Payload: n.Draw(t, "payload")},
			Strategy: rapid.StringMatching(`[a-z][a-z0-9]*`).Draw(t, "strategy"),
			Order:    rapid.SampledFrom([]string{MapOrder, InputOrder, CompletionOrder, SingleOrder}).Draw(t, "order"), Cores: n.Draw(t, "cores"),
			Workers: n.Draw(t, "workers"), Chunk: someChunk(t), Window: n.Draw(t, "window"),
		}
		for _, tail := range []string{"", "-2", "-128"} {
			if got, twin, err := ParseName(c.Name() + tail); got != c || twin || err != nil {
				t.Fatalf("%+v came back as %+v, %t, %v", c, got, twin, err)
			}
			if got, twin, err := ParseName(c.TwinName() + tail); got != c || !twin || err != nil {
				t.Fatalf("twin of %+v came back as %+v, %t, %v", c, got, twin, err)
			}
		}
	})
}

func someChunk(t *rapid.T) Chunk {
	if p := rapid.SampledFrom(append(chunk.All(), nil)).Draw(t, "policy"); p != nil {
		return Chunk(p.String())
	}
	return FixedChunk(rapid.IntRange(1, 1<<40).Draw(t, "chunk"))
}

func TestChunkOrder(t *testing.T) {
	want := []Chunk{"1", "2", "16", "100", "static", "guided", "factoring", "auto", "quarters", "slices"}
	got := slices.Clone(want)
	slices.Reverse(got)
	if slices.SortFunc(got, Chunk.Compare); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

// TestNamesOmitPlainSpread checks that the names of cells without a spread omit the key. Recorded
// runs of early versions, which had no spreads, have such names.
func TestNamesOmitPlainSpread(t *testing.T) {
	c := Cell{Task: Task{Workload: "spin", Grain: 1000}, Strategy: "pool", Chunk: "auto", Order: MapOrder, Workers: 2, Cores: 2}
	const old = "Job/workload=spin/grain=1000/payload=0/strategy=pool/chunk=auto/order=map/window=0/workers=2/cores=2"
	if c.Name() != old {
		t.Error(c.Name())
	}
	if got, _, err := ParseName(strings.Replace(old, "/strategy", "/spread=none/strategy", 1)); got != c || err != nil {
		t.Errorf("got %v, error %v", got, err)
	}
	c.Spread = "last"
	if want := strings.Replace(old, "/strategy", "/spread=last/strategy", 1); c.Name() != want {
		t.Error(c.Name())
	}
}

func TestConstantChunks(t *testing.T) {
	for c, want := range map[Chunk]int{"7": 7, "static": 500, "quarters": 125, "slices": 8, "guided": 0, "auto": 0, "factoring": 0, "": 0} {
		if got := c.Constant(1000, 2); got != want {
			t.Errorf("%s: %d, want %d", c, got, want)
		}
	}
}

// TestNamesOmitPlainSettings checks that names omit the settings pipe and exec, which most cells
// have.
func TestNamesOmitPlainSettings(t *testing.T) {
	c := Cell{Task: Task{Workload: "spin", Grain: 1000}, Strategy: "procs", Chunk: "auto", Order: MapOrder, Workers: 2, Cores: 2}
	old := c.Name()
	c.Transport, c.Start = "shm", "standby"
	if want := strings.Replace(old, "/chunk", "/transport=shm/start=standby/chunk", 1); c.Name() != want {
		t.Error(c.Name())
	}
	c.Transport, c.Start, c.Recycle, c.Memory, c.Shape = "", "", 64, 4096, "kill10+setup5"
	if want := strings.Replace(strings.Replace(old, "/chunk", "/recycle=64/chunk", 1), "/strategy", "/memory=4096/shape=kill10+setup5/strategy", 1); c.Name() != want {
		t.Error(c.Name())
	}
	if got, _, err := ParseName(c.Name()); got != c || err != nil {
		t.Errorf("got %v, error %v", got, err)
	}
	c.Recycle, c.Memory, c.Shape = 0, 0, ""
	if got, _, err := ParseName(strings.Replace(old, "/chunk", "/transport=pipe/start=exec/chunk", 1)); got != c || err != nil {
		t.Errorf("got %v, error %v", got, err)
	}
}

func TestParseNameErrors(t *testing.T) {
	for name, want := range map[string]string{
		"Fib/n=3":                   "neither Job/ nor Twin/",
		"Job/workload":              "not key=value",
		"Job/grain=ten":             "not a number",
		"Job/chunk=some":            `chunk "some": must be a number of at least 1, or one of`,
		"Job/chunk=0":               `chunk "0"`,
		"Job/workload=a/workload=b": `key "workload" occurs twice`,
		"Job/size=3":                `unknown key "size"`,
		"Twin/of-size=3":            `unknown key "size"`,
		"Job/workload=a/-2":         "not key=value",
	} {
		if _, _, err := ParseName(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}
