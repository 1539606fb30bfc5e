package gate

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/suite"
	"github.com/payoff-bench/payoff/harness/toml"
)

// A key describes a key of the table [[gate]] in a gate file.
type key struct {
	name  string
	kinds []Kind // kinds of gates that may have the key; nil for all kinds
	wants string // description of valid values, with an example
}

var keys = []key{
	{"name", nil, `text in quotes, such as name = "pool pays off"`},
	{"kind", nil, `one of "speed-up", "metg", "value" and "baseline"`},
	{"cells", nil, `a filter in quotes, such as cells = "strategy:pool cores:2"`},
	{"against", []Kind{SpeedUp}, `a filter in quotes, such as against = "strategy:serial"`},
	{"from", []Kind{SpeedUp, Value, Baseline}, `a time in quotes, such as from = "100us"`},
	{"to", []Kind{SpeedUp, Value, Baseline}, `a time in quotes, such as to = "1ms"`},
	{"unit", []Kind{Value, Baseline}, `a unit of samples.txt in quotes, such as unit = "ns/task"`},
	{"baseline", []Kind{Baseline}, `the folder of another run in quotes, such as baseline = "results/before"`},
	{"unchanged", []Kind{Baseline}, `workloads separated by commas, or all, in quotes, such as unchanged = "all"`},
	{"at-least", nil, `a number, or a time or size in quotes`},
	{"at-most", nil, `a number, or a time or size in quotes`},
}

// has reports whether the key is valid in a gate of the given kind.
func (k key) has(kind Kind) bool { return k.kinds == nil || slices.Contains(k.kinds, kind) }

// names returns the names of the keys that are valid in a gate of the given kind. For the kind "",
// it returns the names of all keys.
func names(kind Kind) (all []string) {
	for _, k := range keys {
		if kind == "" || k.has(kind) {
			all = append(all, k.name)
		}
	}
	return all
}

var kinds = []string{string(SpeedUp), string(METG), string(Value), string(Baseline)}

// unknown returns the message about an unknown key of the given table. The table is "" for a key
// outside all tables.
func unknown(table, name string) string {
	have, where := []string{"gate"}, ""
	switch {
	case table == "gate":
		have, where = names(""), "gate."
	case table != "":
		return fmt.Sprintf("unknown key %q; remove it", table+"."+name)
	case slices.Contains(names(""), name):
		return fmt.Sprintf("unknown key %q: it is a key of [[gate]]; move it there", name)
	}
	return fmt.Sprintf("unknown key %q: %shave %s", where+name, harness.DidYouMean(name, have), strings.Join(have, ", "))
}

// wanted returns the message for a key with a value of the wrong type. It describes valid values.
func wanted(name string) string {
	if name == "gate" {
		return "gate wants a table: write a line [[gate]] and the keys below it"
	}
	if i := slices.IndexFunc(keys, func(k key) bool { return k.name == name }); i >= 0 {
		return name + " wants " + keys[i].wants
	}
	return name + " has a value of the wrong type; payoff check --help describes the keys"
}

// Load reads and parses the gate file with the given name.
func Load(name string) (File, error) {
	data, err := toml.ReadFile(name)
	if err != nil {
		return File{}, fmt.Errorf("gate file: %w", err)
	}
	return Parse(name, data)
}

// Parse parses data, the text of a gate file. The argument file is the file's name for error
// messages. The errors are of type [toml.Error].
func Parse(file string, data []byte) (File, error) {
	var raw struct {
		Gate []map[string]any `toml:"gate"`
	}
	doc, err := toml.Decode(file, data, &raw, toml.Schema{Unknown: unknown, Wanted: wanted})
	if err != nil {
		return File{}, err
	}
	f := File{doc: doc}
	if len(raw.Gate) == 0 {
		doc.Fail("", "the file has no table [[gate]]; add at least one")
	}
	line := map[string]int{}
	for i, table := range raw.Gate {
		r := reader{doc, fmt.Sprintf("gate[%d]", i), table}
		g := r.gate()
		if before := line[g.Name]; before != 0 {
			r.fail("name", "gate %q is also on line %d; rename one", g.Name, before)
		}
		line[g.Name] = g.Line
		f.Gates = append(f.Gates, g)
	}
	return f, doc.Err()
}

// A reader reads one table [[gate]] of a gate file.
type reader struct {
	doc   *toml.Document
	path  string
	table map[string]any
}

// fail records an error at the given key of the table.
func (r reader) fail(key, format string, args ...any) {
	r.doc.Fail(r.path+"."+key, format, args...)
}

// text returns the value of a key whose values are text. It returns "" if the table does not have
// the key.
func (r reader) text(key string) string {
	v, ok := r.table[key].(string)
	if _, named := r.table[key]; named && (!ok || strings.TrimSpace(v) == "") {
		r.fail(key, "%s", wanted(key))
	}
	return v
}

