package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/format"
)

// Why writes, in a few lines, why cells A and B of the difference take different core time. The first
// three say how large the difference is, where it comes from, and what would have to change. asked is
// the task size, in ns, that the user asked about.
func Why(w io.Writer, of analyze.Explanation, asked float64) error {
	b := bufio.NewWriter(w)
	d := of.Difference
	said := why(of)
	if size := size(d); size > 0 && math.Abs(math.Log(size/asked)) > 0.1 {
		said = append([]string{fmt.Sprintf("No tasks of %s were measured with both strategies. This answer is for tasks of %s, the nearest size.", format.Time(asked, 2), format.Time(size, 2))}, said...)
	}
	for _, text := range said {
		lead := text[:len(text)-len(strings.TrimLeft(text, " "))]
		wrappedAt(b, lead, text[len(lead):], screenWidth)
	}
	return b.Flush()
}

// size returns the nominal grain, in ns, of the task of a difference. If the task has no grain, it
// returns the measured work.
func size(d analyze.Difference) float64 {
	if d.A.Grain > 0 {
		return float64(d.A.Grain)
	}
	return d.Work.Value
}

// brief returns the first lines of [Why]: the size of the difference, its cause if a profile shows it,
// and what would have to change.
func brief(of analyze.Explanation) []string {
	d := of.Difference
	out := []string{capital(placed(d)) + ": " + overall(d, analyze.Short(d.A), analyze.Short(d.B))}
	if !d.Total.Resolved() {
		return out
	}
	if of.Cause != nil {
		out = append(out, causeOf(*of.Cause))
	}
	if said := toChange(d, of.Cause, of.Remedies); said != "" {
		out = append(out, said)
	}
	return out
}

// placed returns the task and the cores of a difference as text.
func placed(d analyze.Difference) string {
	at := analyze.PlaceOf(d.A).On()
	if d.Work.Known() {
		at = format.Time(d.Work.Value, 3) + " of " + at
	}
	return at
}

// why returns the lines that explain a difference in core time. The lines for its parts are
// indented.
func why(of analyze.Explanation) []string {
	d := of.Difference
	at := placed(d)
	a, b := analyze.Short(d.A), analyze.Short(d.B)
	switch {
	case !d.Total.Known():
		return []string{fmt.Sprintf("%s: no round measured both %s and %s, so there is no difference to explain.", capital(at), a, b)}
	case !d.Total.Bounded():
		return []string{fmt.Sprintf("%s: %s and %s were measured together in only one round; the interval of a difference needs more rounds.", capital(at), a, b)}
	}
	out := brief(of)
	var open, clear []string
	for _, p := range d.Parts {
		switch {
		case p.Change.Resolved():
			clear = append(clear, fmt.Sprintf("  %s  %s", change(p), p.Name))
		case p.Name != analyze.PartRest && p.Change.Value != 0:
			open = append(open, fmt.Sprintf("%s (%s)", p.Name, between(p)))
		}
	}
	if len(clear) > 0 {
		out = append(append(out, "Parts of the difference, paired over "+format.Count(d.Total.N, "round")+":"), clear...)
	}
	if len(d.Parts) > 0 {
		if len(open) > 0 {
			out = append(out, "Not resolved: "+strings.Join(open, ", ")+". The parts, resolved or not, add up to the difference.")
		}
	}
	var signs []string
	for _, s := range d.Signs {
		if s.Change.Resolved() && visible(s) {
			signs = append(signs, fmt.Sprintf("%s %s", s.Name, change(s)))
		}
	}
	if len(signs) > 0 {
		out = append(out, "Further differences, which may show the cause (they overlap with the parts): "+strings.Join(signs, "; ")+".")
	}
	if of.Cause != nil {
		out = append(out, details(*of.Cause, d)...)
	}
	for _, note := range d.Notes {
		out = append(out, capital(string(note))+".")
	}
	return out
}

// overall returns the sentence about the total difference in core time between two cells. The texts
// a and b name the cells.
func overall(d analyze.Difference, a, b string) string {
	total := analyze.Part{Change: d.Total}
	rounds := cmp.Or(analyze.Tentative(d.Total.N), format.Count(d.Total.N, "round"))
	if !d.Total.Resolved() {
		return fmt.Sprintf("no difference in core time between %s and %s is resolved: %s per task (%s).", a, b, change(total), rounds)
	}
	doubt := ""
	if analyze.Few(d.Total.N) {
		doubt = " (" + rounds + ")"
	}
	if !d.Ratio.Known() {
		word := "more"
		if d.Total.Value < 0 {
			word = "less"
		}
		return fmt.Sprintf("%s takes %s core time than %s, %s per task%s.", a, word, b, change(total), doubt)
	}
	return fmt.Sprintf("%s takes %s × the time of %s, %s core time per task%s.", a, format.Number(d.Ratio.Value, 3), b, change(total), doubt)
}

// visible reports whether part p is large enough to print. A count of events must be at least a
// hundredth per task.
func visible(p analyze.Part) bool {
	return p.Unit != analyze.InCount || math.Abs(p.Change.Value) >= 0.01
}

// change returns the change of part p with its interval as text: "+1.2 µs (+1.1 to +1.3 µs)".
func change(p analyze.Part) string {
	return signed(p.Change.Value, p.Unit) + " (" + between(p) + ")"
}

// between returns the interval of the change of part p as text: "+1.1 to +1.3 µs".
func between(p analyze.Part) string {
	lo, hi := signed(p.Change.Lo, p.Unit), signed(p.Change.Hi, p.Unit)
	if n, unit, ok := strings.Cut(lo, " "); ok && strings.HasSuffix(hi, " "+unit) {
		lo = n
	}
	return lo + " to " + hi
}

// signed returns the quantity v with its sign and unit as text: "+1.2 µs", "-0.13", "+5.0 MiB".
func signed(v float64, unit analyze.PartUnit) string {
	sign, size := "+", math.Abs(v)
	if v < 0 {
		sign = "-"
	}
	switch {
	case unit == analyze.InBytes:
		return sign + format.Mebibytes(size)
	case size == 0 || unit == analyze.InCount && size < 0.0005 || unit == analyze.InTime && size < 0.05:
		return "0"
	case unit == analyze.InCount:
		return sign + format.Number(size, 2)
	}
	return sign + format.Time(size, 2)
}

// Reasons writes the first lines of [Why] for each explanation of the analysis, which has a cause. If
// there is none, it writes nothing.
func Reasons(w io.Writer, a *analyze.Analysis) error {
	b := bufio.NewWriter(w)
	for _, e := range a.Explained {
		fmt.Fprintln(b)
		for _, text := range brief(e) {
			wrappedAt(b, "", text, screenWidth)
		}
	}
	return b.Flush()
}
