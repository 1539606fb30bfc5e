package launch

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// hook runs a shell command that the user wants to run before or after each launch. If command is
// empty, hook does nothing. The command's output appears only in an error of hook.
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
