// Command mine is payoff with a kernel of its own, which parses lines of a log.
package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/cmd/cli"
	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

func main() {
	kernel := strategies.Kernel[string, int]{Name: "logline", Func: sent, In: raw.Text(), Out: raw.One[int]()}
	parse := workloads.Of("returns the bytes sent according to a line of a log", kernel, line)
	cli.Own(cli.Program{Workloads: []workloads.Workload{parse}})
}

// line returns the input of task i.
func line(i int) string {
	return fmt.Sprintf(`10.0.0.%d - - [30/Nov/2026:10:00:00 +0000] "GET /%d HTTP/1.1" 200 %d`, i%256, i, i%9000)
}

// sent is the kernel: the function that payoff measures.
func sent(_ context.Context, line string) (int, error) {
	_, rest, _ := strings.Cut(line, `" `)
	status, bytes, ok := strings.Cut(rest, " ")
	if !ok || status != "200" {
		return 0, nil
	}
	return strconv.Atoi(bytes)
}
