package kernels

import (
	"context"

	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// A node is the object that tasks of the workload alloc allocate. It has 64 bytes, with three
// pointers.
type node struct {
	next, left, back *node
	value            [5]uint64
}

const (
	nodeSize  = 64
	nodesKept = 64 // number of nodes that a task keeps alive, so that some objects live longer than others
)

// newAlloc returns the workload alloc. Its tasks allocate objects while the main process keeps a
// live heap of Params.Memory bytes, such as a cache or an index. Goroutines share the garbage
// collector of the main process. A worker process has a collector of its own, which does not scan
// that heap.
func newAlloc() workloads.Workload {
	return sized(workloads.Workload{
		Name:   "alloc",
		Doc:    "allocates small objects while the main process keeps a live heap: goroutines share one garbage collector, processes have their own",
		Uses:   "allocates 64 B for each step of 32 ns; tasks do not touch the live heap",
		Finest: 1000,
	}, scale{steps: 1, nanos: 32}, alloc, heap)
}

// heap returns nodes that take memory bytes in total. Pointers link the nodes, so that a garbage
// collector must follow them.
func heap(memory int) any {
	nodes := make([]*node, memory/(nodeSize+8))
	for i := range nodes {
		nodes[i] = &node{value: [5]uint64{uint64(i)}}
		if i > 0 {
			nodes[i].back = nodes[i/2]
			nodes[i].left = nodes[mix.Bits(uint64(i))%uint64(i)]
		}
	}
	return nodes
}

// alloc allocates one node per step, and stores pointers to two earlier nodes in each new node.
func alloc(ctx context.Context, t sizedTask) (workloads.Outcome, error) {
	const stride = 1 << 14 // number of steps between two checks of the context, about a millisecond
	var kept [nodesKept]*node
	value := t.Start()
	for step := range t.Steps {
		n := &node{value: [5]uint64{value, step}}
		if n.left = kept[(step+1)%nodesKept]; n.left != nil {
			value += n.left.value[0]
			n.left.left, n.left.back, n.left.next = nil, nil, n // otherwise each node would keep all earlier nodes alive
		}
		n.back = kept[step/2%nodesKept]
		kept[step%nodesKept] = n
		value = value*mix.Odd + step
		if step%stride == stride-1 && ctx.Err() != nil {
			return workloads.Outcome{}, ctx.Err()
		}
	}
	return workloads.Outcome{Index: t.Index, Value: mix.Bits(value)}, nil
}
