package peers_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/strategies/peers"
)

var update = flag.Bool("update", false, "write the tables of README.md again")

func TestReadme(t *testing.T) {
	const begin, end = "<!-- tables -->\n", "<!-- /tables -->\n"
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(page), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("README.md has no place for the tables")
	}
	want := head + begin + "\n" + peers.Markdown(peers.Libraries()) + "\n" + end + tail
	if want == string(page) {
		return
	}
	if !*update {
		t.Fatal("README.md differs from the data; run go test ./strategies/peers -update to write it again")
	}
	if err := os.WriteFile("README.md", []byte(want), 0o666); err != nil {
		t.Fatal(err)
	}
}
