package workloads

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// What is taken for meant of a program and its inputs.
const (
	MaxProgram = 8 << 10  // bytes of a program and its arguments
	MaxInputs  = 64 << 20 // bytes of a file of inputs
	MaxLine    = 64 << 10 // bytes of one; Linux has no arguments longer than twice that
)

// SplitCommand splits a command at blanks into the program and its arguments. Quotes, single
// or double, hold together what has blanks in it, and nothing more: no shell is used. So a
// character outside quotes that means something to a shell is an error, and so is a command
// without {}, which stands for a line of the inputs.
func SplitCommand(command string) ([]string, error) {
	var words []string
	var word strings.Builder
	begun, quote := false, rune(0)
	end := func() {
		if begun {
			words = append(words, word.String())
		}
		word.Reset()
		begun = false
	}
	for _, r := range command {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case strings.ContainsRune(" \t\n", r):
			end()
		case strings.ContainsRune("|&;<>$`*?~\\", r):
			return nil, fmt.Errorf("command %q: %q means something to a shell, and none is used: put it in quotes to pass it as it is, or write sh -c '… \"$0\" …' {}", command, r)
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("command %q: the quote %c is never closed", command, quote)
	}
	end()
	return words, checkProgram(words)
}

func checkProgram(program []string) error {
	switch joined := strings.Join(program, " "); {
	case len(program) == 0 || program[0] == "":
		return errors.New("no command; name a program, as payoff run --command 'wc -c {}' --inputs FILE")
	case strings.ContainsRune(joined, 0):
		return fmt.Errorf("command %q: has a zero byte", program)
	case len(joined) > MaxProgram:
		return fmt.Errorf("command of %d bytes: must be at most %d", len(joined), MaxProgram)
	case strings.Contains(program[0], "{}"):
		return fmt.Errorf("command %q: the program itself cannot be the input; write env {} to run one of each line", program)
	case !strings.Contains(joined, "{}"):
		return fmt.Errorf("command %q: has no {}, which stands for a line of the inputs; add it where the input belongs", program)
	}
	return nil
}

// ReadInputs returns the lines of a file, each the input of a task. No line may be empty.
func ReadInputs(file string) ([]string, error) {
	if file == "" {
		return nil, errors.New("no inputs; name a file with one input a line, as --inputs FILE")
	}
	st, err := os.Stat(file) // before opening it, which waits for ever if it is a pipe
	if err != nil {
		return nil, fmt.Errorf("inputs: %w", err)
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("inputs: %s is not a regular file", file)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("inputs: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, MaxInputs+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("inputs: %w", err)
	case len(text) > MaxInputs:
		return nil, fmt.Errorf("inputs: %s is larger than %d MiB", file, MaxInputs>>20)
	case len(text) == 0:
		return nil, fmt.Errorf("inputs: %s is empty; write one input a line", file)
	}
	var lines []string
	for line := range bytes.SplitSeq(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) {
		at := fmt.Sprintf("inputs: %s:%d", file, len(lines)+1)
		switch {
		case len(bytes.TrimSpace(line)) == 0:
			return nil, fmt.Errorf("%s: the line is empty; remove it", at)
		case len(line) > MaxLine:
			return nil, fmt.Errorf("%s: the line has %d bytes; an argument may have %d", at, len(line), MaxLine)
		case bytes.IndexByte(line, 0) >= 0:
			return nil, fmt.Errorf("%s: the line has a zero byte, which no argument can have", at)
		}
		lines = append(lines, string(line))
	}
	return lines, nil
}
