package payload

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/strategies/wire/raw"
	"github.com/payoff-bench/payoff/workloads"
)

// newFile returns the workload file. Each task carries the path of a file in the folder of the
// load, and reads this file. The page cache of the system holds the files, because the load has
// just written them.
func newFile() workloads.Workload {
	read := func(task uint32, path string) (uint64, error) {
		b, err := os.ReadFile(path)
		return digest(uint64(task), b), err
	}
	return define(workloads.Workload{
		Name: "file",
		Doc:  "reads a file whose path the task carries; the page cache of the system already holds the file",
		Uses: "allocates its payload and 570 B in 4 allocations; reads the payload once from the page cache",
	}, numbered("file", raw.Text(), raw.One[uint64](), read), whole, func(p workloads.Params) (data func(i int) string, t typed[string, uint64], err error) {
		const most = 64
		paths := make([]string, min(workloads.Distinct(p.Payload), most))
		for i := range paths {
			if paths[i], err = write(p.Dir, fmt.Sprintf("payload-%d", i), p.Seed+uint64(i), p.Payload); err != nil {
				return nil, t, err
			}
		}
		return func(i int) string { return paths[i%len(paths)] }, t, nil
	})
}

// write writes a file of size pseudo-random bytes, which depend only on the seed, to the folder
// dir. It returns the file's absolute path.
func write(dir, name string, seed uint64, size int) (path string, err error) {
	if path, err = filepath.Abs(filepath.Join(dir, name)); err != nil {
		return "", err
	}
	return path, os.WriteFile(path, codec.NewBytes(seed, size), 0o600)
}

// A part is a position and a length in a file, in bytes. Each process maps the file into memory
// once.
type part struct {
	Offset, Len uint64
	Path        string
}

// newMapped returns the workload mapped. All processes map a file into memory. Each task carries
// the position of its data in the file, and reads the data there without copying it.
func newMapped() workloads.Workload {
	var maps mappings
	read := func(task uint32, p part) (uint64, error) {
		b, err := maps.part(p)
		return digest(uint64(task), b), err
	}
	return define(workloads.Workload{
		Name: "mapped",
		Doc:  "reads part of a file, at a position that the task carries; all processes map the file and so share its memory",
		Uses: "allocates nothing; reads its data once, from the page cache",
	}, numbered("mapped", partCodec(), raw.One[uint64](), read), whole, func(p workloads.Params) (data func(i int) part, t typed[part, uint64], err error) {
		parts := workloads.Distinct(p.Payload)
		path, err := write(p.Dir, "mapped", p.Seed, parts*p.Payload)
		t.Free = func() error { return maps.free(path) }
		return func(i int) part { return part{uint64(i % parts * p.Payload), uint64(p.Payload), path} }, t, err
	})
}

// mappings holds the files that this process has mapped into memory, keyed by path.
type mappings struct{ workloads.Keyed[[]byte] }

// part returns the bytes of part p of a mapped file. The bytes are valid until a call of free for
// that file.
func (m *mappings) part(p part) ([]byte, error) {
	b, err := m.Of(p.Path, func() ([]byte, error) { return mapFile(p.Path) })
	if err != nil {
		return nil, err
	}
	if size := uint64(len(b)); p.Offset > size || p.Len > size-p.Offset {
		return nil, fmt.Errorf("%s: %d bytes from offset %d on are not in the file, which has %d bytes", p.Path, p.Len, p.Offset, size)
	}
	return b[p.Offset:][:p.Len], nil
}

func mapFile(path string) ([]byte, error) {
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
		return nil, fmt.Errorf("cannot map %s into memory: %w", path, err)
	}
	return b, nil
}

// free unmaps the file at path. No task may read the mapped file afterwards.
func (m *mappings) free(path string) error {
	if b := m.Drop(path); b != nil {
		return syscall.Munmap(b)
	}
	return nil
}

func partCodec() strategies.Codec[part] {
	return strategies.Codec[part]{
		Append: func(dst []byte, p part) ([]byte, error) {
			dst = binary.LittleEndian.AppendUint64(dst, p.Offset)
			dst = binary.LittleEndian.AppendUint64(dst, p.Len)
			return append(dst, p.Path...), nil
		},
		Decode: func(src []byte) (part, error) {
			if len(src) < 16 {
				return part{}, fmt.Errorf("encoded part of a file has %d bytes, must have at least 16", len(src))
			}
			return part{binary.LittleEndian.Uint64(src), binary.LittleEndian.Uint64(src[8:]), string(src[16:])}, nil
		},
	}
}
