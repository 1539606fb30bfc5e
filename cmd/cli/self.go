package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness/format"
)

// self returns the name by which the user can call this program again: without its folder if the
// shell finds it without, otherwise as the user wrote it.
func self() string {
	name := os.Args[0]
	short := filepath.Base(name)
	if found, err := exec.LookPath(short); err == nil && sameFile(found, name) {
		return short
	}
	return name
}

// sameFile reports whether two paths exist and name the same file.
func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// command returns a command of this program for copying, quoted for a shell.
func command(words ...string) string {
	return format.Command(append([]string{self()}, words...)...)
}

// mentions match commands in fixed texts, such as "payoff help".
var mentions = regexp.MustCompile(`(^|[\s(:;,"])payoff (run|report|compare|check|why|advise|ab|profile|doctor|list|grains|help|completion|version|launch|serve)\b`)

// named returns a text with the given name of this program in the commands that the text mentions.
func named(text, name string) string {
	return mentions.ReplaceAllStringFunc(text, func(found string) string {
		m := mentions.FindStringSubmatch(found)
		return m[1] + format.Quoted(name) + " " + m[2]
	})
}

// rename gives the help of c and its subcommands the name of this program.
func rename(c *cobra.Command) {
	name := filepath.Base(self())
	c.Long, c.Short, c.Example = named(c.Long, name), named(c.Short, name), named(c.Example, name)
	for _, sub := range c.Commands() {
		rename(sub)
	}
}
