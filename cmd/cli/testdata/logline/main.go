// Command mine is payoff with a kernel that parses lines of a web server's log.
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
	kernel := strategies.Kernel[string, int64]{Name: "logline", Func: sent, In: raw.Text(), Out: raw.One[int64]()}
	cli.Own(cli.Program{Workloads: []workloads.Workload{
		workloads.Of("returns the bytes that a line of a web server's log says were sent", kernel, line),
	}})
}

// line returns the input of task i.
func line(i int) string {
	return fmt.Sprintf(`10.0.%d.7 - - [30/Nov/2026:10:00:00 +0000] "GET /item/%d HTTP/1.1" 200 %d "-" "curl/8.5"`, i%256, i, 512+i%9000)
}

// sent is the kernel: the work of a task.
func sent(_ context.Context, line string) (int64, error) {
	_, rest, ok := strings.Cut(line, `" `)
	fields := strings.Fields(rest)
	if !ok || len(fields) < 2 || fields[0] != "200" {
		return 0, nil
	}
	return strconv.ParseInt(fields[1], 10, 64)
}
