package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	stdhtml "html"
	"math"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/analyze"
	"github.com/payoff-bench/payoff/harness/analyze/analyzetest"
	"github.com/payoff-bench/payoff/harness/document"
	"github.com/payoff-bench/payoff/harness/format"
	"github.com/payoff-bench/payoff/harness/record"
)

// texts returns the screen, the long text and the document of an analysis.
func texts(t *testing.T, a *analyze.Analysis) (screen, long string, d document.Document) {
	t.Helper()
	var first, second, doc bytes.Buffer
	if err := Screen(&first, "DIR", a); err != nil {
		t.Fatal(err)
	}
	if err := Terminal(&second, a); err != nil {
		t.Fatal(err)
	}
	if err := document.Write(&doc, a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(doc.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	return first.String(), second.String(), d
}

// runs returns the analyses whose texts are compared: the reference run and simulated ones.
func runs(t *testing.T) map[string]*analyze.Analysis {
	t.Helper()
	waits := func(w string) bool { return w == "sleep" || w == "files" || w == "echo" }
	info, samples, err := record.Read("../../results/reference")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*analyze.Analysis{"reference": analyze.New(info, samples, analyze.Settings{Waits: waits})}
	for _, rounds := range []int{1, 3, 6, 14} {
		r := analyzetest.Quick
		r.Rounds, r.Noise = rounds, 0.02
		info := harness.Info{Machine: harness.Machine{Cores: 2}, Rounds: rounds, Precision: 0.05, Started: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}
		all[fmt.Sprint(rounds, " rounds")] = analyze.New(info, r.Samples(), analyze.Settings{Waits: waits})
	}
	return all
}

// asEstimate returns a number of the document as an estimate, so that the functions of the report
// can format it.
func asEstimate(n *document.Number) (e analyze.Estimate) {
	if n == nil {
		return e
	}
	e = analyze.Estimate{Value: n.Value, Hi: math.Inf(1), N: n.N}
	if n.Low != nil {
		e.Lo, e.Hi = *n.Low, *n.High
	}
	return e
}

// TestTextsSayWhatTheDocumentHolds checks that each row of the tables has the numbers of report.json.
func TestTextsSayWhatTheDocumentHolds(t *testing.T) {
	for name, a := range runs(t) {
		screen, long, d := texts(t, a)
		has := func(text, what string, parts ...string) {
			t.Helper()
			if !slices.ContainsFunc(strings.Split(text, "\n"), func(line string) bool {
				return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(line, part) })
			}) {
				t.Errorf("%s: no line with %s: %q", name, what, parts)
			}
		}
		for i, x := range d.Advice[:min(len(d.Advice), screenRows)] {
			span := func(s *document.Span) analyze.Span {
				if s == nil {
					return analyze.Span{}
				}
				return analyze.Span{Least: asEstimate(s.Least), Most: asEstimate(s.Most)}
			}
			from := a.Advice()[i] // only for the certainty, which has no number
			parts := []string{format.Time(x.To.Value, 2), x.Use[0].Strategy, sure(from)}
			if x.Loop != nil && x.Why == "" {
				parts = append(parts, gain(span(x.Loop)))
			}
			if x.Ahead != nil && x.Why == "" && !slices.Contains(x.Use, *x.Next) {
				parts = append(parts, x.Next.Strategy+", "+ranged(span(x.Ahead)))
			}
			has(screen, "an advice", parts...)
		}
		about, found := analyze.Main(a.Sections)
		for i, s := range d.Sections {
			main := found && d.Run.Complete >= harness.FewestRounds && a.Sections[i].Place == about.Place
			for k, q := range s.Questions {
				for _, r := range q.Rows {
					c, cost := harness.Cell(r.Cell), r.Account
					if main && k == 0 && analyze.KindOf(c) != analyze.Loops && isPlain(c) && cost != nil && cost.Overhead != nil && cost.Overhead.Low != nil && *cost.Overhead.Low > 0 {
						has(strings.Join(strings.Fields(screen), " "), "a cost", format.Time(cost.Overhead.Value, 2)+" (", "with "+c.Strategy)
					}
				}
				for j, r := range q.Rows {
					row := a.Sections[i].Questions[k].Rows[j]
					row.Makespan, row.Speedup, row.Efficiency = asEstimate(r.Makespan), asEstimate(r.Speedup), asEstimate(r.Efficiency)
					parts := []string{analyze.Brief(harness.Cell(r.Cell)), makespan(row.Makespan), strconv.Itoa(row.N())}
					if r.Cell.Strategy != harness.Direct { // whose ratio to itself is exact
						parts = append(parts, ratio(row.Speedup))
					}
					if r.Efficiency != nil {
						parts = append(parts, strings.Split(efficiency(a.Sections[i].Questions[k], row), " (")[0])
					}
					if r.VsDirect != nil {
						verdict := r.VsDirect.Verdict
						if r.VsDirect.Leans != "" {
							verdict = "likely " + r.VsDirect.Leans
						}
						parts = append(parts, verdict)
					}
					has(long, "a row", parts...)
				}
			}
			for _, c := range s.Curves {
				if len(c.Points) > 1 && c.METG.At != nil {
					has(long, "an METG", format.Time(c.METG.At.Value, 3), asEstimate(c.METG.At).Range(), strconv.Itoa(c.METG.At.N))
				}
			}
			for _, c := range s.Crossovers {
				if s.MostCores && c.At != nil && c.B.Strategy == harness.Direct && c.Up {
					if c.A.Strategy == harness.Processes && c.A.Chunk == "1" && d.Run.Complete >= harness.FewestRounds {
						has(strings.Join(strings.Fields(screen), " "), "a crossing", "beat a loop if a task takes "+format.Time(c.At.Value, 2), asEstimate(c.At).Range())
					}
					has(strings.Join(strings.Fields(long), " "), "a crossing", "from "+format.Time(c.At.Value, 2), asEstimate(c.At).Range(), fmt.Sprintf("n = %d", c.At.N))
				}
			}
		}
		if t.Failed() {
			t.Logf("%s:\n%s\n%s", name, screen, long)
		}
	}
}

