package payload

import (
	"math"
	"strconv"

	"github.com/payoff-bench/payoff/strategies/wire/codec"
	"github.com/payoff-bench/payoff/workloads"
)

// Tree is nodes in nodes, with texts, maps and numbers in each, in and out.
func Tree() workloads.Workload {
	return shape[codec.Tree, codec.Tree]{
		name: "tree",
		doc:  "reads a tree of nodes and returns it under a new name: nested data in and out by value",
		uses: "allocates 16 B, and its data in many pieces where that is decoded; follows its pointers once",
		own:  codec.Default,
		kernel: func(task uint32, in codec.Tree) (codec.Tree, error) {
			out := in
			out.Name = strconv.FormatUint(treeDigest(uint64(task), &in), 16)
			return out, nil
		},
		input:   codec.NewTree,
		digest:  func(t codec.Tree) uint64 { return treeDigest(0, &t) },
		structs: true,
	}.workload()
}

// treeDigest does not depend on the order of a map.
func treeDigest(h uint64, t *codec.Tree) uint64 {
	h = digestOf(h, t.Name)
	sum := uint64(0)
	for k, v := range t.Attributes {
		sum += digestOf(digestOf(h, k), v)
	}
	h ^= sum
	for _, v := range t.Values {
		h = mix(h ^ math.Float64bits(v))
	}
	for i := range t.Children {
		h = mix(h + treeDigest(uint64(i), &t.Children[i]))
	}
	return h
}
