package inproc

import (
	"container/heap"
	"time"
)

// timers holds the waits for timers of all tasks of a loop. The wait that ends first comes first.
type timers struct {
	heap  waitHeap
	clock *time.Timer
}

func (t *timers) add(w *wait, at time.Time) {
	w.at = at
	heap.Push(&t.heap, w)
}

func (t *timers) remove(w *wait) { heap.Remove(&t.heap, w.index) }

// due calls f for each wait whose time has come. If f adds a wait, only a later call of due handles
// the new wait.
func (t *timers) due(f func(*wait)) {
	if len(t.heap) == 0 {
		return
	}
	now := time.Now()
	for len(t.heap) > 0 && !t.heap[0].at.After(now) {
		f(t.heap[0])
	}
}

// alarm returns a channel that receives a value when the time of the first wait has come. It
// returns nil if there are no waits.
func (t *timers) alarm() <-chan time.Time {
	if len(t.heap) == 0 {
		return nil
	}
	d := time.Until(t.heap[0].at)
	if t.clock == nil {
		t.clock = time.NewTimer(d)
	} else {
		t.clock.Reset(d)
	}
	return t.clock.C
}

// A waitHeap is a heap of waits ordered by time. It implements [heap.Interface].
type waitHeap []*wait

func (h waitHeap) Len() int           { return len(h) }
func (h waitHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h waitHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *waitHeap) Push(x any) {
	w := x.(*wait)
	w.index = len(*h)
	*h = append(*h, w)
}

func (h *waitHeap) Pop() any {
	last := len(*h) - 1
	w := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	w.index = -1
	return w
}
