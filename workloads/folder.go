package workloads

import (
	"context"
	"fmt"
	"os"

	"github.com/payoff-bench/payoff/strategies"
)

// A FolderTask is a task that works in a folder of its job. Its Steps are bytes.
type FolderTask struct {
	Task
	Dir string
}

// MaxPath is the length in bytes of the longest path that a task carries; Linux has no longer
// ones.
const MaxPath = 4096

func folderCodec() strategies.Codec[FolderTask] {
	return InputCodec("file task", 1, MaxPath,
		func(dst []byte, t FolderTask) []byte { return append(dst, t.Dir...) },
		func(head Task, dir []byte) (FolderTask, error) {
			if head.Steps > MaxPayload {
				return FolderTask{}, fmt.Errorf("file of %d bytes: must be at most %d", head.Steps, MaxPayload)
			}
			return FolderTask{head, string(dir)}, nil
		})
}

// InFolder completes w to a workload whose tasks wait for the disk, in a folder that a load
// makes in Params.Dir: fill fills it, run does a task there, and remove removes it.
func InFolder(w Workload, fill func(dir string, p Params) error, run func(context.Context, FolderTask) (Outcome, error), remove func(dir string) error) Workload {
	w.Waits, w.Payloads, w.OnDisk = true, true, true
	k := strategies.Kernel[FolderTask, Timed]{Func: Time(run), In: folderCodec(), Out: TimedCodec()}
	return Define(w, k, func(p Params) (t Typed[FolderTask, Timed], err error) {
		dir, err := os.MkdirTemp(p.Dir, w.Name+"-")
		if err != nil {
			return t, err
		}
		return Typed[FolderTask, Timed]{
			Input:  func(i, _ int) FolderTask { return FolderTask{p.Task(i, uint64(p.Payload)), dir} },
			Number: Timed.Number,
			Look:   Service,
			Free:   func() error { return remove(dir) },
		}, fill(dir, p)
	})
}
