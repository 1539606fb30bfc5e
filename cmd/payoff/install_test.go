//go:build proof

package main

import (
	"archive/zip"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	modulePath = "github.com/payoff-bench/payoff"
	release    = "v0.99.0"
)

// TestProofInstall gets the library and installs the command at a version, as users without a clone
// of the repository do. A module proxy in the file system serves both. Dependencies come from the
// download cache of this module, so the test does not use the network.
func TestProofInstall(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	publish(t, root, filepath.Join(dir, "proxy"))
	downloads := strings.TrimSpace(execute(t, root, nil, "go", "env", "GOMODCACHE")) + "/cache/download"
	bin := filepath.Join(dir, "bin")
	env := append(os.Environ(),
		"GOPROXY=file://"+filepath.Join(dir, "proxy")+",file://"+downloads, "GOSUMDB=off", "GONOSUMDB=*", "GOTOOLCHAIN=local", "GOWORK=off",
		"GOFLAGS=-mod=mod -modcacherw -trimpath", // without paths in programs, the build cache of another folder is valid
		"GOMODCACHE="+filepath.Join(dir, "modules"), "GOBIN="+bin, "CGO_ENABLED=0", "PAYOFF_LOCK="+filepath.Join(dir, "lock"),
	)
	inside := func(t *testing.T, name string, args ...string) string { return execute(t, dir, env, name, args...) }

	t.Run("library", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "main.go"), "package main\n\nimport _ \""+modulePath+"/strategies\"\n\nfunc main() {}\n")
		execute(t, dir, env, "go", "mod", "init", "example.com/user")
		execute(t, dir, env, "go", "get", modulePath+"/strategies@"+release)
		execute(t, dir, env, "go", "run", ".")
		for p := range strings.FieldsSeq(execute(t, dir, env, "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".")) {
			if p != "example.com/user" && !strings.HasPrefix(p, modulePath+"/strategies") {
				t.Errorf("package strategies imports %s, which is not one of its own packages", p)
			}
		}
	})
	t.Run("command", func(t *testing.T) {
		inside(t, "go", "install", modulePath+"/cmd/payoff@"+release)
		payoff := filepath.Join(bin, "payoff")
		if got := inside(t, payoff, "version"); !strings.Contains(got, "payoff "+release+" ") {
			t.Errorf("payoff version prints %q", got)
		}
		const itself = "orker processes ran payoff itself, because payoff-worker is not in its folder"
		try := func(out string, alone bool) {
			said := inside(t, payoff, "run", "-v", "smoke", "--rounds", "1", "--filter", "workload:spin strategy:procs", "--out", out)
			samples, err := os.ReadFile(filepath.Join(dir, out, "samples.txt"))
			if err != nil || !strings.Contains(string(samples), "/strategy=procs/") {
				t.Errorf("%s: %v: no worker process was measured:\n%s", out, err, said)
			}
			if got := strings.Count(strings.Join(strings.Fields(said), " "), itself); got != map[bool]int{true: 1}[alone] {
				t.Errorf("%s: the run says %d times that worker processes run payoff:\n%s", out, got, said)
			}
		}
		try("alone", true)
		inside(t, "go", "install", modulePath+"/cmd/payoff-worker@"+release)
		try("both", false)
	})
}

// publish creates a module proxy in the folder proxy. It serves one version of the module, with the
// files in root.
func publish(t *testing.T, root, proxy string) {
	t.Helper()
	at := filepath.Join(proxy, modulePath, "@v")
	if err := os.MkdirAll(at, 0o777); err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(at, "list"), release+"\n")
	write(t, filepath.Join(at, release+".mod"), string(mod))
	write(t, filepath.Join(at, release+".info"), fmt.Sprintf(`{"Version":%q,"Time":%q}`, release, time.Now().UTC().Format(time.RFC3339)))
	f, err := os.Create(filepath.Join(at, release+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		name, relErr := filepath.Rel(root, file)
		switch {
		case err != nil || relErr != nil:
			return err
		case d.IsDir() && (name == "bin" || name == "results" || name != "." && strings.HasPrefix(name, ".")):
			return filepath.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		w, err := z.Create(modulePath + "@" + release + "/" + filepath.ToSlash(name))
		if err == nil {
			_, err = w.Write(b)
		}
		return err
	})
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// execute runs a program in a folder and returns its standard output.
func execute(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir, c.Env = dir, env
	var said strings.Builder
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", c, err, out, &said)
	}
	return string(out)
}
