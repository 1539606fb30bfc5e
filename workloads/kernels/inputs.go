package kernels

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/payoff-bench/payoff/workloads"
)

// Limits for programs and their inputs, in bytes.
const (
	maxProgram  = 8 << 10     // size of a program and its arguments
	maxInputs   = 64 << 20    // size of a file of inputs
	maxLine     = 64 << 10    // size of one line in that file
	maxArgument = 128<<10 - 1 // size of an argument with its line inserted; the limit of Linux
)

// SplitCommand splits a command at blanks into the program and its arguments. Text in single or
// double quotes stays together. Quotes have no other meaning, because no shell runs.
//
// SplitCommand returns an error if a character outside quotes is special to a shell, because the
// user may expect a shell to interpret it. It also returns an error if the command has no {}, which
// stands for a line of the inputs. If stdin is true, the program reads the line from its standard
// input, and {} may be missing.
func SplitCommand(command string, stdin bool) ([]string, error) {
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
			return nil, fmt.Errorf("command %q: the character %q is special to a shell, and no shell runs; add --shell to run one, or quote the character to pass it unchanged", command, r)
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("command %q: the quote %c is never closed; add the closing quote", command, quote)
	}
	end()
	return words, checkProgram(words, stdin)
}

// checkProgram returns an error if program is not valid as Params.Program. If stdin is true, the
// program reads its line from standard input, and {} may be missing.
func checkProgram(program []string, stdin bool) error {
	switch joined := strings.Join(program, " "); {
	case len(program) == 0 || program[0] == "":
		return errors.New("no command; name a program, such as payoff run --command 'wc -c {}' --inputs FILE")
	case strings.ContainsRune(joined, 0):
		return fmt.Errorf("command %q contains a zero byte; remove it", program)
	case len(joined) > maxProgram:
		return fmt.Errorf("command of %d bytes: must be at most %d; move parts of it into a script", len(joined), maxProgram)
	case strings.Contains(program[0], "{}"):
		return fmt.Errorf("command %q: the program itself cannot contain {}; write env {} to run each line as a program", program)
	case !stdin && !strings.Contains(joined, "{}"):
		return fmt.Errorf("command %q has no {}, which stands for a line of the inputs; write {} where the line belongs, or add --stdin", program)
	}
	return nil
}

// ReadInputs returns the lines of a file. Each line is the input of one task, which runs program by
// the rules. ReadInputs returns an error for a line that cannot be an input. Examples are an empty
// line and a line that ends in a carriage return. The error gives the number of the line and the
// remedy.
func ReadInputs(program []string, file string, rules workloads.Rules) ([]string, error) {
	if err := cmp.Or(checkProgram(program, rules.Stdin), rules.Check()); err != nil {
		return nil, err
	}
	text, err := readInputs(file)
	if err != nil {
		return nil, err
	}
	var lines []string
	longest := 0
	for line := range bytes.SplitSeq(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) {
		wrong := func(format string, args ...any) ([]string, error) {
			return nil, fmt.Errorf("%s:%d: %s", file, len(lines)+1, fmt.Sprintf(format, args...))
		}
		switch {
		case len(lines) == 0 && bytes.HasPrefix(line, []byte("\uFEFF")):
			return wrong("the file begins with a byte order mark, which would be part of the first input; remove it with sed -i '1s/^\\xEF\\xBB\\xBF//' FILE")
		case len(bytes.TrimSpace(line)) == 0:
			return wrong("the line is empty; remove it")
		case line[len(line)-1] == '\r':
			return wrong("the line ends in a carriage return, which would be part of the input; remove all carriage returns with sed -i 's/\\r$//' FILE")
		case len(line) > maxLine:
			return wrong("the line has %d bytes; an input may have at most %d; pass long inputs as files and list their paths", len(line), maxLine)
		case bytes.IndexByte(line, 0) >= 0:
			return wrong("the line contains a zero byte, but an argument of a program cannot; remove the byte")
		}
		if lines = append(lines, string(line)); len(line) > len(lines[longest]) {
			longest = len(lines) - 1
		}
	}
	for _, arg := range fillIn(program, lines[longest]) {
		if len(arg) > maxArgument {
			return nil, fmt.Errorf("%s:%d: with this line an argument has %d bytes; it may have at most %d; shorten the line or use --stdin", file, longest+1, len(arg), maxArgument)
		}
	}
	return lines, nil
}

// readInputs returns the content of a file. It returns an error if the file is not regular, is
// empty or is too large.
func readInputs(file string) ([]byte, error) {
	if file == "" {
		return nil, errors.New("no inputs; name a file that has one input on each line, with --inputs FILE")
	}
	st, err := os.Stat(file) // before opening the file, because opening a pipe could block for ever
	switch {
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a regular file; write the inputs to one", file)
	case st.Size() > maxInputs:
		return nil, fmt.Errorf("%s is larger than %d MiB; use fewer inputs", file, maxInputs>>20)
	}
	text, err := os.ReadFile(file)
	if err == nil && len(text) == 0 {
		err = fmt.Errorf("%s is empty; write one input on each line", file)
	}
	return text, err
}

// Arguments returns, without duplicates, all arguments with which the program is called if it is
// called once for each line. Some of them may be names of files.
func Arguments(program, lines []string) (all []string) {
	seen := map[string]bool{}
	add := func(arg string) {
		if !seen[arg] {
			seen[arg] = true
			all = append(all, arg)
		}
	}
	for _, arg := range program[1:] {
		if !strings.Contains(arg, "{}") {
			add(arg)
			continue
		}
		for _, line := range lines {
			add(strings.ReplaceAll(arg, "{}", line))
		}
	}
	return all
}
