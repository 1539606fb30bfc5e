package harness

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/payoff-bench/payoff/strategies"
)

func TestNamesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 1<<40)
		c := Cell{
			Workload: rapid.StringMatching(`[a-z][a-z0-9]*`).Draw(t, "workload"),
			Strategy: rapid.StringMatching(`[a-z][a-z0-9]*`).Draw(t, "strategy"),
			Order:    rapid.SampledFrom([]string{MapOrder, InputOrder, CompletionOrder}).Draw(t, "order"),
			Grain:    n.Draw(t, "grain"), Payload: n.Draw(t, "payload"), Cores: n.Draw(t, "cores"),
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
	if p := rapid.SampledFrom(append(strategies.Chunks(), nil)).Draw(t, "policy"); p != nil {
		return Chunk(p.String())
	}
	return FixedChunk(rapid.IntRange(1, 1<<40).Draw(t, "chunk"))
}

func TestChunksInOrder(t *testing.T) {
	want := []Chunk{"1", "2", "16", "100", "static", "guided", "factoring", "auto", "quarters", "slices"}
	got := slices.Clone(want)
	slices.Reverse(got)
	if slices.SortFunc(got, Chunk.Compare); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestParseNameErrors(t *testing.T) {
	for name, want := range map[string]string{
		"Fib/n=3":           "neither Job/ nor Twin/",
		"Job/workload":      "not key=value",
		"Job/grain=ten":     "not a number",
		"Job/chunk=some":    `chunk "some": not a number from 1 up, nor one of`,
		"Job/chunk=0":       `chunk "0"`,
		"Job/size=3":        `unknown key "size"`,
		"Twin/of-size=3":    `unknown key "size"`,
		"Job/workload=a/-2": "not key=value",
	} {
		if _, _, err := ParseName(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
