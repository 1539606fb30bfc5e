package cli

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// mentioned returns the names of files that the words of a command may refer to, if the command
// runs in the folder dir. For each word, these are the word as a path, the part after an equals
// sign as a path, and the program in PATH with that name. Most of these files do not exist.
func mentioned(dir string, words []string) (names []string) {
	for _, word := range words {
		forms := []string{word}
		if _, value, ok := strings.Cut(word, "="); ok {
			forms = append(forms, value)
		}
		for _, form := range forms {
			if form == "" {
				continue
			}
			if path := form; filepath.IsAbs(path) {
				names = append(names, path)
			} else {
				names = append(names, filepath.Join(dir, path))
			}
			if path, err := exec.LookPath(form); err == nil && filepath.IsAbs(path) {
				names = append(names, path)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// shellWords returns the words of a shell script, some of which may name files and programs. It
// leaves out characters that are special to a shell, and the names of files to which the script
// redirects output.
func shellWords(script string) []string {
	return strings.FieldsFunc(redirected.ReplaceAllString(script, " "), func(r rune) bool { return strings.ContainsRune(" \t\n|&;<>()$`'\"\\{}!#*?[]", r) })
}

var redirected = regexp.MustCompile(`>[>|&]?\s*[^\s|&;<>()]+`)
