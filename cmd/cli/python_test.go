package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

func TestPythonCode(t *testing.T) {
	const pool = "multiprocessing.Pool({workers}).map(f, inputs, chunksize={chunk})"
	for _, c := range []struct{ strategy, chunk, function, code, want string }{
		{"py-pool-map", "16", "work:parse", pool, "import multiprocessing|from work import parse as f|if __name__ == \"__main__\":|    outputs = list(multiprocessing.Pool(2).map(f, inputs, chunksize=16))"},
		{"py-pool-map", "auto", "a.b:C.d", pool, "import multiprocessing|from a.b import C|f = C.d|if __name__ == \"__main__\":|    outputs = list(multiprocessing.Pool(2).map(f, inputs))"},
		{harness.Direct, "1", "work:parse", "", "from work import parse as f|if __name__ == \"__main__\":|    outputs = list([f(x) for x in inputs])"},
		{"procs", "auto", "work:parse", "procs.New(…)", ""},
	} {
		cell := harness.Cell{Strategy: c.strategy, Chunk: harness.Chunk(c.chunk), Workers: 2}
		if got := strings.Join(pythonCode(cell, c.function, c.code), "|"); got != c.want {
			t.Errorf("%s, chunk %s: %s\nwant %s", c.strategy, c.chunk, got, c.want)
		}
	}
}

// TestPythonWithoutPools checks that a program without the strategies of Python says so.
func TestPythonWithoutPools(t *testing.T) {
	var stderr bytes.Buffer
	status := Main([]string{"run", "--python", "work:parse", "--inputs", "lines.txt"}, &stderr, &stderr, Program{Strategies: catalog.Goroutines()})
	if want := "--python: this program has no strategy py-serial; "; status != Misused || !strings.Contains(stderr.String(), want) {
		t.Errorf("status %d, %s\n%q was expected", status, &stderr, want)
	}
}
