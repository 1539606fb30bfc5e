package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness/ab"
)

// A revisions holds two programs that payoff ab built from git revisions: base, then head.
type revisions struct {
	programs [2]string // their paths
	dirs     [2]string // folders of the package in the worktrees
}

// defaultBuild lists the packages to build from a revision of payoff.
var defaultBuild = []string{"./cmd/payoff", "./cmd/payoff-worker"}

// build builds base and head, two revisions of the git repository that contains the current folder,
// in temporary worktrees below temp. It sets the commits in info. The worktrees remain until the
// contest is closed.
func (t *contest) build(ctx context.Context, info *ab.Info, temp string) (r revisions, err error) {
	prefix, err := output(ctx, "", "git", "rev-parse", "--show-prefix")
	if err != nil {
		return r, fmt.Errorf("--rev: the current folder is not in a git repository: %w", err)
	}
	if changed, err := output(ctx, "", "git", "status", "--porcelain", "--untracked-files=no"); err == nil && changed != "" {
		const note = "the working tree has uncommitted changes; neither base nor head includes them"
		if !slices.Contains(info.Notes, note) {
			info.Notes = append(info.Notes, note)
		}
		t.say(note)
	}
	for i, p := range []*ab.Program{&info.Base, &info.Head} {
		rev := p.Name
		if p.Commit != "" { // a resumed run builds the same commit, even if the branch has moved
			rev = p.Commit
		}
		if p.Commit, err = commitOf(ctx, rev); err != nil {
			return r, fmt.Errorf("--%s %s: %w", sideFlag(i), p.Name, err)
		}
		tree := filepath.Join(temp, "tree-"+string("ab"[i]))
		if _, err := output(ctx, "", "git", "worktree", "add", "--detach", tree, p.Commit); err != nil {
			return r, fmt.Errorf("--%s %s: cannot create a worktree: %w", sideFlag(i), p.Name, err)
		}
		before := t.close
		t.close = func() {
			output(context.WithoutCancel(ctx), "", "git", "worktree", "remove", "--force", tree)
			before()
		}
		t.say("building %s, %s", sideFlag(i), p)
		if r.programs[i], r.dirs[i], err = buildIn(ctx, filepath.Join(tree, prefix), filepath.Join(temp, "bin-"+string("ab"[i])), info.What); err != nil {
			return r, fmt.Errorf("--%s %s does not build: %w", sideFlag(i), p.Name, err)
		}
	}
	return r, nil
}

// commitOf returns the hash of the commit that the revision rev names.
func commitOf(ctx context.Context, rev string) (string, error) {
	commit, err := output(ctx, "", "git", "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err == nil {
		return commit, nil
	}
	if shallow, _ := output(ctx, "", "git", "rev-parse", "--is-shallow-repository"); shallow == "true" {
		return "", errors.New("no such revision, and the repository is a shallow clone: fetch the revision (git fetch --unshallow; in GitHub Actions, fetch-depth: 0 for actions/checkout)")
	}
	return "", errors.New("no such revision; git log lists commits, and git branch -a lists branches")
}

// buildIn builds the programs of a comparison in the folder dir of a worktree, and puts them into
// the folder out. It returns the path of the program and the folder of its package.
func buildIn(ctx context.Context, dir, out string, what ab.What) (program, folder string, err error) {
	if err := os.Mkdir(out, 0o777); err != nil {
		return "", "", err
	}
	if what.Bench != "" {
		pkg := what.Build
		if pkg == "" {
			pkg = "."
		}
		folder, err := output(ctx, dir, "go", "list", "-f", "{{.Dir}}", pkg)
		if err != nil {
			return "", "", err
		}
		if strings.Contains(folder, "\n") {
			return "", "", fmt.Errorf("--pkg %s matches several packages; name one package", pkg)
		}
		program = filepath.Join(out, "bench.test")
		if _, err := output(ctx, dir, "go", "test", "-c", "-trimpath", "-o", program, pkg); err != nil {
			return "", "", err
		}
		if _, err := os.Stat(program); err != nil {
			return "", "", fmt.Errorf("package %s has no tests; name a package with benchmarks in --pkg", pkg)
		}
		return program, folder, nil
	}
	args := []string{"build", "-trimpath", "-buildvcs=false", "-o", out + string(filepath.Separator)}
	packages := defaultBuild
	if what.Build != "" {
		packages = []string{what.Build}
	}
	if _, err := output(ctx, dir, "go", append(args, packages...)...); err != nil {
		return "", "", err
	}
	name, err := output(ctx, dir, "go", "list", "-f", "{{.Target}}", packages[0])
	return filepath.Join(out, filepath.Base(name)), dir, err
}

// output runs a command in a folder and returns its standard output without the last line break.
// The error contains the standard error of the command.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	var said strings.Builder
	c.Stderr = &said
	text, err := c.Output()
	if err != nil {
		if words := strings.TrimSpace(said.String()); words != "" {
			err = fmt.Errorf("%s %s: %s", name, args[0], words)
		} else {
			err = fmt.Errorf("%s %s: %w", name, args[0], err)
		}
	}
	return strings.TrimSuffix(string(text), "\n"), err
}
