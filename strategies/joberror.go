package strategies

import (
	"cmp"
	"fmt"
	"slices"
)

// A JobError is why some tasks of a map have no output.
type JobError struct {
	Tasks   []*TaskError // tasks that failed, by number
	Skipped []Span       // tasks that never started because the job was cancelled, by number
	Cause   error        // why it was cancelled; nil if it was not
	Hook    *HookError   // hooks that panicked; nil if none did, and by itself no task's failure
}

func (e *JobError) Error() string {
	switch {
	case e.Cause != nil && len(e.Tasks) == 0:
		return fmt.Sprintf("%s not started: %v", tasks(e.skipped()), e.Cause)
	case e.Cause != nil:
		return fmt.Sprintf("%s failed and %d not started; first: %v", tasks(len(e.Tasks)), e.skipped(), e.Tasks[0])
	case len(e.Tasks) == 1:
		return e.Tasks[0].Error()
	case len(e.Tasks) == 0 && e.Hook != nil:
		return e.Hook.Error()
	}
	return fmt.Sprintf("%d tasks failed; first: %v", len(e.Tasks), e.Tasks[0])
}

// tasks is how people count tasks.
func tasks(n int) string {
	if n == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d tasks", n)
}

func (e *JobError) skipped() (n int) {
	for _, s := range e.Skipped {
		n += s.Len()
	}
	return n
}

// Unwrap returns the tasks' errors, the cause and that of hooks.
func (e *JobError) Unwrap() []error {
	var errs []error
	for _, t := range e.Tasks {
		errs = append(errs, t)
	}
	if e.Cause != nil {
		errs = append(errs, e.Cause)
	}
	if e.Hook != nil {
		errs = append(errs, e.Hook)
	}
	return errs
}

// Task returns the error of task i; nil if it has an output.
func (e *JobError) Task(i int) error {
	if at, ok := slices.BinarySearchFunc(e.Tasks, i, func(t *TaskError, i int) int { return cmp.Compare(t.Task, i) }); ok {
		return e.Tasks[at]
	}
	for _, s := range e.Skipped {
		if s.Lo <= i && i < s.Hi {
			return &TaskError{Task: i, Err: e.Cause}
		}
	}
	return nil
}
