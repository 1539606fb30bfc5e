package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/strategies/procs"
	"github.com/payoff-bench/payoff/strategies/procs/worker"
	"github.com/payoff-bench/payoff/workloads"
)

var itself = procs.Config{Program: procs.Self()}

func TestMain(m *testing.M) {
	worker.Main(workloads.Kernels([]workloads.Workload{SQLite()}))
	os.Exit(m.Run())
}

// TestSQLite checks that goroutines and worker processes can read and write the same database, and
// that their jobs have the digest of the direct loop.
func TestSQLite(t *testing.T) {
	dir := t.TempDir()
	l, err := SQLite().New(workloads.Params{Payload: 100, Seed: 3, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Inputs(100); err != nil {
		t.Fatal(err)
	}
	digest := func(err error) uint64 {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		sum, err := l.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	want := digest(l.Direct(t.Context()))
	pool, err := catalog.Named("pool").New(t.Context(), catalog.Config{Workers: 4})
	if err != nil {
		t.Fatal(err)
	}
	c := itself
	c.Workers = 2
	processes, err := procs.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for name, ex := range map[string]strategies.Executor{"pool": pool, "procs": processes} {
		if got := digest(l.Map(t.Context(), ex, strategies.Options{})); got != want {
			t.Errorf("%s: digest %x, want %x as in the direct loop", name, got, want)
		}
		if err := ex.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("closing the load leaves files %v in its folder, error %v", left, err)
	}
	for _, p := range []workloads.Params{{Dir: dir}, {Payload: maxPayload + 1, Dir: dir}, {Payload: 1}, {Payload: 1, Grain: 1, Dir: dir}} {
		var param *workloads.ParamError
		if _, err := SQLite().New(p); !errors.As(err, &param) {
			t.Errorf("invalid parameters %+v: got error %v, want a ParamError", p, err)
		}
	}
}

// TestFolder checks a folder that does not exist: the error must name the folder, and no database
// may stay open.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	none := filepath.Join(dir, "none")
	if _, err := SQLite().New(workloads.Params{Payload: 1, Dir: none}); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), none) {
		t.Errorf("load in a folder that does not exist: got error %v, want one that names the folder", err)
	}
	d := &databases{}
	if err := d.make(workloads.Params{Dir: none, Seed: 1, Payload: 1}); err == nil || !strings.Contains(err.Error(), "database "+file(none)+": unable to open") {
		t.Errorf("database in a folder that does not exist: got error %v, want one that names the database", err)
	}
	if err := d.close(none); err != nil || d.Drop(file(none)) != nil {
		t.Errorf("closing a database that never opened: got error %v, or the database stays open", err)
	}
}
