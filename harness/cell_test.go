package harness

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestNamesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 1<<40)
		c := Cell{
			Workload: rapid.StringMatching(`[a-z][a-z0-9]*`).Draw(t, "workload"),
			Strategy: rapid.StringMatching(`[a-z][a-z0-9]*`).Draw(t, "strategy"),
			Order:    rapid.SampledFrom([]string{MapOrder, InputOrder, CompletionOrder}).Draw(t, "order"),
			Grain:    n.Draw(t, "grain"), Payload: n.Draw(t, "payload"), Cores: n.Draw(t, "cores"),
			Workers: n.Draw(t, "workers"), Chunk: n.Draw(t, "chunk"), Window: n.Draw(t, "window"),
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

func TestParseNameErrors(t *testing.T) {
	for name, want := range map[string]string{
		"Fib/n=3":           "neither Job/ nor Twin/",
		"Job/workload":      "not key=value",
		"Job/grain=ten":     "not a number",
		"Job/size=3":        `unknown key "size"`,
		"Twin/of-size=3":    `unknown key "size"`,
		"Job/workload=a/-2": "not key=value",
	} {
		if _, _, err := ParseName(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
