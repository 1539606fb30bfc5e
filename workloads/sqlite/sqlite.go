// Package sqlite holds the workload sqlite. It is separate from package kernels, because the
// database makes every program that links it larger and slower to start. This matters for worker
// programs.
package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"net/url"
	"path/filepath"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"

	_ "modernc.org/sqlite" // the driver
)

const (
	rows       = 1000
	writes     = 10 // every tenth task writes a row
	maxPayload = 1 << 20
)

// SQLite returns the workload sqlite. Its tasks read and write rows of payload bytes in one
// embedded database, which is a file. Nine of ten tasks read a row by its number. Each tenth task
// writes a row and reads it back in the same transaction.
//
// Readers run in parallel. Writers wait for the lock of the database, even in different processes,
// and for the disk when the log is full. The journal is a write-ahead log that is synced at
// checkpoints (synchronous=NORMAL).
func SQLite() workloads.Workload {
	all := &databases{}
	return workloads.InFolder(workloads.Workload{
		Name:     "sqlite",
		Doc:      "reads a row of payload bytes in an embedded SQLite database; every tenth task writes a row first: like the local store of an application",
		Uses:     "allocates its row and 2.6 KiB, in 34 allocations; if the 1,000 rows fit into the page cache of the database (2 MB), they stay there",
		Heavy:    true,
		Smallest: 1,
		Largest:  maxPayload,
	}, all.run, func(p workloads.Params) (func() error, error) {
		return func() error { return all.close(p.Dir) }, all.make(p)
	})
}

// databases holds the databases that this process has opened, keyed by path.
type databases struct{ workloads.Keyed[*sql.DB] }

// connect returns the database at path. It opens the database in the first call for path in this
// process.
func (d *databases) connect(path string) (*sql.DB, error) {
	return d.Of(path, func() (*sql.DB, error) {
		settings := url.Values{"_pragma": {"busy_timeout(30000)", "journal_mode(WAL)", "synchronous(NORMAL)"}, "_txlock": {"immediate"}}
		db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: settings.Encode()}).String())
		if err == nil {
			db.SetMaxIdleConns(4096) // at least one for each worker; with the default of 2, further connections would be closed and opened again
		}
		return db, err
	})
}

// in returns err with the path of the database added, because errors of SQLite do not contain the
// path. If err is nil, it returns nil.
func in(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("database %s: %w", path, err)
}

// make creates the database of a job, with its rows, in the folder of the job.
func (d *databases) make(p workloads.Params) (err error) {
	ctx, path := context.Background(), file(p.Dir)
	defer func() { err = in(path, err) }()
	db, err := d.connect(path)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	const columns = "(id INTEGER PRIMARY KEY, data BLOB NOT NULL)"
	if _, err := tx.ExecContext(ctx, "CREATE TABLE fixed "+columns+"; CREATE TABLE written "+columns); err != nil {
		return err
	}
	for id := range rows {
		if _, err := tx.ExecContext(ctx, "INSERT INTO fixed VALUES (?, ?)", id, content(p.Seed, uint64(id), p.Payload)); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func file(dir string) string { return filepath.Join(dir, "payoff.db") }

// content returns size pseudo-random bytes that depend only on seed and row.
func content(seed, row uint64, size int) []byte {
	b := make([]byte, 0, size+sha256.Size)
	for block := uint64(0); len(b) < size; block++ {
		sum := sha256.Sum256(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, seed), row), block))
		b = append(b, sum[:]...)
	}
	return b[:size]
}

// run runs the task t, which reads a row. Every tenth task writes the row before it reads it.
func (d *databases) run(ctx context.Context, t workloads.FolderTask) (o workloads.Outcome, err error) {
	path := file(t.Dir)
	var row []byte
	strategies.Blocking(ctx, func() { row, err = d.row(ctx, path, t.Index, uint64(t.Seed), int(t.Steps)) })
	switch {
	case err != nil:
		return o, in(path, err)
	case uint64(len(row)) != t.Steps:
		return o, fmt.Errorf("the database returned a row of %d bytes, must have %d", len(row), t.Steps)
	}
	return workloads.Outcome{Index: t.Index, Value: mix.Hash(t.Start(), row)}, nil
}

func (d *databases) row(ctx context.Context, path string, i uint32, seed uint64, size int) (row []byte, err error) {
	db, err := d.connect(path)
	if err != nil {
		return nil, err
	}
	if i%writes != 0 {
		err = db.QueryRowContext(ctx, "SELECT data FROM fixed WHERE id = ?", i%rows).Scan(&row)
		return row, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO written VALUES (?, ?)", i, content(seed, rows+uint64(i), size)); err != nil {
		return nil, err
	}
	if err := tx.QueryRowContext(ctx, "SELECT data FROM written WHERE id = ?", i).Scan(&row); err != nil {
		return nil, err
	}
	return row, tx.Commit()
}

// close closes the database in the folder dir, if this process has opened it.
func (d *databases) close(dir string) error {
	path := file(dir)
	if db := d.Drop(path); db != nil {
		return in(path, db.Close())
	}
	return nil
}
