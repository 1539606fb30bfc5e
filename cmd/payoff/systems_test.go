//go:build proof

package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestProofDarwin builds the programs for macOS, as make build does there. It also compiles the tests
// of all packages. It runs no program.
func TestProofDarwin(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "GOOS=darwin", "GOARCH=arm64", "CGO_ENABLED=0")
	dir := t.TempDir()
	execute(t, root, env, "go", "build", "-buildvcs=false", "-o", dir+"/", "./cmd/payoff", "./cmd/payoff-worker")
	for _, name := range []string{"payoff", "payoff-worker"} {
		if st, err := os.Stat(filepath.Join(dir, name)); err != nil || st.Size() == 0 {
			t.Errorf("%s: got error %v", name, err)
		}
	}
	execute(t, root, env, "go", "vet", "./...")
}

// TestProofStubs builds the program from the files for systems other than Linux. This program has
// no shared memory, helper process or pinning, and it cannot read facts about the machine. The test
// checks that the program measures the cells that it can run.
func TestProofStubs(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	execute(t, root, nil, "go", "build", "-buildvcs=false", "-overlay", stubs(t, root, dir), "-o", dir+"/", "./cmd/payoff", "./cmd/payoff-worker")
	env := append(os.Environ(), "PAYOFF_LOCK="+filepath.Join(dir, "lock"))
	payoff := filepath.Join(dir, "payoff")

	said := execute(t, dir, env, payoff, "list", "transports")
	if strings.Contains(said, "shm") || !strings.Contains(said, "pipe") {
		t.Errorf("the stubs have shared memory:\n%s", said)
	}
	for _, c := range []struct{ suite, filter, want string }{
		{"quick", "workload:spin grain:1000 strategy:pool", "/strategy=pool/"},
		{"quick", "workload:spin grain:1000 strategy:procs", "/strategy=procs/"},
		{"ipc", "transport:pipe,socketpair payload:4096 order:map", "/transport=socketpair/"},
	} {
		out := strings.NewReplacer(" ", "-", ":", "-", ",", "-").Replace(c.filter)
		said := execute(t, dir, env, payoff, "run", "-v", c.suite, "--filter", c.filter, "--rounds", "1", "--out", out)
		samples, err := os.ReadFile(filepath.Join(dir, out, "samples.txt"))
		if err != nil || !strings.Contains(string(samples), c.want) {
			t.Errorf("%s: %v: no %s was measured:\n%s", c.filter, err, c.want, said)
		}
		if !strings.Contains(said, "inning to cores is not available") {
			t.Errorf("%s: the report does not say that launches are not pinned:\n%s", c.filter, said)
		}
	}
}

var elsewhere = regexp.MustCompile(`(?m)^//go:build .*!linux.*$`)

// stubs returns the path of an overlay file for the go command, which it writes. The overlay
// removes the files for Linux, and adds the files for other Unix systems.
func stubs(t *testing.T, root, dir string) string {
	t.Helper()
	replace := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || entry.IsDir() || filepath.Ext(path) != ".go":
			return err
		case strings.HasSuffix(path, "_linux.go"), strings.HasSuffix(path, "_linux_test.go"):
			replace[path] = ""
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil || !elsewhere.Match(text) {
			return err
		}
		stub := filepath.Join(dir, strings.ReplaceAll(strings.TrimPrefix(path, root), "/", "_"))
		replace[path] = stub
		return os.WriteFile(stub, elsewhere.ReplaceAll(text, []byte("//go:build unix")), 0o666)
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(dir, "overlay.json")
	write(t, overlay, string(text))
	return overlay
}
