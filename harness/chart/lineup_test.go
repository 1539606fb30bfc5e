package chart_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
)

// TestPayloadCharts checks the charts of several workloads with the same payloads: each workload
// has its own charts, and one more chart shows all workloads. A chart of strategies by payload
// names the setting in which its cells differ.
func TestPayloadCharts(t *testing.T) {
	var samples []harness.Sample
	for round := range 6 {
		for w, name := range []string{"send", "file", "mapped"} {
			for p, payload := range []int{64, 4096, 65_536} {
				for i, who := range []harness.Cell{{Strategy: harness.Direct}, {Strategy: "procs"}, {Strategy: "procs", Transport: "shm"}} {
					c := harness.Cell{Task: harness.Task{Workload: name, Payload: payload}, Cores: 2, Workers: 2, Chunk: "1", Order: harness.MapOrder, Strategy: who.Strategy, Transport: who.Transport}
					if i == 0 {
						c.Workers = 1
					}
					ns := float64(payload*(1+i)*(1+w)) * (1 + 0.01*float64(round))
					samples = append(samples, harness.Sample{Cell: c, Round: round, Block: 3*w + p, Values: map[string]float64{harness.UnitTask: ns, harness.UnitTasks: 100}})
				}
			}
		}
	}
	want := map[string]string{
		"decision-file-2-cores-by-payload-and-transport":   "64 KiB",
		"decision-mapped-2-cores-by-payload-and-transport": "the plain loop",
		"decision-send-2-cores-by-payload-and-transport":   "procs (shm, chunk 1)",
		"payload-send-2-cores-by-transport":                "procs (pipe, chunk 1)",
		"payload-file-2-cores-by-transport":                "payload per second",
		"payload-mapped-2-cores-by-transport":              "(mapped on 2 cores, by transport)",
		"payload-side-by-side-2-cores-1":                   "procs (shm, chunk 1)",
	}
	for _, c := range charts(samples) {
		var b bytes.Buffer
		if err := c.SVG(&b); err != nil {
			t.Error(err)
		}
		if text, ok := want[c.Name]; !ok || !strings.Contains(b.String(), text) {
			t.Errorf("%s does not contain %q", c.Name, text)
		}
		delete(want, c.Name)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}
