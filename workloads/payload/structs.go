package payload

import (
	"math"
	"strconv"

	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/workloads"
	"github.com/payoff-bench/payoff/workloads/mix"
)

// newRecord returns the workload record. Each task receives a flat struct and returns it with a
// changed field. The struct consists mostly of one field of bytes.
func newRecord() workloads.Workload {
	return byValue[codec.Record, codec.Record]{
		structs: true,
		kernel: func(task uint32, in codec.Record) (codec.Record, error) {
			out := in
			out.ID = recordDigest(uint64(task), in)
			return out, nil
		},
		input:  codec.NewRecord,
		digest: func(r codec.Record) uint64 { return recordDigest(0, r) },
	}.workload(workloads.Workload{
		Name: "record",
		Doc:  "reads a flat struct and returns it with a changed field: flat data passes in both directions",
		Uses: "allocates memory only to decode its data; reads the data once, from the cache level that holds it",
	})
}

func recordDigest(h uint64, r codec.Record) uint64 {
	h = mix.Bits(h ^ r.ID ^ mix.Bits(uint64(r.Time)) ^ math.Float64bits(r.Value))
	if r.Valid {
		h++
	}
	return digest(digestOf(h, r.Name), r.Payload)
}

// newTree returns the workload tree. Each task receives nested nodes and returns them under a new
// name. Each node contains texts, a map and numbers.
func newTree() workloads.Workload {
	return byValue[codec.Tree, codec.Tree]{
		structs: true,
		kernel: func(task uint32, in codec.Tree) (codec.Tree, error) {
			out := in
			out.Name = strconv.FormatUint(treeDigest(uint64(task), &in), 16)
			return out, nil
		},
		input:  codec.NewTree,
		digest: func(t codec.Tree) uint64 { return treeDigest(0, &t) },
	}.workload(workloads.Workload{
		Name: "tree",
		Doc:  "reads a tree of nodes and returns it under a new name: nested data passes in both directions",
		Uses: "allocates 16 B, and decodes its data in many allocations; follows the pointers in the data once",
	})
}

// treeDigest returns a hash of the tree t. The argument h is the initial state of the hash. The
// hash does not depend on the iteration order of maps.
func treeDigest(h uint64, t *codec.Tree) uint64 {
	h = digestOf(h, t.Name)
	sum := uint64(0)
	for k, v := range t.Attributes {
		sum += digestOf(digestOf(h, k), v)
	}
	h ^= sum
	for _, v := range t.Values {
		h = mix.Bits(h ^ math.Float64bits(v))
	}
	for i := range t.Children {
		h = mix.Bits(h + treeDigest(uint64(i), &t.Children[i]))
	}
	return h
}