// precise matches numbers of at least three digits, or with a decimal point: too many digits to agree
// by chance.
var precise = regexp.MustCompile(`\d+(?:\.\d+)?`)

// notText matches the parts of a page that a browser does not show as text.
var notText = regexp.MustCompile(`(?s)<svg.*?</svg>|<script.*?</script>|<style.*?</style>|<head>.*?</head>|<[^>]*>`)

// pages returns report.md and the text of report.html, without the table of samples: report.json does
// not list samples.
func pages(t *testing.T, a *analyze.Analysis) (short, page string) {
	t.Helper()
	var md, html bytes.Buffer
	if err := markdown(&md, newPage("run", a)); err != nil {
		t.Fatal(err)
	}
	p := newPage("run", a)
	p.appendix = slices.DeleteFunc(p.appendix, func(s section) bool { return s.title == samples(a).title })
	if err := webPage(&html, p); err != nil {
		t.Fatal(err)
	}
	return md.String(), stdhtml.UnescapeString(notText.ReplaceAllString(html.String(), " "))
}

// TestTextsHaveNoOtherNumbers checks that each number of the screen, the long text, report.md and
// report.html is a number of report.json, rounded.
func TestTextsHaveNoOtherNumbers(t *testing.T) {
	for name, a := range runs(t) {
		screen, long, d := texts(t, a)
		short, page := pages(t, a)
		known := map[string]bool{}
		add := func(texts ...string) {
			for _, text := range texts {
				for _, n := range precise.FindAllString(text, -1) {
					known[n] = true
				}
			}
		}
		value := func(v float64) {
			for _, digits := range []int{2, 3, 4} {
				for _, f := range []float64{v, 100 * v, 100 * (v - 1), 100 * (1 - v), 1 / v, v / (1 << 20)} {
					if f > 0 && !math.IsInf(f, 0) {
						add(format.Number(f, digits), strconv.FormatFloat(f, 'f', 0, 64), strconv.FormatFloat(f, 'f', 1, 64))
					}
				}
				add(format.Time(math.Abs(v), digits))
			}
			add(format.ExactTime(v), format.Points(v-1), format.Points(1-v), format.Mebibytes(v), fmt.Sprintf("%.3g", v/(1<<30)), rate(analyze.Estimate{Value: math.Abs(v), N: 1}))
		}
		strings_ := func(v string) { add(v) }
		each := func(n document.Number) {
			value(n.Value)
			if n.Low != nil {
				value(*n.Low)
				value(*n.High)
				e := asEstimate(&n)
				add(e.Range(), format.TimeRangeOf(*n.Low, *n.High, 2), makespan(e), format.Percent(roundUp(e.Half())))
				if n.Unit == "bytes" {
					add(memory(e))
				}
			}
		}
		walk(reflect.ValueOf(d), each, strings_)
		add(headline(a), rounds(a), fmt.Sprint(a.Launches, a.Starved, a.Marked), sizes(d))
		add(strconv.FormatUint(d.Run.Seed, 10), strings.Join(facts(a), " "))
		for what, text := range map[string]string{"screen": screen, "long text": long, "report.md": short, "report.html": page} {
			var unknown []string
			for _, n := range precise.FindAllString(text, -1) {
				if digits := len(strings.Trim(strings.Replace(n, ".", "", 1), "0")); (digits > 2 || strings.Contains(n, ".")) && !known[n] {
					unknown = append(unknown, n)
				}
			}
			if len(unknown) > 0 {
				t.Errorf("%s: the %s has numbers that report.json lacks: %v", name, what, unknown)
				if os.Getenv("SHOW") != "" {
					t.Log(text)
				}
			}
		}
	}
}

// sizes returns one text with the names of all cells of the document and the sizes of their tasks.
func sizes(d document.Document) string {
	var all []string
	for _, s := range d.Sections {
		for _, q := range s.Questions {
			for _, r := range q.Rows {
				c := harness.Cell(r.Cell)
				all = append(all, c.Name(), analyze.PlaceOf(c).Work()+analyze.PlaceOf(c).Nominal())
			}
		}
	}
	return strings.Join(all, " ")
}

// walk visits v and all values in it. It calls number for each number of the document, and text for
// each string and each count.
func walk(v reflect.Value, number func(document.Number), text func(string)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walk(v.Elem(), number, text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(v.Index(i), number, text)
		}
	case reflect.String, reflect.Int:
		text(fmt.Sprint(v.Interface()))
	case reflect.Float64:
		number(document.Number{Value: v.Float()})
	case reflect.Struct:
		if n, ok := v.Interface().(document.Number); ok {
			number(n)
			text(fmt.Sprint(n.N))
			return
		}
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for _, field := range v.Fields() {
			walk(field, number, text)
		}
	}
}
