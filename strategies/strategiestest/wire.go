package strategiestest

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
)

// wireRules are about the bytes between a program and its worker processes.
var wireRules = []rule{
	{"codecs", `An input or an output that cannot be encoded or decoded, by error or by panic,
on either side, fails that task alone.`, processes, codecs},
	{"printing", `What a task prints to standard output never reaches the data path.`, processes, printing},
	{"payloads", `Payloads of 100 MB pass in both directions at once on all workers.`, processes, payloads},
}

func codecs(t *testCase) {
	const workers, n = 2, 10
	ex := t.executor(workers)
	steps := map[deed]string{
		doEncodeInput: "encode input", doDecodeInput: "decode input", doEncodeOutput: "encode output", doDecodeOutput: "decode output",
	}
	for do, step := range steps {
		for _, by := range []deed{"", byPanic} {
			for _, size := range []int{1, 7} {
				acts := plain(n)
				acts[3].Do, acts[8].Do = do+by, do+by
				for i, o := range t.results(ex, acts, chunked(size)) {
					what := fmt.Sprintf("chunk %d, tasks that should %s", size, do+by)
					e, ok := errors.AsType[*strategies.CodecError](o.err)
					switch {
					case acts[i].Do == "":
						t.succeeded(what, i, o)
					case !ok:
						t.Errorf("%s: task %d: %s", what, i, o)
					default:
						want(t, what+": step", e.Step, step)
					}
				}
			}
		}
	}
	t.healthy(ex, workers)
}

func printing(t *testCase) {
	ex := t.executor(2)
	acts := plain(20)
	for i := 0; i < len(acts); i += 2 {
		acts[i].Do = doPrint
	}
	t.allSucceed(ex, acts, chunked(3), asMap)
}

func payloads(t *testCase) {
	const workers = 2
	size := 100_000_000
	if t.turn >= 0 {
		size /= 10 // more than any buffer holds too
	}
	ex := t.executor(workers)
	in := make([][]byte, workers)
	for i := range in {
		page := make([]byte, 4096)
		for j := range page {
			page[j] = byte(i + j)
		}
		in[i] = bytes.Repeat(page, size/len(page)+1)[:size]
	}
	out, err := bytesKernel.Map(background, ex, in, strategies.Options{})
	t.ok(err)
	for i, b := range out {
		for j := 0; j < len(b); j += byteStep {
			b[j]--
		}
		if !bytes.Equal(b, in[i]) {
			t.Errorf("output %d is wrong, with %d bytes", i, len(b))
		}
	}
}
