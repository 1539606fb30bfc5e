package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness/format"
)

// self returns the name with which the user can run this program again. It is the file name if the
// shell finds this program in PATH, and otherwise the path that the user wrote.
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

// operand returns the path of a file or folder as an argument of a command. It adds ./ before a
// path that begins with -, because a command would take it for an option.
func operand(path string) string {
	if strings.HasPrefix(path, "-") {
		return "." + string(filepath.Separator) + path
	}
	return path
}

// command returns a command line of this program, quoted so that the user can copy it to a shell.
func command(words ...string) string {
	return format.Command(append([]string{self()}, words...)...)
}

// mentions matches commands of payoff in messages and help texts, such as "payoff help".
var mentions = regexp.MustCompile(`(^|[\s(:;,"])payoff (run|report|compare|check|why|advise|ab|profile|doctor|list|grains|help|completion|version|launch|serve|server|cluster-host|worker)\b`)

// named returns a copy of text in which commands begin with name instead of the word payoff. So the
// commands also work for a program with another name.
func named(text, name string) string {
	return mentions.ReplaceAllStringFunc(text, func(found string) string {
		m := mentions.FindStringSubmatch(found)
		return m[1] + format.Quoted(name) + " " + m[2]
	})
}

// rename puts the name of this program into the help texts of c and its subcommands.
func rename(c *cobra.Command) {
	name := filepath.Base(self())
	c.Long, c.Short, c.Example = named(c.Long, name), named(c.Short, name), named(c.Example, name)
	for _, sub := range c.Commands() {
		rename(sub)
	}
}
