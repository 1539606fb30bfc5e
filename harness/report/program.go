package report

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// command returns a command line of payoff with the given words, quoted for a shell. It begins with
// the name by which the user called payoff.
func command(a *analyze.Analysis, words ...string) string {
	return format.Command(append([]string{a.Settings.Command}, words...)...)
}

// inFiles returns the shell command that runs payoff with the given words. It names payoff without
// its folder, because the files of a report may be read on another machine.
func inFiles(a *analyze.Analysis, words ...string) string {
	return format.Command(append([]string{filepath.Base(a.Settings.Command)}, words...)...)
}

// ofProgram returns the section on a program that was measured as a task. It has the time of each
// input, and a command that runs the program with the best number of processes at a time.
func ofProgram(a *analyze.Analysis, _ string, left *pictures) section {
	s := section{title: "How long the program runs for each input"}
	if line, open := xargs(a); line != "" {
		what := "This command runs the program with the best number of processes at a time."
		if open != nil {
			what = fmt.Sprintf("It is open whether %s processes at a time are fastest, but each is faster than one. This command runs the fewest.", format.List(open, "or"))
		}
		s.parts = append(s.parts, part{text: fmt.Sprintf("%s It needs GNU xargs; start it in the folder %s.", what, plain(a.Info.Folder))}, part{command: line})
	}
	for _, p := range a.Programs {
		least, middle, most := p.Range()
		text := fmt.Sprintf("payoff measured %d of %s", len(p.Inputs), format.Count(p.Of, "input"))
		if len(p.Inputs) < p.Of {
			text += fmt.Sprintf(", chosen at random by the seed %d", a.Info.Seed)
		}
		text += fmt.Sprintf(". With one process at a time, an input took %s in the median; the shortest took %s and the longest %s.",
			format.Time(middle, 2), format.Time(least, 2), format.Time(most, 2))
		rows := [][]string{{"line", "input", "min", "median", "max", "n"}}
		for _, in := range p.Inputs {
			rows = append(rows, []string{strconv.Itoa(in.Line), plain(in.Text), format.Time(in.Min, 3), format.Time(in.Median, 3), format.Time(in.Max, 3), strconv.Itoa(in.N)})
		}
		s.parts = append(s.parts, part{text: text}, part{chart: left.take("inputs", p.Place)},
			part{rows: rows, caption: "Time of the program for each input, over the launches with one process at a time"})
	}
	return s
}

// inputTimes returns the section of [ofProgram] for the terminal, without its chart.
func inputTimes(a *analyze.Analysis, _ analyze.Program, _ *footnotes) section {
	s := ofProgram(a, "", &pictures{})
	for i := range s.parts {
		s.parts[i].only = inTerminal
	}
	return s
}

// measuredInputs returns a line that says which inputs of its program the run measured. It returns
// "" if the run measured no program.
func measuredInputs(a *analyze.Analysis) string {
	const listed = 8
	lines, of := a.Chosen()
	if of == 0 {
		return ""
	}
	text := fmt.Sprintf("%d of %s", len(lines), format.Count(of, "input"))
	switch {
	case len(lines) == of:
	case len(lines) <= listed:
		var words []string
		for _, n := range lines {
			words = append(words, strconv.Itoa(n))
		}
		text += fmt.Sprintf(" (%s %s of %s)", map[bool]string{true: "line", false: "lines"}[len(lines) == 1], format.List(words, "and"), plain(filepath.Base(a.Info.Inputs)))
	default:
		text += " (listed in the report)"
	}
	if len(a.Programs) > 0 {
		least, middle, most := a.Programs[0].Range()
		text += fmt.Sprintf("; the program takes %s for a single input", format.Time(middle, 2))
		if span := format.TimeRangeOf(least, most, 2); least < most {
			text += " (" + span + ")"
		}
	}
	return text
}

