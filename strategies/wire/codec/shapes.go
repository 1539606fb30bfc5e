package codec

import (
	"encoding/binary"
	"math/rand/v2"
)

// Shapes of data for comparing codecs.

// A Record is flat test data: numbers, a text, a flag and bytes.
type Record struct {
	ID      uint64
	Time    int64
	Value   float64
	Name    string
	Valid   bool
	Payload []byte
}

// A Tree is nested test data: each node has a text, attributes, numbers and child nodes.
type Tree struct {
	Name       string
	Attributes map[string]string
	Values     []float64
	Children   []Tree
}

// SmallestShape and LargestShape are the smallest and the largest size, in bytes, of such test
// data.
const (
	SmallestShape = 16
	LargestShape  = 64 << 20
)

// NewBytes returns size pseudo-random bytes that depend only on seed and size.
func NewBytes(seed uint64, size int) []byte {
	r := rand.New(rand.NewPCG(seed, 2))
	b := make([]byte, 0, size+8)
	for len(b) < size {
		b = binary.LittleEndian.AppendUint64(b, r.Uint64())
	}
	return b[:size:size]
}

// recordSize is the approximate size in bytes of a Record without its payload.
const recordSize = 48

// NewRecord returns a Record that takes about size bytes, but at least 48 bytes.
func NewRecord(seed uint64, size int) Record {
	r := rand.New(rand.NewPCG(seed, 4))
	return Record{
		ID: r.Uint64(), Time: r.Int64(), Value: r.Float64(), Valid: true, Name: word(r) + word(r),
		Payload: NewBytes(seed, max(size-recordSize, 0)),
	}
}

// NewTree returns a Tree whose texts and numbers take about size bytes, but at least 100 bytes, the
// size of one node. A node has up to four children.
func NewTree(seed uint64, size int) Tree {
	r := rand.New(rand.NewPCG(seed, 5))
	return *tree(r, size)
}

const nodeSize = 100

func tree(r *rand.Rand, size int) *Tree {
	t := &Tree{
		Name:       word(r),
		Attributes: map[string]string{word(r): word(r), word(r): word(r)},
		Values:     []float64{r.Float64(), r.Float64(), r.Float64(), r.Float64()},
	}
	for size -= nodeSize; size >= nodeSize && len(t.Children) < 4; {
		part := max(size/(4-len(t.Children)), min(size, nodeSize))
		t.Children = append(t.Children, *tree(r, part))
		size -= part
	}
	return t
}

// word returns a text of eight random letters.
func word(r *rand.Rand) string {
	var b [8]byte
	for i := range b {
		b[i] = 'a' + byte(r.IntN(26))
	}
	return string(b[:])
}
