package harness

import (
	"errors"
	"fmt"

	"github.com/payoff-bench/payoff/strategies/catalog"
	"github.com/payoff-bench/payoff/workloads"
)

func checkGrain(c Cell, w workloads.Workload, _ catalog.Strategy) error {
	if c.Grain < w.Finest {
		return fmt.Errorf("the finest grain of workload %s is %d ns; remove grain %d", w.Name, w.Finest, c.Grain)
	}
	return nil
}

// checkBatch returns an error if the cell's tasks are batches of several inputs and strategy s is
// an event loop. An event loop needs the form of a kernel that does not block while it waits, and a
// kernel for batches has no such form.
func checkBatch(c Cell, _ workloads.Workload, s catalog.Strategy) error {
	if c.Batch > 1 && s.Capabilities.Resumes {
		return fmt.Errorf("strategy %s needs a kernel with a resumable form, and a kernel for batches of several inputs has none; remove the cell", s.Name)
	}
	return nil
}

func checkSpread(c Cell, w workloads.Workload, _ catalog.Strategy) error {
	if c.Spread == "" {
		return nil
	}
	if !w.Grains {
		return fmt.Errorf("the tasks of workload %s are always equal; remove the key \"spread\"", w.Name)
	}
	_, err := Find(workloads.Spreads(), "spread", c.Spread, func(s workloads.Spread) string { return s.Name })
	return err
}

// checkShape checks the cell's shape: the faults and delays that the cell's tasks inject. It
// returns an error if the workload or the strategy s does not support the shape. If s is the zero
// Strategy, it checks the workload only.
func checkShape(c Cell, w workloads.Workload, s catalog.Strategy) error {
	if c.Shape == "" {
		return nil
	}
	if !w.Shapeable() {
		return fmt.Errorf("workload %s does not support shapes (injected faults and delays); remove the key \"shape\"", w.Name)
	}
	shape, err := w.Shape(c.Shape)
	if err != nil || s.Name == "" {
		return err
	}
	if err := shape.Runs(c.Order, s.Capabilities); err != nil {
		return fmt.Errorf("strategy %s: %w; remove the cell", s.Name, err)
	}
	return nil
}

func checkCodec(c Cell, w workloads.Workload, s catalog.Strategy) error {
	switch {
	case c.Codec == "" || s.Name == "":
		return nil
	case !s.Capabilities.Processes:
		return fmt.Errorf("strategy %s has no worker processes, so it uses no codec; remove the key \"codec\"", s.Name)
	case c.Codec == workloads.Reference && c.Shape != "":
		return fmt.Errorf("codec %s places data in shared memory before the job, and shape %s does not allow this; remove the codec or the shape", c.Codec, c.Shape)
	case len(w.Codecs) == 0:
		return fmt.Errorf("workload %s has only its own codec; remove the key \"codec\"", w.Name)
	}
	return oneOf("codec of workload "+w.Name, c.Codec, w.Codecs)
}

func checkChunk(c Cell, w workloads.Workload, s catalog.Strategy) error {
	switch can := s.Capabilities; {
	case c.Chunk == FixedChunk(1) || c.Rate != 0: // checkRate checks cells with a rate
		return nil
	case c.Order == SingleOrder:
		return errors.New("order single submits each task alone, without chunks; remove the key \"chunk\"")
	case c.Window != 0 && c.Order != MapOrder && c.Chunk.Fixed() > c.Window:
		return fmt.Errorf("chunk %s is larger than window %d; make the window at least as large", c.Chunk, c.Window)
	case can.Resumes:
		return fmt.Errorf("strategy %s starts tasks one by one, without chunks; remove the key \"chunk\"", s.Name)
	case can.Idiom == catalog.RemoteIdiom && can.Chunks:
		if c.Chunk != "auto" && c.Chunk.Constant(1, 1) == 0 {
			return fmt.Errorf("strategy %s cannot change the chunk size during a job; set chunk to a number, static, quarters, slices or auto", s.Name)
		}
		return nil
	case can.Idiom != catalog.AnyJob && checkOrder(c, w, s) == nil:
		return lacks(s, "remove the key \"chunk\"")
	}
	return nil
}

func checkOrder(c Cell, _ workloads.Workload, s catalog.Strategy) error {
	if err := oneOf("order", c.Order, []string{MapOrder, InputOrder, CompletionOrder, SingleOrder}); err != nil {
		return err
	}
	switch idiom := s.Capabilities.Idiom; {
	case c.Rate != 0: // checkRate checks the idiom
	case idiom == catalog.MapIdiom && c.Order != MapOrder:
		return lacks(s, "remove the key \"order\"")
	case idiom == catalog.StreamIdiom && c.Order != InputOrder:
		return lacks(s, "set order to input")
	case idiom == catalog.RemoteIdiom && c.Order != s.Capabilities.Order:
		return fmt.Errorf("strategy %s delivers only in order %s; set order to %s", s.Name, s.Capabilities.Order, s.Capabilities.Order)
	}
	return nil
}

func checkWindow(c Cell, _ workloads.Workload, s catalog.Strategy) error {
	switch {
	case c.Window == 0 || c.Rate != 0:
		return nil
	case c.Order == SingleOrder:
		return errors.New("order single submits each task alone, without a window; remove the key \"window\"")
	case c.Order == MapOrder:
		return errors.New("a map has no window; remove the key \"window\", or set order to input or completion")
	case s.Capabilities.Idiom != catalog.AnyJob:
		return lacks(s, "remove the key \"window\"")
	}
	return nil
}

func checkRate(c Cell, _ workloads.Workload, s catalog.Strategy) error {
	switch {
	case c.Rate == 0:
		return nil
	case c.Order != CompletionOrder:
		return errors.New("tasks that arrive at a rate are delivered in completion order; set order to completion")
	case c.Chunk != FixedChunk(1) || c.Window != 0:
		return errors.New("tasks that arrive at a rate are handed over one by one, without a window; remove the keys \"chunk\" and \"window\"")
	case s.Capabilities.Idiom != catalog.AnyJob:
		return fmt.Errorf("strategy %s runs %v and cannot run tasks that arrive one by one; remove the key \"rate\"", s.Name, s.Capabilities.Idiom)
	}
	return nil
}

func checkWorkers(c Cell, _ workloads.Workload, s catalog.Strategy) error {
	switch can := s.Capabilities; {
	case can.Unbounded && c.Workers != 0:
		return fmt.Errorf("strategy %s does not limit how many tasks run at once; remove the key \"workers\"", s.Name)
	case !can.Parallel && c.Workers > 1 && s.Name != "":
		return fmt.Errorf("strategy %s has only one worker; remove the key \"workers\"", s.Name)
	}
	return nil
}

func checkHosts(c Cell, _ workloads.Workload, _ catalog.Strategy) error {
	if c.Workers > 0 && c.Hosts > c.Workers {
		return fmt.Errorf("%d hosts need at least as many workers, and the cell has %d; set workers to %d or more", c.Hosts, c.Workers, c.Hosts)
	}
	return nil
}

// lacks returns the error for a cell that uses a feature, such as chunks, that its strategy does
// not have. The strategy adapts a third-party pool, and adapters do not add features to a pool. The
// error ends with the given remedy.
func lacks(s catalog.Strategy, remedy string) error {
	return fmt.Errorf("strategy %s runs only %v, without chunks; %s", s.Name, s.Capabilities.Idiom, remedy)
}

// oneOf returns an [UnknownError] if name is not in the list have. The error calls the names by the
// word kind, such as "order".
func oneOf(kind, name string, have []string) error {
	_, err := Find(have, kind, name, func(s string) string { return s })
	return err
}
