package harness

import (
	"fmt"
	"strings"
	"unicode"
)

// longestName is the largest number of bytes in a name. It keeps the names of cells and folders
// short.
const longestName = 64

// CheckName returns an error unless name can be part of cell names, file names and filters. A valid
// name has at most 64 bytes and consists of letters, digits and the characters - _ . +. It must not
// end in - and digits, because tools for Go benchmarks take such an ending for the number of cores
// and cut it off. The error contains the argument kind, such as "strategy", which says what the
// name stands for.
func CheckName(kind, name string) error {
	stem := strings.TrimRight(name, "0123456789")
	switch {
	case name == "":
		return fmt.Errorf("a %s has no name", kind)
	case len(name) > longestName:
		return fmt.Errorf("the name of %s %q has %d bytes, but at most %d are allowed", kind, name, len(name), longestName)
	case stem != name && strings.HasSuffix(stem, "-"):
		return fmt.Errorf("the name of %s %q ends in - and digits, which benchmark tools take for the number of cores; rename it, for example to %q", kind, name, strings.TrimSuffix(stem, "-")+name[len(stem):])
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.+", r) || r == unicode.ReplacementChar {
			return fmt.Errorf("the name of %s %q contains %q; use letters, digits and - _ . +", kind, name, r)
		}
	}
	return nil
}
