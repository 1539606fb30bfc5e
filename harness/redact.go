package harness

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// Removed is the text that [Info.Redacted] writes in place of a part that it removes from a field.
const Removed = "[removed]"

// Redacted returns a copy of the info without text that may identify its owner, for reports that
// leave a company. It removes:
//
//   - the host name and the environment;
//   - the program or Python function measured as a task, its arguments, inputs and folder, and the
//     shell commands that run before and after it;
//   - the filter, the core counts, the paths of suite files, and the names of suites in files;
//   - the results of probes, and the digests of programs, inputs and environment variables;
//   - everything after the leading numbers in the versions of the kernel, Go and payoff;
//   - in notes and reasons: the errors of launches, text in quotes, and every word that is not an
//     ordinary word, a number, a unit, or the name of a cell;
//   - in notes, reasons and the CPU's name: each word that is also in a removed field.
//
// It keeps the CPU's name, cores, memory, limits, operating system, times, seed, commit, plan,
// settings and counts of failed launches. It also keeps the names of workloads and built-in
// strategies in the names of cells, because the answers of a run are about them.
func (i Info) Redacted() Info {
	s := i.secrets()
	m := i.Machine
	out := Info{
		Machine: Machine{
			CPU: s.cpu(m.CPU), GOOS: shaped(plainWord, m.GOOS), GOARCH: shaped(plainWord, m.GOARCH), Kernel: leadingVersion.FindString(m.Kernel),
			Cores: m.Cores, Memory: m.Memory, Virtual: s.text(shaped(plainWord, m.Virtual)), Speeds: shaped(speedList, m.Speeds),
		},
		Seed: i.Seed, Version: cmp.Or(leadingVersion.FindString(i.Version), shaped(develVersion, i.Version)),
		Commit: shaped(commitShape, i.Commit), Go: leadingVersion.FindString(i.Go),
		Started: i.Started, Resumed: i.Resumed, Finished: i.Finished, Rounds: i.Rounds, Budget: i.Budget, Precision: i.Precision,
		Plan: shaped(planShape, i.Plan), Spent: i.Spent, Pinned: i.Pinned, Limits: i.Limits, Governor: shaped(plainWord, i.Governor), Doubt: s.text(i.Doubt), Foreign: s.text(i.Foreign),
	}
	out.Limits.Cores, out.Limits.Policy = shaped(coreList, i.Limits.Cores), shaped(plainWord, i.Limits.Policy)
	out.Limits.IO, out.Limits.Layout, out.Limits.Placement = shaped(limitWords, i.Limits.IO), shaped(limitWords, i.Limits.Layout), shaped(limitWords, i.Limits.Placement)
	for _, name := range i.Suites {
		own := len(i.Files) > 0 && !slices.Contains(i.Files, name) || !plainWord.MatchString(name)
		if own || s.text(name) != name {
			name = Removed
		}
		out.Suites = append(out.Suites, name)
	}
	if i.Filter != "" {
		out.Filter = Removed
	}
	for _, u := range Units() {
		if why, ok := i.Absent[u.Name]; ok {
			if out.Absent == nil {
				out.Absent = map[string]string{}
			}
			out.Absent[u.Name] = s.text(why)
		}
	}
	for name, n := range i.Failed {
		if out.Failed == nil {
			out.Failed = map[string]int{}
		}
		out.Failed[s.text(name)] += n
	}
	for _, note := range i.Notes {
		out.Notes = append(out.Notes, s.text(note))
	}
	for _, note := range i.Ended {
		out.Ended = append(out.Ended, s.text(note))
	}
	return out
}

var (
	plainWord      = regexp.MustCompile(`^[A-Za-z]+[0-9]{0,2}(-[a-z]+)*$`)
	quantity       = regexp.MustCompile(`^[±≤<>]?[0-9][0-9.,]*(%|×|[nµm]?s|[hm]([0-9]+[ms])*)?$`)
	cellName       = regexp.MustCompile(`^workload=`)
	timestamp      = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)$`)
	leadingVersion = regexp.MustCompile(`^(v|go)?[0-9]+(\.[0-9]+)*`)
	develVersion   = regexp.MustCompile(`^(devel|\(devel\))$`)
	commitShape    = regexp.MustCompile(`^[0-9a-f]{7,40}(\+dirty)?$`)
	limitWords     = regexp.MustCompile(`^[a-z]+( [a-z0-9]+)*([:=][a-z0-9,:=-]+)?$|^best-effort [0-7]$`)
	coreList       = regexp.MustCompile(`^[0-9,-]+$`)
	speedList      = regexp.MustCompile(`^((capacity [0-9]+|[0-9.e+]+ GHz) for cores? [0-9,-]+(, )?)+$`)
	planShape      = regexp.MustCompile(`^[0-9]+ blocks with [0-9]+ cells, [0-9a-f]+$`)
	quoted         = regexp.MustCompile("\"(\\\\.|[^\"\\\\])*\"?|`[^`]*`?")
	launchError    = regexp.MustCompile(`(?s)^(.*?\b(?:in round [0-9]+(?: too)?|^probe of [^ ]+): ).+$`)
	parts          = regexp.MustCompile(`[\pL\pN]+`)
)

