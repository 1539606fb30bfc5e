package workloads

import (
	"context"
	"fmt"

	"github.com/payoff-bench/payoff/strategies"
)

// A FolderTask is a task that works on files in the folder of its load. Its Steps are the size of a
// file or of a database row, in bytes.
type FolderTask struct {
	Task
	Dir string
}

// MaxPath is the size of the longest path in a task, in bytes. Linux has the same limit.
const MaxPath = 4096

func folderCodec() strategies.Codec[FolderTask] {
	return InputCodec("file task", 1, MaxPath,
		func(dst []byte, t FolderTask) []byte { return append(dst, t.Dir...) },
		func(head Task, dir []byte) (FolderTask, error) {
			if head.Steps > MaxPayload {
				return FolderTask{}, fmt.Errorf("file task with a file of %d bytes: must be at most %d", head.Steps, MaxPayload)
			}
			return FolderTask{head, string(dir)}, nil
		})
}

// InFolder returns a copy of w whose tasks call the function run. These tasks work on files in the
// folder of their load, and so wait for the disk. The function open prepares the folder. Its result
// end frees the resources that open took; it is nil if open took none.
func InFolder(w Workload, run func(context.Context, FolderTask) (Outcome, error), open func(Params) (end func() error, err error)) Workload {
	w.Waits, w.Payloads, w.OnDisk = true, true, true
	k := strategies.Kernel[FolderTask, Timed]{Func: Time(run), In: folderCodec(), Out: TimedCodec()}
	return Define(w, k, func(p Params) (t Typed[FolderTask, Timed], err error) {
		t.Input = func(i, _ int) FolderTask { return FolderTask{p.Task(i, uint64(p.Payload)), p.Dir} }
		t.Number, t.Look = Timed.Number, Service
		t.Free, err = open(p)
		return t, err
	})
}
