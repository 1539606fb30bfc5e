package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// Footnotes are the numbered notes of a report. Results with the same note share one footnote,
// which names these results.
type footnotes struct {
	texts []analyze.Note
	about [][]string
}

// add adds a note on a result and returns the number of its footnote. result is the name of the
// result, which the footnote lists; it may be "".
func (f *footnotes) add(text analyze.Note, result string) int {
	i := slices.Index(f.texts, text)
	if i < 0 {
		i = len(f.texts)
		f.texts = append(f.texts, text)
		f.about = append(f.about, nil)
	}
	if result != "" {
		f.about[i] = append(f.about[i], result)
	}
	return i + 1
}

// all adds the notes on one result and returns references to their footnotes: " [2] [5]". result is
// the name of this result. If f is nil, all returns "" and adds no note.
func (f *footnotes) all(notes []analyze.Note, result string) string {
	if f == nil { // the notes are elsewhere
		return ""
	}
	var marks strings.Builder
	for _, n := range notes {
		fmt.Fprintf(&marks, " [%d]", f.add(n, result))
	}
	return marks.String()
}

const named = 3 // largest number of results that a footnote names; it only counts the others

// lines returns the texts of the footnotes in order. Each text ends with the names of the results
// to which the note belongs.
func (f *footnotes) lines() []string {
	var out []string
	for i, text := range f.texts {
		line := capital(string(text))
		if about := f.about[i]; len(about) > named {
			line += fmt.Sprintf(" (%s and %d more)", strings.Join(about[:named], "; "), len(about)-named)
		} else if len(about) > 0 {
			line += " (" + strings.Join(about, "; ") + ")"
		}
		out = append(out, line+".")
	}
	return out
}

// capital returns text with a capital first letter and without full stops at the end.
func capital(text string) string {
	text = strings.TrimRight(text, ". ")
	if text == "" {
		return text
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// names matches cells and tasks as they are named in notes: "workload=spin/grain=1000/…".
var names = regexp.MustCompile(`workload=[^\s:;,()]+`)

// readable returns a note in which the full names of cells and tasks are replaced by the shorter
// names that the report uses.
func readable(note string) string {
	return names.ReplaceAllStringFunc(note, func(name string) string {
		c, _, err := harness.ParseName("Job/" + name)
		if err != nil {
			return name
		}
		at := analyze.PlaceOf(c)
		words := at.Work() + at.Nominal()
		if c.Strategy == "" {
			return words
		}
		return analyze.Label(c) + " with " + words + " on " + format.Count(c.Cores, "core")
	})
}
