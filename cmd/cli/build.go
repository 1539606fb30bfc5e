package cli

import (
	"fmt"
	"maps"
	"slices"
)

// build returns a digest of this program and those of workers. Version and commit say less:
// where a change was not committed, and in a program of one's own, they stay what they were.
func (m matrix) build() (string, error) {
	programs := map[string]bool{}
	for _, command := range m.workers {
		programs[command[0]] = true
	}
	delete(programs, m.command[0])
	digest, err := content(append([]string{m.command[0]}, slices.Sorted(maps.Keys(programs))...)...)
	if err != nil {
		return "", fmt.Errorf("programs of the run: %w", err)
	}
	return digest, nil
}
