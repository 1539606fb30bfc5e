package record

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/payoff-bench/payoff/harness"
)

// parse parses the text of samples.txt, which it takes from c.text, and sets c.samples. The samples
// do not refer to the text, so that its memory can be freed.
func (c *contents) parse(path string) error {
	c.whole = bytes.LastIndexByte(c.text, '\n') + 1
	text := c.text[:c.whole]
	p := parser{names: map[string]int{}, ids: map[named]int{}, seen: map[launchKey]bool{}, numbered: map[launchKey]int{}, lines: lines{rest: text}}
	c.samples = slices.Grow(c.samples, bytes.Count(text, []byte("\n"+launchLine)))
	r := benchfmt.NewReader(bytes.NewReader(text), path)
	for r.Scan() {
		rec := r.Result()
		_, line := rec.Pos()
		if unit, ok := rec.(*benchfmt.UnitMetadata); ok {
			c.direct(unit)
			continue
		}
		comment := p.lines.at(line - 1)
		if !bytes.HasPrefix(comment, []byte(launchLine)) && foreign(p.lines.at(line)) {
			p.foreign.add(line)
			continue
		}
		switch rec := rec.(type) {
		case *benchfmt.SyntaxError:
			return rec
		case *benchfmt.Result:
			s, id, err := p.sample(rec, string(comment))
			if err != nil {
				return fmt.Errorf("%s:%d: %w", path, line, err)
			}
			key := keyOf(s, id)
			if key.at = s.At.UnixNano(); !s.At.IsZero() && p.seen[key] {
				p.copies.add(line)
				c.fault(line, rec.Name, "a copy of an earlier sample")
				continue
			}
			if bytes.Contains(comment, []byte(" attempt=")) { // older files do not number attempts
				numbered := keyOf(s, id)
				if first, twice := p.numbered[numbered]; twice {
					return fmt.Errorf("%s:%d: another sample of the launch in line %d; a folder holds one run, so split the file", path, line, first)
				}
				p.numbered[numbered] = line
			}
			for _, v := range p.bad {
				c.fault(line, rec.Name, v)
			}
			p.bad = p.bad[:0]
			p.seen[key] = true
			c.samples, p.cells = append(c.samples, s), append(p.cells, id)
		}
	}
	if err := r.Err(); err != nil {
		return err
	}
	c.notes = append(c.notes, p.notes()...)
	if last := bytes.LastIndexByte(bytes.TrimSuffix(text, []byte("\n")), '\n') + 1; bytes.HasPrefix(text[last:], []byte(launchLine)) {
		c.whole = last // leaves out the comment of a launch without its benchmark line
	}
	if err := followed(path, text[:c.whole]); err != nil {
		return err
	}
	return p.remark(path, text, c.samples)
}

// followed returns an error if a comment of a launch is not followed by a benchmark line. Such a
// file has lost the sample of this launch.
func followed(path string, text []byte) error {
	number, launch := 0, false
	for line := range bytes.Lines(text) {
		if launch && !bytes.HasPrefix(line, []byte("Benchmark")) {
			return fmt.Errorf("%s:%d: no benchmark line follows this comment of a launch", path, number)
		}
		launch = bytes.HasPrefix(line, []byte(launchLine))
		number++
	}
	return nil
}

// foreign reports whether a line is a benchmark line that payoff did not write.
func foreign(line []byte) bool {
	name, ok := bytes.CutPrefix(line, []byte("Benchmark"))
	return ok && !bytes.HasPrefix(name, []byte("Job")) && !bytes.HasPrefix(name, []byte("Twin"))
}

// A parser holds the state of parsing samples.txt: what parsing a line must know about earlier
// lines.
type parser struct {
	lines lines
	all   []named        // the distinct cells
	names map[string]int // index in all, by benchmark name
	ids   map[named]int  // index in all
	cells []int          // index in all, by sample
	seen  map[launchKey]bool

	numbered map[launchKey]int // line of each launch with a numbered attempt

	foreign, copies, absurd tally
	bad                     []string // values of the line that are not finite numbers
}

// A named is the meaning of a benchmark name: a cell, and whether the name is that of its twin.
type named struct {
	cell harness.Cell
	twin bool
}

// A launchKey identifies a launch. It contains the time because files of older versions do not
// number attempts: there, several launches of a cell in a round differ only in the time.
type launchKey struct {
	cell, round, block, attempt int
	at                          int64 // ns
}

// keyOf returns the key of the launch of a sample, with zero in place of the time. cell is the
// index of the sample's cell.
func keyOf(s harness.Sample, cell int) launchKey {
	return launchKey{cell: cell, round: s.Round, block: s.Block, attempt: s.Attempt}
}

