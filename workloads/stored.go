package workloads

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/payoff-bench/payoff/strategies"
)

// A Store is an embedded database that tasks read and write, in a folder of its job.
type Store struct {
	// Make fills the empty folder dir.
	Make func(ctx context.Context, dir string, seed uint64, size int) error
	// Run does task i, in whichever process, and returns size bytes that depend on the task
	// alone.
	Run func(ctx context.Context, dir string, i uint32, seed uint64, size int) ([]byte, error)
	// Free removes the folder.
	Free func(dir string) error
}

// Stored completes w to a workload whose tasks use s. Its payload is the size of a row, 1 to
// most bytes.
func Stored(w Workload, s Store, most int) Workload {
	k := strategies.Kernel[File, Waited]{
		Name: w.Name,
		In:   strategies.Codec[File]{Append: appendFile, Decode: decodeFile},
		Out:  waitedCodec(),
		Func: timed(func(ctx context.Context, t File) (Outcome, error) {
			row, err := s.Run(ctx, t.Dir, t.Index, uint64(t.Seed), int(t.Steps))
			if err == nil && uint64(len(row)) != t.Steps {
				err = fmt.Errorf("a row of %d bytes, not %d", len(row), t.Steps)
			}
			if err != nil {
				return Outcome{}, err
			}
			return Outcome{t.Index, hash(t.start(), row)}, nil
		}),
	}
	w.Waits, w.Payloads, w.Kernel = true, true, k
	w.New = func(p Params) (Load, error) {
		if p.Payload < 1 || p.Payload > most {
			return nil, &ParamError{w.Name, "payload", p.Payload, fmt.Sprintf("1 to %d bytes", most)}
		}
		if err := w.Check(p); err != nil {
			return nil, err
		}
		if p.Dir == "" {
			return nil, &ParamError{w.Name, "dir", `""`, "an existing folder"}
		}
		dir, err := os.MkdirTemp(p.Dir, w.Name+"-")
		if err == nil {
			if err = s.Make(context.Background(), dir, p.Seed, p.Payload); err != nil {
				err = errors.Join(err, s.Free(dir))
			}
		}
		if err != nil {
			return nil, fmt.Errorf("workload %s: %w", w.Name, err)
		}
		return &Typed[File, Waited]{
			Kernel: k,
			Input:  func(i, _ int) File { return File{task(p.Seed, i, uint64(p.Payload)), dir} },
			Number: waitedNumber,
			Look:   service,
			Free:   func() error { return s.Free(dir) },
		}, nil
	}
	return w
}
