package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// hookTime is the time limit of a command that the user runs before or after launches.
const hookTime = 10 * time.Minute

// hook runs a shell command of the user before or after a launch. The command gets the environment
// of this process and the variables in env. If command is empty, hook does nothing. If the command
// leaves processes running in the background, hook does not end them. The command's output appears
// only in an error of hook.
func hook(ctx context.Context, name, command string, env []string) error {
	if command == "" {
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, hookTime, fmt.Errorf("the command ran longer than %v and was killed", hookTime))
	defer cancel()
	var said gist
	c := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	c.Env = append(os.Environ(), env...)
	c.Stdout, c.Stderr = &said, &said
	c.WaitDelay = time.Second // for a background process that keeps the output open
	err := c.Run()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("--%s %q: %w: %s", name, command, err, &said)
	}
	return nil
}
