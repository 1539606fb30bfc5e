package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/payoff-bench/payoff/harness/profile"
	"github.com/payoff-bench/payoff/harness/report"
)

// keepFlameGraph writes the flame graph of the merged profile at path to a file next to it, and
// returns the path of this file.
func keepFlameGraph(path string) (flame string, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	flame = strings.TrimSuffix(path, profileSuffix) + report.FlameSuffix
	err = writeNew(flame, func(w io.Writer) error { return profile.FlameGraph(w, path, data) })
	if err != nil {
		return "", fmt.Errorf("%w; the profile itself is kept", err)
	}
	return flame, nil
}