// cell parses a benchmark name. It returns the index, in p.all, of the cell or twin that the name
// means.
func (p *parser) cell(name []byte) (id int, err error) {
	if id, ok := p.names[string(name)]; ok {
		return id, nil
	}
	var n named
	if n.cell, n.twin, err = harness.ParseName(string(name)); err != nil {
		return 0, err
	}
	id, ok := p.ids[n]
	if !ok {
		id = len(p.all)
		p.all, p.ids[n] = append(p.all, n), id
	}
	p.names[string(name)] = id
	return id, nil
}

// A tally counts lines of one kind, such as invalid ones. It also holds the number of the first of
// these lines.
type tally struct{ n, first int }

func (t *tally) add(line int) {
	if t.n++; t.n == 1 {
		t.first = line
	}
}

// notes returns notes about the lines and values that the parser left out.
func (p *parser) notes() (notes []string) {
	for _, of := range []struct {
		tally
		one, many string
	}{
		{p.foreign, "line that payoff did not write is", "lines that payoff did not write are"},
		{p.copies, "copy of an earlier sample is", "copies of earlier samples are"},
		{p.absurd, "value that is not a finite number is", "values that are not finite numbers are"},
	} {
		words := of.many
		if of.n == 1 {
			words = of.one
		}
		if of.n > 0 {
			notes = append(notes, fmt.Sprintf("%d %s left out, the first in line %d of %s", of.n, words, of.first, SamplesFile))
		}
	}
	return notes
}

// A lines gives access to the lines of a text by number, in ascending order.
type lines struct {
	rest []byte
	read int    // number of lines read
	last []byte // the last line read
	prev []byte // the line before it
}

// at returns line n, counted from 1, without the line break. A call can return any later line than
// the call before it, the same line, or the line before that.
func (l *lines) at(n int) []byte {
	for l.read < n {
		line, rest, _ := bytes.Cut(l.rest, []byte("\n"))
		l.prev, l.last, l.rest = l.last, line, rest
		l.read++
	}
	if n < l.read {
		return l.prev
	}
	return l.last
}

// remark reads the comments "# marked" in the text. Each contains new marks of an earlier sample,
// which replace the sample's marks.
func (p *parser) remark(path string, text []byte, samples []harness.Sample) error {
	var at map[launchKey]int // first launch with each key
	number := 0
	for line := range bytes.Lines(text) {
		number++
		rest, ok := bytes.CutPrefix(line, []byte(markedLine))
		if !ok {
			continue
		}
		about := string(bytes.TrimSpace(rest))
		if at == nil {
			at = map[launchKey]int{}
			for i, s := range samples {
				if _, later := at[keyOf(s, p.cells[i])]; !later {
					at[keyOf(s, p.cells[i])] = i
				}
			}
		}
		var want harness.Sample
		id, err := 0, describe(&want, about)
		if err == nil {
			name := about[strings.LastIndexByte(about, ' ')+1:]
			id, err = p.cell([]byte(strings.TrimPrefix(name, "Benchmark")))
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", path, number, err)
		}
		i, ok := at[keyOf(want, id)]
		if !ok {
			return fmt.Errorf("%s:%d: comment with marks for a launch that the file does not contain", path, number)
		}
		samples[i].Marks = want.Marks
	}
	return nil
}

// sample returns the sample that a benchmark line describes, together with the comment on the line
// before it. id is the index of the sample's cell in p.all.
func (p *parser) sample(r *benchfmt.Result, comment string) (s harness.Sample, id int, err error) {
	if id, err = p.cell(r.Name); err != nil {
		return s, 0, err
	}
	s = harness.Sample{Cell: p.all[id].cell, Twin: p.all[id].twin, Reps: r.Iters, Values: make(map[string]float64, len(r.Values))}
	for _, v := range r.Values {
		if v.OrigUnit != "" {
			v.Unit, v.Value = v.OrigUnit, v.OrigValue
		}
		if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
			_, line := r.Pos()
			p.absurd.add(line)
			p.bad = append(p.bad, fmt.Sprintf("%s is %v", v.Unit, v.Value))
			continue
		}
		s.Values[v.Unit] = v.Value
	}
	about, ok := strings.CutPrefix(comment, launchLine)
	if !ok {
		return s, 0, fmt.Errorf("no line \"# launch …\" before this one")
	}
	if err := describe(&s, about); err != nil {
		return s, 0, fmt.Errorf("the line before: %w", err)
	}
	return s, id, nil
}
