package kernels

import (
	"fmt"
	"strings"
)

// Shell returns a program that runs the command in sh. In the command, each {} becomes the line of
// the inputs as one argument, with or without double quotes around {}, whatever characters the line
// has. {} in single quotes is an error, because sh replaces nothing there.
func Shell(command string) ([]string, error) {
	var script strings.Builder
	quote := rune(0)
	rest := command
	for rest != "" {
		if after, ok := strings.CutPrefix(rest, "{}"); ok {
			switch quote {
			case '\'':
				return nil, fmt.Errorf("command %q: {} is in single quotes, where sh replaces nothing; write it without quotes", command)
			case '"':
				script.WriteString("${1}")
			default:
				script.WriteString(`"${1}"`)
			}
			rest = after
			continue
		}
		c := rune(rest[0])
		if c == '\\' && quote != '\'' && len(rest) > 1 { // sh takes the next character as it is
			script.WriteString(rest[:2])
			rest = rest[2:]
			continue
		}
		switch {
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		}
		script.WriteByte(rest[0])
		rest = rest[1:]
	}
	if quote != 0 {
		return nil, fmt.Errorf("command %q: the quote %c is never closed", command, quote)
	}
	return []string{"/bin/sh", "-c", script.String(), "sh", "{}"}, nil
}