// xargs returns the command that runs a program for all of its inputs, with as many processes at a
// time as the run found to be fastest. If the run found only that each of several numbers is faster than
// the direct loop, xargs returns the command with the smallest of them, and all of them as the result
// open. It returns "" if the run found neither, or if its results are doubtful. It also returns "" if an
// exit status that means success would make xargs stop.
func xargs(a *analyze.Analysis) (line string, open []string) {
	const stops = 255 // xargs stops at this exit status
	i := a.Info
	if len(i.Program) == 0 || i.Rules.Succeeds(stops) || i.Foreign != "" {
		return "", nil
	}
	var counts []int
	certain := true
	for _, d := range a.Advice() {
		if d.Place.Task.Workload != "command" || d.Why != "" || analyze.Few(d.Rounds) {
			continue
		}
		sure := d.Sure != analyze.Uncertain
		certain = certain && sure
		for _, c := range d.Use { // equally fast: the fewest processes
			n, ok := processes(c)
			if !ok || !sure && !betterThanLoop(a, c) {
				return "", nil
			}
			counts = append(counts, n)
		}
	}
	if len(counts) == 0 {
		return "", nil
	}
	slices.Sort(counts)
	atOnce := counts[0]
	if !certain {
		for _, n := range slices.Compact(counts) {
			open = append(open, strconv.Itoa(n))
		}
	}
	var words []string
	if len(i.Rules.Env) > 0 {
		words = append([]string{"env"}, i.Rules.Env...)
	}
	words = append(words, "xargs", "-a", i.Inputs, "-d", `\n`, "-P", strconv.Itoa(atOnce), "-I{}")
	if i.Rules.Stdin {
		words = append(words, "sh", "-c", `line=$1; shift; printf "%s\n" "$line" | "$@"`, "sh", "{}")
	}
	return format.Command(append(words, i.Program...)...) + " </dev/null", open
}

// betterThanLoop reports whether the run found that cell c is faster than the direct loop.
func betterThanLoop(a *analyze.Analysis, c harness.Cell) bool {
	for _, q := range a.Questions() {
		for _, row := range q.Rows {
			if row.Cell == c {
				return row.VsDirect.Verdict == analyze.Better
			}
		}
	}
	return false
}

// processes returns how many processes of a program the strategy of cell c runs at a time. ok is
// false if the strategy does not start one process per task.
func processes(c harness.Cell) (n int, ok bool) {
	if analyze.KindOf(c) == analyze.Loops {
		return 1, true
	}
	return c.Workers, c.Strategy == "pool" && c.Chunk == "1" && len(c.Settings()) == 0
}

// repeat returns the command that repeats a run.
func repeat(a *analyze.Analysis) string {
	i := a.Info
	words := []string{"run"}
	add := func(has bool, flag ...string) {
		if has {
			words = append(words, flag...)
		}
	}
	if len(i.Program) > 0 {
		r := i.Rules
		add(true, "--command", splittable(i.Program))
		add(i.Inputs != "", "--inputs", i.Inputs)
		add(r.Stdin, "--stdin")
		for _, v := range r.Env {
			add(true, "--env", v)
		}
		add(r.Exit != nil, "--exit-codes", exitCodes(r.Exit))
		add(r.Timeout > 0, "--timeout", r.Timeout.String())
		add(r.NoDigest, "--no-digest")
		add(r.Prepare != "", "--prepare", r.Prepare)
		add(r.Cleanup != "", "--cleanup", r.Cleanup)
	} else if f := i.Function; f != nil {
		add(true, "--python", f.Name, "--inputs", f.Source)
		add(i.Rules.Timeout > 0, "--timeout", i.Rules.Timeout.String())
	} else {
		words = append(words, i.Suites...)
	}
	add(i.Filter != "", "--filter", i.Filter)
	add(len(i.Counts) > 0, "--cores", strings.Join(i.Counts, ","))
	add(true, "--seed", strconv.FormatUint(i.Seed, 10))
	add(i.Rounds > 0, "--rounds", strconv.Itoa(i.Rounds))
	add(i.Budget > 0, "--budget", i.Budget.String())
	add(i.Precision > 0, "--precision", strings.ReplaceAll(format.Percent(i.Precision), " ", ""))
	return inFiles(a, words...)
}

// exitCodes returns exit statuses in the form that the flag --exit-codes accepts.
func exitCodes(all []int) string {
	var words []string
	for _, n := range all {
		if n < 0 {
			return "any"
		}
		words = append(words, strconv.Itoa(n))
	}
	return strings.Join(words, ",")
}

// splittable returns a program and its arguments as one text for the flag --command. payoff splits
// that text at blanks outside quotes.
func splittable(program []string) string {
	words := make([]string, len(program))
	for i, word := range program {
		words[i] = format.Quoted(word)
		if words[i] != word { // quotes do not nest, and a backslash outside quotes is an error
			words[i] = "'" + strings.ReplaceAll(word, "'", `'"'"'`) + "'"
		}
	}
	return strings.Join(words, " ")
}
