package kernels

import (
	"fmt"
	"strings"
)

// Shell returns a program that runs the command in sh. In the command, {} stands for a line of the
// inputs, as one argument. sh passes the line unchanged even if the line has special characters,
// and even if {} is in double quotes. The command can also use $1 for the line.
//
// Shell returns an error if {} is in a place where sh would not expand it to one argument:
//
//   - in single quotes or after a backslash
//   - in a command with a here-document
//   - in a command with both double quotes and a command substitution
func Shell(command string) ([]string, error) {
	wrong := func(where string) ([]string, error) {
		return nil, fmt.Errorf("command %q: {} is %s; write \"$1\" for the line there", command, where)
	}
	switch {
	case !strings.Contains(command, "{}"):
	case strings.Contains(command, "<<"):
		return wrong("in a command with a here-document")
	case strings.Contains(command, `"`) && (strings.Contains(command, "$(") || strings.Contains(command, "`")):
		return wrong("in a command with double quotes and a command substitution")
	}
	var script strings.Builder
	quote := rune(0)
	rest := command
	for rest != "" {
		if after, ok := strings.CutPrefix(rest, "{}"); ok {
			switch quote {
			case '\'':
				return wrong("in single quotes, where sh expands nothing")
			case '"':
				script.WriteString("${1}")
			default:
				script.WriteString(`"${1}"`)
			}
			rest = after
			continue
		}
		c := rune(rest[0])
		if strings.HasPrefix(rest, `\{}`) {
			return wrong("after a backslash")
		}
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
		return nil, fmt.Errorf("command %q: the quote %c is never closed; add the closing quote", command, quote)
	}
	return []string{"/bin/sh", "-c", script.String(), "sh", "{}"}, nil
}
