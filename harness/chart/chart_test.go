package chart_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
	"github.com/payoff-bench/payoff/harness/chart"
)

var info = harness.Info{
	Machine: harness.Machine{CPU: "AMD EPYC 7B13", Cores: 2, GOOS: "linux", GOARCH: "amd64"},
	Go:      "go1.26.0", Started: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC),
}

func samples(workload string, cores, grains []int, rounds int, noise float64) []harness.Sample {
	r := analyzetest.Quick
	r.Workload, r.Cores, r.Grains, r.Rounds, r.Noise = workload, cores, grains, rounds, noise
	return r.Samples()
}

var grains = analyzetest.Quick.Grains

var keep = flag.String("keep", "", "write the charts to this `folder`")

func charts(s []harness.Sample) []chart.Chart {
	return chart.All(analyze.New(info, s, analyze.Settings{Waits: func(w string) bool { return w == "sleep" }}))
}

func TestChartsOfARun(t *testing.T) {
	dir := *keep
	for _, c := range slices.Concat(charts(samples("spin", []int{1, 2}, grains, 6, 0.02)), charts(samples("sleep", []int{1, 2, 8}, grains[2:], 6, 0.02)), charts(analyzetest.Bathtub.Samples()), charts(analyzetest.Orders(6, 0.02)), charts(analyzetest.Isolations(6, 0.02))) {
		var svg, raster bytes.Buffer
		if err := errors.Join(c.SVG(&svg), c.PNG(&raster)); err != nil {
			t.Fatal(err)
		}
		if dir != "" {
			err := errors.Join(os.WriteFile(filepath.Join(dir, c.Name+".svg"), svg.Bytes(), 0o666), os.WriteFile(filepath.Join(dir, c.Name+".png"), raster.Bytes(), 0o666))
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := png.Decode(&raster); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		text := svg.String()
		for d := xml.NewDecoder(&svg); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", c.Name, err)
			}
		}
		if len(text) > 200_000 || strings.Contains(text, "Liberation") || !strings.Contains(text, "sans-serif") {
			t.Errorf("%s: %d bytes of SVG, or a font that is embedded or not generic", c.Name, len(text))
		}
		for _, s := range []string{"n = 6", "EPYC", "95 %", c.Question[:20]} {
			if !strings.Contains(text, s) {
				t.Errorf("%s: %q is not in the chart", c.Name, s)
			}
		}
	}
}

func TestWhichCharts(t *testing.T) {
	spin := samples("spin", []int{1, 2}, grains, 3, 0.01)
	tub := analyzetest.Bathtub.Samples()
	fixed := slices.DeleteFunc(slices.Clone(tub), func(s harness.Sample) bool { return s.Cell.Chunk.Fixed() == 0 })
	levels := samples("sleep", []int{2}, grains[:1], 3, 0.01)
	for _, s := range levels {
		if s.Cell.Strategy == "pool" && !s.Twin {
			s.Cell.Workers = 8
			levels = append(levels, s)
		}
	}
	for _, c := range []struct {
		name    string
		samples []harness.Sample
		want    string
	}{
		{"all", spin, "decision-spin-2-cores crossover-spin-2-cores efficiency-spin-2-cores speedup-spin metg-spin"},
		{"one core count", samples("spin", []int{2}, grains, 3, 0.01), "decision-spin-2-cores crossover-spin-2-cores efficiency-spin-2-cores"},
		{"one grain", samples("spin", []int{1, 2}, grains[:1], 3, 0.01), "speedup-spin"},
		{"waiting", samples("sleep", []int{1, 2}, grains, 3, 0.01), "decision-sleep-2-cores crossover-sleep-2-cores speedup-sleep"},
		{"numbers of workers", levels, "throughput-sleep-100-ns-2-cores"},
		{"chunks", tub, "decision-tasks chunk-spin-pool-2-cores regret-spin-2-cores"},
		{"numbers alone", fixed, "decision-tasks chunk-spin-pool-2-cores regret-spin-2-cores"},
		{"orders", analyzetest.Orders(3, 0.01), "decision-tasks order-spin-pool-chunk-1-10000-ns-2-cores"},
		{"isolation", analyzetest.Isolations(3, 0.01), "decision-tasks memory-2-cores"},
		{"nothing", nil, ""},
		{"one launch", spin[:1], ""},
	} {
		var names []string
		for _, c := range charts(c.samples) {
			names = append(names, c.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestChartsOfAnything checks that charts of a killed run and of absurd values are drawn without a
// panic.
func TestChartsOfAnything(t *testing.T) {
	all := samples("spin", []int{1, 2}, grains, 6, 0.02)
	wild := samples("spin", []int{1, 2}, grains, 2, 6)
	tub := analyzetest.Bathtub
	tub.Noise = 6
	for name, some := range map[string][]harness.Sample{"a round": all[:60], "a part": all[:17], "wild": wild, "holes": append(all[3:9:9], all[40:77]...), "wild chunks": tub.Samples(), "a chunk": tub.Samples()[:9], "wild orders": analyzetest.Orders(2, 6), "few orders": analyzetest.Orders(1, 0)[:4], "wild memory": analyzetest.Isolations(2, 6), "little memory": analyzetest.Isolations(1, 0)[:2]} {
		for _, c := range charts(some) {
			if err := c.SVG(io.Discard); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestMemoryThatIsAbsent checks that the memory chart gives the reason if the memory could not be
// read.
func TestMemoryThatIsAbsent(t *testing.T) {
	without := analyzetest.Isolations(6, 0.02)
	for _, s := range without {
		delete(s.Values, harness.UnitPSS)
	}
	info := info
	info.Absent = map[string]string{harness.UnitPSS: "smaps_rollup: not permitted"}
	all := chart.All(analyze.New(info, without, analyze.Settings{}))
	all = slices.DeleteFunc(all, func(c chart.Chart) bool { return c.Kind != "memory" })
	var svg bytes.Buffer
	if len(all) != 1 || all[0].Name != "memory" || all[0].SVG(&svg) != nil || !strings.Contains(svg.String(), "not permitted") {
		t.Errorf("%d charts: %s", len(all), svg.String())
	}
}
