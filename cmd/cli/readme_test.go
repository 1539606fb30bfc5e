package cli_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestReadme runs the commands in README.md and results/README.md: each line of a block fenced as
// sh. To save time, it changes some of them. It replaces suites by the suite smoke, in a folder where
// results/latest is a run of smoke. It only prints the commands of make targets. It builds the
// example kernel in this module instead of a new one, and measures only some of its cells. It runs
// the example suite of the guide unchanged. It uses its own lock.
func TestReadme(t *testing.T) {
	t.Parallel()
	module, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	do := func(t *testing.T, in string, program string, args ...string) string {
		t.Helper()
		c := exec.Command(program, args...)
		c.Dir = in
		c.Env = append(os.Environ(), "PAYOFF_LOCK="+filepath.Join(dir, "lock"))
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", c, err, out)
		}
		return string(out)
	}
	payoff := filepath.Join(bin, "payoff")
	do(t, dir, payoff, "run", "smoke", "--rounds", "1")

	guide, err := os.ReadFile(filepath.Join(module, "harness/suite/suites/README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, suite, _ := strings.Cut(string(guide), "```toml\n")
	suite, _, _ = strings.Cut(suite, "```")
	if err := os.WriteFile(filepath.Join(dir, "mine.toml"), []byte(suite), 0o666); err != nil {
		t.Fatal(err)
	}
	do(t, dir, payoff, "run", "mine.toml", "--rounds", "1", "--out", "guide")

	for _, page := range []string{"README.md", "results/README.md"} {
		text, err := os.ReadFile(filepath.Join(module, page))
		if err != nil {
			t.Fatal(err)
		}
		commands := shell(string(text))
		if len(commands) == 0 {
			t.Errorf("%s has no block fenced as sh", page)
		}
		for _, line := range commands {
			t.Run(line, func(t *testing.T) {
				words := split(line)
				switch {
				case words[0] == "git" || words[0] == "cd":
				case strings.HasPrefix(line, "go mod init ") || strings.HasPrefix(line, "go get "):
				case line == "go build -o mine .":
					_, program, _ := strings.Cut(string(text), "```go\n// Command mine")
					program, _, _ = strings.Cut(program, "```")
					main := filepath.Join(dir, "main.go")
					if err := os.WriteFile(main, []byte("// Command mine"+program), 0o666); err != nil {
						t.Fatal(err)
					}
					do(t, module, "go", "build", "-o", filepath.Join(dir, "mine"), main)
				case words[0] == "./mine":
					out := do(t, dir, filepath.Join(dir, "mine"), append(words[1:], "--rounds", "1", "--filter", "strategy:pool chunk:1 batch:1")...)
					if !strings.Contains(out, "\nlogline ×1, ") {
						t.Errorf("the report has no answer for the kernel logline:\n%s", out)
					}
				case words[0] == "ls":
					do(t, dir, "sh", "-c", line)
				case words[0] == "make":
					do(t, module, "make", append([]string{"-n"}, words[1:]...)...)
				case slices.Contains(words, "--python"):
					if _, err := exec.LookPath("python3"); err != nil {
						t.Skip("python3 is not installed")
					}
					function := "def parse(line):\n    return line.split()\n"
					err := errors.Join(os.WriteFile(filepath.Join(dir, "work.py"), []byte(function), 0o666),
						os.WriteFile(filepath.Join(dir, "lines.txt"), []byte("a b\nc d\n"), 0o666))
					if err != nil {
						t.Fatal(err)
					}
					do(t, dir, payoff, append(smoke(words[1:]), "--filter", "strategy:py-pool-map", "--cores", "1")...)
				case strings.TrimPrefix(words[0], "bin/") == "payoff":
					do(t, dir, payoff, smoke(words[1:])...)
				case strings.HasPrefix(line, "go tool "):
					for i := range words {
						words[i] = strings.ReplaceAll(words[i], "results/latest", filepath.Join(dir, "results/latest"))
					}
					if out := do(t, module, words[0], words[1:]...); strings.TrimSpace(out) == "" {
						t.Error("the command prints nothing")
					}
				default:
					t.Error("TestReadme has no rule for this command; add one")
				}
			})
		}
	}
}

// smoke returns the arguments of a payoff command with the suite smoke in place of every other suite.
// For run, it adds a limit of one round.
func smoke(args []string) []string {
	if args[0] != "run" && args[0] != "profile" || slices.Contains(args, "--diff") {
		return args
	}
	out := []string{args[0]}
	if !slices.Contains(args, "--command") && !slices.Contains(args, "--python") {
		out = append(out, "smoke")
	}
	if args[0] == "run" {
		out = append(out, "--rounds", "1")
	}
	for i := 1; i < len(args); i++ {
		if strings.HasPrefix(args[i], "--") {
			out = append(out, args[i])
			if !strings.Contains(args[i], "=") && i+1 < len(args) {
				i++
				out = append(out, args[i])
			}
		}
	}
	return out
}

// shell returns the commands in the blocks of a page that are fenced as sh.
func shell(page string) []string {
	var lines []string
	in := false
	for line := range strings.Lines(page) {
		switch line = strings.TrimSpace(line); {
		case strings.HasPrefix(line, "```"):
			in = line == "```sh"
		case in && line != "" && !strings.HasPrefix(line, "#"):
			lines = append(lines, line)
		}
	}
	return lines
}

// split splits a command line at spaces outside single quotes and drops a trailing comment.
func split(line string) []string {
	line, _, _ = strings.Cut(line, " #")
	var words []string
	var word strings.Builder
	quoted, begun := false, false
	for _, r := range line + " " {
		switch {
		case r == '\'':
			quoted, begun = !quoted, true
		case r != ' ' || quoted:
			begun = true
			word.WriteRune(r)
		case begun:
			words = append(words, word.String())
			word.Reset()
			begun = false
		}
	}
	return words
}

// TestReadmeShowsTheReference checks that README.md has the output of payoff report for
// results/reference.
func TestReadmeShowsTheReference(t *testing.T) {
	t.Parallel()
	c := exec.Command(filepath.Join(bin, "payoff"), "report", "results/reference")
	c.Dir = "../.."
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	answer, _, _ := strings.Cut(string(out), "\ndetails: ")
	if !strings.Contains(string(readme), answer) {
		t.Errorf("README.md lacks the present output of payoff report results/reference; replace the old one by\n%s", answer)
	}
}

// TestReadmeShowsTheClaims checks that results/README.md has the table of payoff claims for
// results/claims.
func TestReadmeShowsTheClaims(t *testing.T) {
	t.Parallel()
	c := exec.Command(filepath.Join(bin, "payoff"), "claims", "results/claims", "--format", "md")
	c.Dir = "../.."
	table, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../results/README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), string(table)) {
		t.Errorf("results/README.md lacks the present table of payoff claims results/claims; replace the old one by\n%s", table)
	}
}

// TestReadmeShowsTheKernel checks that README.md has the program of testdata/logline, which other
// tests measure.
func TestReadmeShowsTheKernel(t *testing.T) {
	t.Parallel()
	program, err := os.ReadFile("testdata/logline/main.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "```go\n"+string(program)+"```\n") {
		t.Error("README.md lacks the present text of cmd/cli/testdata/logline/main.go; copy it there")
	}
}