// shaped returns text if it matches the regular expression shape. Otherwise it returns "".
func shaped(shape *regexp.Regexp, text string) string {
	if !shape.MatchString(text) {
		return ""
	}
	return text
}

// signs lists further texts that may stay in redacted notes: signs, units of memory, and names of
// files that every run has.
var signs = []string{"A/A", "±", "×", "%", "–", "…", "≤", "+", "=", "/", "run.json", "samples.txt", "MiB", "GiB", "KiB"}

// A secrets is a set of words from the fields that [Info.Redacted] removes. Redacted also removes
// these words wherever they occur in other fields. The words are in lower case.
type secrets map[string]bool

// secrets returns the words in the fields that Redacted removes. It leaves out words of fewer than
// three bytes and the keys of axes, such as order, because these words are harmless in notes.
func (i Info) secrets() secrets {
	s := secrets{}
	fields := slices.Concat([]string{i.Machine.Host, i.Inputs, i.Folder, i.Rules.Prepare, i.Rules.Cleanup}, i.Program, i.Rules.Env)
	if f := i.Function; f != nil {
		fields = append(fields, f.Name, f.Source, f.File)
	}
	if i.Python != nil {
		fields = append(fields, i.Python.Path)
	}
	for _, name := range i.Files {
		if !slices.Contains(i.Suites, name) { // suites in files; names of built-in suites are no secrets
			fields = append(fields, name)
		}
	}
	for _, field := range fields {
		for _, word := range parts.FindAllString(field, -1) {
			if _, axis := axes.Find(strings.ToLower(word)); !axis && len(word) > 2 {
				s[strings.ToLower(word)] = true
			}
		}
	}
	s[strings.ToLower(i.Machine.Host)] = i.Machine.Host != ""
	return s
}

// holds reports whether a word is one of the secrets, or contains one between punctuation marks.
func (s secrets) holds(word string) bool {
	return s[strings.ToLower(word)] || slices.ContainsFunc(parts.FindAllString(strings.ToLower(word), -1), func(part string) bool { return s[part] })
}

// cpu returns the name of a CPU, in which it replaces secret words and paths by [Removed].
func (s secrets) cpu(name string) string {
	words := strings.Fields(name)
	for i, word := range words {
		if s.holds(word) || strings.ContainsAny(word, `/\`) || strings.Count(word, ".") > 1 {
			words[i] = Removed
		}
	}
	return strings.Join(words, " ")
}

// text returns a note or a reason, in which it replaces all words that may identify someone by
// [Removed].
func (s secrets) text(note string) string {
	note = launchError.ReplaceAllString(note, "${1}"+Removed)
	words := strings.Fields(quoted.ReplaceAllString(note, Removed))
	var out []string
	for _, word := range words {
		bare := strings.Trim(word, `.,;:()'?!`)
		if bare == "" || bare == Removed {
			out = append(out, word)
			continue
		}
		if s.holds(bare) || !harmless(bare) {
			word = strings.Replace(word, bare, Removed, 1)
		}
		if n := len(out); n > 0 && word == Removed && out[n-1] == Removed {
			continue
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

// harmless reports whether a word may stay in a redacted note, because it is an ordinary word, a
// number, a unit or the name of a cell.
func harmless(word string) bool {
	if cellName.MatchString(word) {
		_, _, err := ParseName("Job/" + word)
		return err == nil
	}
	return plainWord.MatchString(word) || quantity.MatchString(word) || timestamp.MatchString(word) || slices.Contains(signs, word) ||
		slices.ContainsFunc(Units(), func(u Unit) bool { return u.Name == word })
}
