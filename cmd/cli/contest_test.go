package cli

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFound checks that found looks for ./name as a file, and never as a command in PATH.
func TestFound(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	want := filepath.Join(dir, "program.exe")
	if err := os.WriteFile(want, nil, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, in := range []string{"", ".", dir} {
		if got, err := found("./program.exe", in); err != nil || got != want {
			t.Errorf("found(./program.exe) in folder %q = %q, %v", in, got, err)
		}
	}
	if got, err := found("program.exe", dir); err == nil {
		t.Errorf("found took a file for a command in PATH: %q", got)
	}
}
