package kernels

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// newFiles returns the workload files. Each task writes a file to the disk, reads it back and
// removes it. So it waits for the system, and computes in between. The payload is the size of the
// file in bytes. The task makes the bytes from its seed, so a worker receives only the path of the
// folder.
//
// Reads find the bytes in the page cache. The task syncs its file, but not the folder. The notes of
// a run name the filesystem.
func newFiles() workloads.Workload {
	return files("files", "writes, syncs, reads back (from the page cache) and removes a file of payload bytes: waits for the disk", (*os.File).Sync)
}

// newCached returns the workload cached, which is the workload files without the sync. The data
// need not reach the disk, so a task consists of system calls and of copies to and from the page
// cache.
func newCached() workloads.Workload {
	return files("cached", "works like files, but without the sync: uses only the page cache, not the disk", nil)
}

// files returns a workload whose tasks write and read a file. If sync is not nil, each task calls
// sync after it has written the file.
func files(name, doc string, sync func(*os.File) error) workloads.Workload {
	return workloads.InFolder(workloads.Workload{
		Name:     name,
		Doc:      doc,
		Uses:     "allocates up to 64 KiB for its file and 320 B, in 5 allocations; uses L2 and the page cache",
		Smallest: 1,
	}, func(ctx context.Context, t workloads.FolderTask) (workloads.Outcome, error) {
		return writeAndRead(ctx, t, sync)
	}, func(workloads.Params) (func() error, error) { return nil, nil })
}

// writeAndRead runs the task t. It writes the file of the task, calls sync if sync is not nil, and
// reads the file back. It always removes the file. If an earlier attempt of the task was killed and
// left its file, writeAndRead overwrites that file.
func writeAndRead(ctx context.Context, t workloads.FolderTask, sync func(*os.File) error) (o workloads.Outcome, err error) {
	if err := ctx.Err(); err != nil {
		return o, err
	}
	path := filepath.Join(t.Dir, strconv.FormatUint(uint64(t.Index), 10))
	var f *os.File
	strategies.Blocking(ctx, func() { f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600) })
	if err != nil {
		return o, err
	}
	defer strategies.Blocking(ctx, func() {
		if e := errors.Join(f.Close(), os.Remove(path)); e != nil {
			o, err = workloads.Outcome{}, errors.Join(err, e)
		}
	})
	buf := make([]byte, min(t.Steps, fileChunk))
	wrote, err := inChunks(ctx, t, buf, func(b []byte, at uint64) (err error) {
		mix.Fill(b, t.Start()^mix.Bits(at))
		strategies.Blocking(ctx, func() { _, err = f.Write(b) })
		return err
	})
	if err == nil && sync != nil {
		strategies.Blocking(ctx, func() { err = sync(f) })
	}
	if err != nil {
		return o, err
	}
	read, err := inChunks(ctx, t, buf, func(b []byte, at uint64) (err error) {
		strategies.Blocking(ctx, func() { _, err = f.ReadAt(b, int64(at)) })
		if err == io.EOF {
			err = fmt.Errorf("%s: the task read fewer bytes than it wrote; another program may have changed the file", path)
		}
		return err
	})
	switch {
	case err != nil:
		return o, err
	case read != wrote:
		return o, fmt.Errorf("%s: the task read other bytes than it wrote; another program may have changed the file", path)
	}
	return workloads.Outcome{Index: t.Index, Value: read}, nil
}

const fileChunk = 64 << 10 // largest number of bytes written or read at a time

// inChunks divides the file of task t into chunks of at most [fileChunk] bytes. For each chunk it
// calls move, which reads or writes the bytes b at the offset at of the file. inChunks returns a
// hash of all bytes.
func inChunks(ctx context.Context, t workloads.FolderTask, buf []byte, move func(b []byte, at uint64) error) (uint64, error) {
	h := t.Start()
	for at := uint64(0); at < t.Steps; at += fileChunk {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		b := buf[:min(t.Steps-at, fileChunk)]
		if err := move(b, at); err != nil {
			return 0, err
		}
		h = mix.Hash(h, b)
	}
	return h, nil
}
