package format

import "strings"

// Command returns a command line for a shell. It quotes the words of the command, so that the shell
// passes each word unchanged.
func Command(words ...string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = Quoted(word)
	}
	return strings.Join(quoted, " ")
}

// Quoted returns one word of a command line, in single quotes if a shell would otherwise change it.
func Quoted(word string) string {
	if word != "" && !strings.ContainsFunc(strings.ReplaceAll(word, "{}", ""), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./,:+%@=", r))
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
