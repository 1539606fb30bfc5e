package cli

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// mentioned returns the names of files that the words of a command may refer to, if the command runs in
// the folder dir: each word as a path, the part of it after an equals sign, and the program in PATH with
// that name. Most of these files do not exist.
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

// shellWords returns the words of a shell script, without the signs that are special to a shell, and
// without the files that it writes by >. Some of the words may name files and programs.
func shellWords(script string) []string {
	return strings.FieldsFunc(redirected.ReplaceAllString(script, " "), func(r rune) bool { return strings.ContainsRune(" \t\n|&;<>()$`'\"\\{}!#*?[]", r) })
}

var redirected = regexp.MustCompile(`>[>|&]?\s*[^\s|&;<>()]+`)
