package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A runner runs the steps of a workflow as GitHub Actions does. It skips the steps that use actions.
type runner struct {
	t       *testing.T
	context map[string]string // values of expressions, such as github.repository
	env     []string
	skip    []string // names of steps that cannot run here
	log     strings.Builder
}

var expression = regexp.MustCompile(`\$\{\{\s*(.*?)\s*\}\}`)

// expand replaces the expressions of a text by their values.
func (r *runner) expand(text string) string {
	return expression.ReplaceAllStringFunc(text, func(e string) string { return r.value(expression.FindStringSubmatch(e)[1]) })
}

// value returns the value of an expression. The expression is a text in quotes, or a name in
// r.context.
func (r *runner) value(name string) string {
	if text, ok := strings.CutPrefix(name, "'"); ok {
		return strings.TrimSuffix(text, "'")
	}
	v, ok := r.context[name]
	if !ok {
		r.t.Errorf("the expression %s has no value", name)
	}
	return v
}

// holds reports whether the condition of a job or step is true. The argument failed says whether an
// earlier step has failed.
func (r *runner) holds(condition string, failed bool) bool {
	if condition == "" {
		return !failed
	}
	condition = expression.FindStringSubmatch(condition)[1]
	if !strings.Contains(condition, "!cancelled()") && failed {
		return false
	}
	for term := range strings.SplitSeq(condition, "&&") {
		term = strings.TrimSpace(term)
		if a, b, ok := strings.Cut(term, " == "); ok && r.value(a) != r.value(b) {
			return false
		} else if a, b, ok := strings.Cut(term, " != "); ok && r.value(a) == r.value(b) {
			return false
		}
	}
	return true
}

// run runs a job in the folder dir. It returns the names of the steps that ran. The result failed
// is the name of the last step that failed, or "" if none did.
func (r *runner) run(j job, dir string) (ran []string, failed string) {
	r.t.Helper()
	output, path := filepath.Join(r.t.TempDir(), "output"), filepath.Join(r.t.TempDir(), "path")
	for _, s := range j.Steps {
		if s.Uses != "" || slices.Contains(r.skip, s.Name) || !r.holds(s.If, failed != "") {
			continue
		}
		script := filepath.Join(r.t.TempDir(), "script")
		if err := os.WriteFile(script, []byte(s.Run), 0o666); err != nil {
			r.t.Fatal(err)
		}
		c := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", script)
		c.Dir, c.Env = dir, append(os.Environ(), "GITHUB_OUTPUT="+output, "GITHUB_PATH="+path)
		for _, env := range []map[string]string{j.Env, s.Env} {
			for name, v := range env {
				c.Env = append(c.Env, name+"="+r.expand(v))
			}
		}
		c.Env = append(c.Env, r.env...)
		text, err := c.CombinedOutput()
		fmt.Fprintf(&r.log, "== %s\n%s", s.Name, text)
		ran = append(ran, s.Name)
		if err != nil {
			fmt.Fprintf(&r.log, "%v\n", err)
			failed = s.Name
		}
		written, _ := os.ReadFile(output)
		for line := range strings.Lines(string(written)) {
			name, v, _ := strings.Cut(strings.TrimSpace(line), "=")
			r.context["steps."+s.ID+".outputs."+name] = v
		}
	}
	return ran, failed
}

// git runs git in dir.
func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	c := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"}, args...)...)
	c.Dir = dir
	if text, err := c.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, text)
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o777); err != nil {
			t.Fatal(err)
		}
	}
}

// merged returns the folder of a repository with a Go package. Its last commit merges a pull request
// that multiplies the work of the benchmark by factor.
func merged(t *testing.T, factor int) (dir string) {
	dir = t.TempDir()
	code := func(n int) map[string]string {
		return map[string]string{"work.go": fmt.Sprintf("package work\n\nfunc Work() (sum uint64) {\n\tfor i := range uint64(%d) {\n\t\tsum = sum*31 ^ i\n\t}\n\treturn sum\n}\n", 2000*n)}
	}
	git(t, dir, "init", "-q")
	write(t, dir, map[string]string{"go.mod": "module example.com/work\n\ngo 1.24\n", "work_test.go": "package work\n\nimport \"testing\"\n\nvar sink uint64\n\nfunc BenchmarkWork(b *testing.B) {\n\tfor range b.N {\n\t\tsink = Work()\n\t}\n}\n"})
	write(t, dir, code(1))
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-qm", "base")
	git(t, dir, "checkout", "-qb", "change")
	write(t, dir, code(factor))
	git(t, dir, "commit", "-qam", "change", "--allow-empty")
	git(t, dir, "checkout", "-q", "main")
	git(t, dir, "merge", "-q", "--no-ff", "-m", "merge", "change")
	return dir
}

// cloned returns the folder of a clone of this repository. Its last commit merges a pull request
// without changes.
func cloned(t *testing.T, _ int) (dir string) {
	if os.Getenv("PAYOFF_TEST_CLONE") == "" {
		t.Skip("builds this module twice and measures it, which takes minutes: PAYOFF_TEST_CLONE=1 runs it")
	}
	dir = t.TempDir()
	if _, err := os.Stat("../../.git"); err != nil {
		t.Skip("this folder is not a git checkout")
	}
	module, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	git(t, dir, "clone", "-q", "--no-hardlinks", module, ".")
	git(t, dir, "checkout", "-qB", "main")
	git(t, dir, "checkout", "-qb", "change")
	git(t, dir, "commit", "-qm", "change", "--allow-empty")
	git(t, dir, "checkout", "-q", "main")
	git(t, dir, "merge", "-q", "--no-ff", "-m", "merge", "change")
	return dir
}
