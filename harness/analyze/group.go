package analyze

// grouped returns the elements with equal keys together, in the order in which they are met.
func grouped[K comparable, T any](all []T, key func(T) K) (groups [][]T) {
	at := map[K]int{}
	for _, one := range all {
		i, ok := at[key(one)]
		if !ok {
			i = len(groups)
			at[key(one)] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], one)
	}
	return groups
}

// distinct returns the keys of the elements, each once, in the order in which they are met.
func distinct[K comparable, T any](all []T, key func(T) K) (keys []K) {
	for _, group := range grouped(all, key) {
		keys = append(keys, key(group[0]))
	}
	return keys
}

// only returns the elements to keep.
func only[T any](all []T, keep func(T) bool) (some []T) {
	for _, one := range all {
		if keep(one) {
			some = append(some, one)
		}
	}
	return some
}

// find returns the element that is sought, an empty one where there is none.
func find[T any](all []T, sought func(T) bool) (one T) {
	if some := only(all, sought); len(some) > 0 {
		return some[0]
	}
	return one
}
