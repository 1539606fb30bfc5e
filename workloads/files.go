package workloads

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"
	"strconv"

	"github.com/payoff-bench/payoff/strategies"
)

// Files writes a file to the disk, reads it back and removes it: waiting for the system
// with some computing between. The payload is the size of the file, whose bytes are made
// from the seed where the task runs; what travels is the path of the folder.
//
// Reads are warm: they find in memory what was written just before. The folder is not
// synced, only each file. What the filesystem is stands in the run's notes.
func Files() Workload {
	return files("files", "writes, syncs, reads back (warm) and removes a file of payload bytes: a task that waits for the disk", file)
}

// Cached is Files without the sync: nothing need reach the disk, so that a task is calls
// of the system and copies to and from its memory.
func Cached() Workload {
	return files("cached", "as files without the sync, so that nothing need reach the disk: a task that works in the page cache", cachedFile)
}

func files(name, doc string, f func(context.Context, File) (Outcome, error)) Workload {
	k := strategies.Kernel[File, Waited]{
		Name: name,
		Func: timed(f),
		In:   strategies.Codec[File]{Append: appendFile, Decode: decodeFile},
		Out:  waitedCodec(),
	}
	w := Workload{Name: name, Doc: doc, Uses: "allocates up to 64 KiB for its file and 320 B in 5 pieces; L2 and the page cache", Waits: true, Payloads: true, OnDisk: true, Kernel: k}
	w.New = func(p Params) (Load, error) {
		if p.Payload < 1 || p.Payload > MaxPayload {
			return nil, &ParamError{w.Name, "payload", p.Payload, fmt.Sprintf("1 to %d bytes", MaxPayload)}
		}
		if err := w.Check(p); err != nil {
			return nil, err
		}
		if p.Dir == "" {
			return nil, &ParamError{w.Name, "dir", `""`, "an existing folder"}
		}
		dir, err := os.MkdirTemp(p.Dir, name+"-")
		if err != nil {
			return nil, fmt.Errorf("workload %s: %w", w.Name, err)
		}
		return &Typed[File, Waited]{
			Kernel: k,
			Input:  func(i, _ int) File { return File{task(p.Seed, i, uint64(p.Payload)), dir} },
			Number: waitedNumber,
			Look:   service,
			Free:   func() error { return os.RemoveAll(dir) },
		}, nil
	}
	return w
}

// A File is a task that works on a file of Steps bytes in Dir, named by its index.
type File struct {
	Task
	Dir string
}

const maxPath = 4096 // bytes; Linux has no longer ones

func appendFile(dst []byte, f File) ([]byte, error) {
	dst, _ = appendTask(dst, f.Task)
	return append(dst, f.Dir...), nil
}

func decodeFile(src []byte) (File, error) {
	if len(src) <= taskSize || len(src) > taskSize+maxPath {
		return File{}, fmt.Errorf("file task of %d bytes: must be %d to %d", len(src), taskSize+1, taskSize+maxPath)
	}
	t, dir := cutTask(src)
	if t.Steps > MaxPayload {
		return File{}, fmt.Errorf("file of %d bytes: must be at most %d", t.Steps, MaxPayload)
	}
	return File{t, string(dir)}, nil
}

func file(ctx context.Context, t File) (Outcome, error)       { return t.run(ctx, true) }
func cachedFile(ctx context.Context, t File) (Outcome, error) { return t.run(ctx, false) }

// run leaves nothing behind, however it ends. What an earlier attempt of the same task
// left, killed half-way, is overwritten.
func (t File) run(ctx context.Context, sync bool) (o Outcome, err error) {
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
			o, err = Outcome{}, errors.Join(err, e)
		}
	})
	buf := make([]byte, min(t.Steps, fileChunk))
	wrote, err := t.write(ctx, f, buf)
	if err != nil {
		return o, err
	}
	if sync {
		strategies.Blocking(ctx, func() { err = f.Sync() })
	}
	if err != nil {
		return o, err
	}
	read, err := t.read(ctx, f, buf)
	if err != nil {
		return o, err
	}
	if read != wrote {
		return o, fmt.Errorf("%s: read back other bytes than were written", path)
	}
	return Outcome{Index: t.Index, Value: read}, nil
}

const fileChunk = 64 << 10 // bytes of a file in memory

// write writes the file's bytes and returns their hash.
func (t File) write(ctx context.Context, f *os.File, buf []byte) (uint64, error) {
	h := t.start()
	for at := uint64(0); at < t.Steps; at += fileChunk {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		b := buf[:min(t.Steps-at, fileChunk)]
		fill(b, t.start()^mix(at))
		h = hash(h, b)
		var err error
		strategies.Blocking(ctx, func() { _, err = f.Write(b) })
		if err != nil {
			return 0, err
		}
	}
	return h, nil
}

// read reads the file from its beginning and returns the hash of its bytes.
func (t File) read(ctx context.Context, f *os.File, buf []byte) (uint64, error) {
	h := t.start()
	for at := uint64(0); at < t.Steps; at += fileChunk {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		b := buf[:min(t.Steps-at, fileChunk)]
		var err error
		strategies.Blocking(ctx, func() { _, err = f.ReadAt(b, int64(at)) })
		if err == io.EOF {
			return 0, fmt.Errorf("%s: shorter than what was written", f.Name())
		} else if err != nil {
			return 0, err
		}
		h = hash(h, b)
	}
	return h, nil
}

// hash adds b to h, eight bytes at a time. It tells files apart; it is no cryptography.
func hash(h uint64, b []byte) uint64 {
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^binary.LittleEndian.Uint64(b), 29) * odd
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c), 29) * odd
	}
	return mix(h)
}
