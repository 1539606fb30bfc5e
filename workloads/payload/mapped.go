package payload

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

// A Part is a piece of a file, which a process maps once and then finds in its memory.
type Part struct {
	Offset, Len uint64
	Path        string
}

// Mapped is data in memory that processes share: the task says which part of which file,
// and reads it where it lies. Nothing is copied.
func Mapped() workloads.Workload {
	var maps mappings
	k := numbered[Part, uint64]{
		Name: "mapped",
		In:   workloads.NumberedCodec(strategies.Codec[Part]{Append: appendPart, Decode: decodePart}),
		Out:  workloads.NumberedCodec(raw.One[uint64]()),
		Func: func(_ context.Context, in workloads.Numbered[Part]) (workloads.Numbered[uint64], error) {
			b, err := maps.part(in.Value)
			return workloads.Numbered[uint64]{Index: in.Index, Value: digest(uint64(in.Index), b)}, err
		},
	}
	w := workloads.Workload{
		Name:     "mapped",
		Doc:      "reads a part of a mapped file that the task names: data in by reference, in shared memory",
		Uses:     "allocates nothing; reads pages of the page cache where they are, once",
		Payloads: true,
		Heavy:    true,
		Kernel:   k,
	}
	w.New = func(p workloads.Params) (workloads.Load, error) {
		if err := check(w, p); err != nil {
			return nil, err
		}
		dir, err := filepath.Abs(p.Dir)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(dir, "mapped")
		const most = 64 << 20
		parts := max(1, most/p.Payload)
		if err := os.WriteFile(path, codec.NewBytes(p.Seed, parts*p.Payload), 0o600); err != nil {
			return nil, err
		}
		return &workloads.Typed[workloads.Numbered[Part], workloads.Numbered[uint64]]{
			Kernel: k,
			Params: p,
			Input: func(i, _ int) workloads.Numbered[Part] {
				at := uint64(i % parts * p.Payload)
				return workloads.Numbered[Part]{Index: uint32(i), Value: Part{at, uint64(p.Payload), path}}
			},
			Number: number,
			Free:   func() error { return maps.drop(path) },
		}, nil
	}
	return w
}

// mappings are the files that this process has mapped, by path.
type mappings struct {
	mu sync.RWMutex
	by map[string][]byte
}

// part returns a piece of a file, which stays where it is until the file is dropped.
func (m *mappings) part(p Part) ([]byte, error) {
	m.mu.RLock()
	b, ok := m.by[p.Path]
	m.mu.RUnlock()
	if !ok {
		var err error
		if b, err = m.open(p.Path); err != nil {
			return nil, err
		}
	}
	if size := uint64(len(b)); p.Offset > size || p.Len > size-p.Offset {
		return nil, fmt.Errorf("%s: %d bytes from %d on are not in a file of %d", p.Path, p.Len, p.Offset, size)
	}
	return b[p.Offset:][:p.Len], nil
}

func (m *mappings) open(path string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b, ok := m.by[path]; ok {
		return b, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	b, err := syscall.Mmap(int(f.Fd()), 0, int(st.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map %s: %w", path, err)
	}
	if m.by == nil {
		m.by = map[string][]byte{}
	}
	m.by[path] = b
	return b, nil
}

// drop unmaps a file that no task reads any more.
func (m *mappings) drop(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.by[path]
	if !ok {
		return nil
	}
	delete(m.by, path)
	return syscall.Munmap(b)
}

func appendPart(dst []byte, p Part) ([]byte, error) {
	dst = binary.LittleEndian.AppendUint64(dst, p.Offset)
	dst = binary.LittleEndian.AppendUint64(dst, p.Len)
	return append(dst, p.Path...), nil
}

func decodePart(src []byte) (Part, error) {
	if len(src) < 16 {
		return Part{}, fmt.Errorf("part of %d bytes: must be at least 16", len(src))
	}
	return Part{binary.LittleEndian.Uint64(src), binary.LittleEndian.Uint64(src[8:]), string(src[16:])}, nil
}
