package launch

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// hook runs a shell command of the user before or after a launch, or nothing if it is empty. Its output
// appears only in the error.
func hook(ctx context.Context, name, command string) error {
	if command == "" {
		return nil
	}
	said, err := exec.CommandContext(ctx, "/bin/sh", "-c", command).CombinedOutput()
	if err != nil {
		return fmt.Errorf("--%s %q: %w: %s", name, command, err, strings.TrimSpace(strings.ToValidUTF8(string(said), "?")))
	}
	return nil
}
