package analyze

import "slices"

// mapped returns the results of the function f for all elements, in their order.
func mapped[T, U any](all []T, f func(T) U) []U {
	out := make([]U, len(all))
	for i, one := range all {
		out[i] = f(one)
	}
	return out
}

// grouped returns the elements of all in groups. The function key returns the same key for all
// elements of a group. Groups are in order of first occurrence of their keys.
func grouped[K comparable, T any](all []T, key func(T) K) (groups [][]T) {
	at := map[K]int{}
	of := make([]int, len(all)) // index of the group of each element
	var sizes []int
	for i, one := range all {
		k := key(one)
		g, ok := at[k]
		if !ok {
			g = len(sizes)
			at[k] = g
			sizes = append(sizes, 0)
		}
		of[i] = g
		sizes[g]++
	}
	room := make([]T, len(all)) // of all groups, since a run may have many samples
	for _, n := range sizes {
		groups = append(groups, room[:0:n])
		room = room[n:]
	}
	for i, one := range all {
		groups[of[i]] = append(groups[of[i]], one)
	}
	return groups
}

// distinct returns the distinct results of the function key for the elements of all, in order of
// first occurrence.
func distinct[K comparable, T any](all []T, key func(T) K) []K {
	return mapped(grouped(all, key), func(group []T) K { return key(group[0]) })
}

// only returns the elements for which the function keep returns true.
func only[T any](all []T, keep func(T) bool) (some []T) {
	for _, one := range all {
		if keep(one) {
			some = append(some, one)
		}
	}
	return some
}

// find returns the first element for which the function sought returns true. If there is none, it
// returns the zero value.
func find[T any](all []T, sought func(T) bool) (one T) {
	if i := slices.IndexFunc(all, sought); i >= 0 {
		one = all[i]
	}
	return one
}