// gate returns the gate that the table describes. It records an error for each fault that can be
// found without a run.
func (r reader) gate() Gate {
	g := Gate{Name: r.text("name"), Kind: Kind(r.text("kind")), Line: r.doc.Line(r.path), Baseline: r.text("baseline")}
	switch {
	case g.Name == "":
		r.fail("name", `gate without a name; add a name that describes the limit: name = "…"`)
	case g.Kind == "":
		r.fail("kind", "gate without a kind; add the key kind with one of %s", strings.Join(kinds, ", "))
	case !slices.Contains(kinds, string(g.Kind)):
		r.fail("kind", "%v", &harness.UnknownError{Kind: "kind", Name: string(g.Kind), Have: kinds})
	}
	r.known(g.Kind)
	g.Cells = r.filter("cells")
	if r.text("cells") == "" {
		r.fail("cells", `gate without cells; add cells = "strategy:pool"`)
	}
	g.From, g.To = r.time("from"), r.time("to")
	if g.To > 0 && g.From > g.To {
		r.fail("from", "from = %v is a longer time than to = %v; exchange them", r.table["from"], r.table["to"])
	}
	grains := slices.Contains(g.Cells.Axes().Keys(), "grain")
	switch {
	case grains && g.Kind == METG:
		r.fail("cells", "METG is computed from tasks of all grains; remove the key grain")
	case grains && (g.From > 0 || g.To > 0):
		r.fail("cells", "the key grain and the keys from and to all select sizes of tasks; remove grain, or remove from and to")
	}
	r.quantity(&g)
	if g.Unit != "" || g.Kind == SpeedUp || g.Kind == METG {
		r.limit(&g)
	}
	return g
}

// known records an error if the table has a key that is not valid in a gate of the given kind. If
// there are several such keys, the error is about the first one in the file.
func (r reader) known(kind Kind) {
	line := func(key string) int { return r.doc.Line(r.path + "." + key) }
	for _, name := range slices.SortedFunc(maps.Keys(r.table), func(a, b string) int { return cmp.Or(cmp.Compare(line(a), line(b)), cmp.Compare(a, b)) }) {
		switch {
		case !slices.Contains(names(""), name):
			r.fail(name, "%s", unknown("gate", name))
		case !slices.Contains(names(kind), name):
			r.fail(name, "a gate of kind %s has no key %s; its keys are %s", kind, name, strings.Join(names(kind), ", "))
		}
	}
}

// quantity reads the keys that say what the gate limits, and stores their values in the gate g.
func (r reader) quantity(g *Gate) {
	switch g.Kind {
	case SpeedUp:
		if g.Against = r.filter("against"); r.text("against") == "" {
			r.fail("against", `gate of kind speed-up without a strategy to compare with; add against = "strategy:direct"`)
		}
		for _, a := range g.Against.Axes() {
			if a.Part == harness.OfTask || a.Part == harness.OfJob || a.Part == harness.OfPlace {
				r.fail("against", "the filter \"against\" has the key %s, but a gate compares only cells with the same task and cores; move %[1]s to the filter \"cells\"", a.Key)
			}
		}
		if r.text("cells") == r.text("against") {
			r.fail("against", "the keys \"cells\" and \"against\" select the same cells, so the speed-up is always 1; name a different strategy in \"against\"")
		}
	case Value, Baseline:
		g.Unit = r.text("unit")
		if g.Kind == Baseline {
			g.Unit = cmp.Or(g.Unit, harness.UnitTask)
			if text := r.text("unchanged"); text != "" {
				g.Unchanged = strings.Split(strings.ReplaceAll(text, " ", ""), ",")
			}
			if g.Baseline == "" {
				r.fail("baseline", `gate of kind baseline without another run; add baseline = "results/before"`)
			}
		}
		if g.Unit == "" {
			r.fail("unit", `gate of kind value without a unit; add unit = "ns/task"`)
		} else if _, err := harness.Find(harness.Units(), "unit", g.Unit, func(u harness.Unit) string { return u.Name }); err != nil {
			r.fail("unit", "%v", err)
		}
	}
}

// filter returns the value of a key whose values are filters.
func (r reader) filter(key string) suite.Filter {
	f, err := suite.ParseFilter(r.text(key))
	if err != nil {
		r.fail(key, "%v", err)
	}
	return f
}

// time returns the value in ns of a key whose values are times. It returns 0 if the table does not
// have the key.
func (r reader) time(key string) int {
	text := r.text(key)
	if text == "" {
		return 0
	}
	d, err := harness.ParseTime(text)
	if err != nil {
		r.fail(key, "%s %v", key, err)
	}
	return int(d)
}

// limit reads the key at-least or at-most of the table, and stores the limit in the gate g.
func (r reader) limit(g *Gate) {
	_, least := r.table["at-least"]
	_, most := r.table["at-most"]
	if least == most {
		r.fail("at-most", "gate %q needs exactly one of at-least and at-most", g.Name)
		return
	}
	name := "at-most"
	if g.AtLeast = least; least {
		name = "at-least"
	}
	of := quantityOf(g.Kind, g.Unit)
	var err error
	switch v := r.table[name].(type) {
	case int64:
		g.Limit = float64(v)
	case float64:
		g.Limit = v
	case string:
		if of.parse == nil {
			err = fmt.Errorf("%q: want a number, such as %s", v, of.example)
		} else {
			g.Limit, err = of.parse(v)
		}
	default:
		err = fmt.Errorf("want %s, such as %s", of.what, of.example)
	}
	if err != nil {
		r.fail(name, "%s of %s: %v", name, of.name, err)
	} else if none := g.Limit == 0 && g.Kind == Value && !g.AtLeast; !none && !(g.Limit > 0) || math.IsInf(g.Limit, 1) {
		r.fail(name, "%s = %v is impossible: %s is always above 0; write for example %s", name, r.table[name], of.name, of.example)
	}
}
