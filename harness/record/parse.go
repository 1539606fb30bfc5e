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

// parse parses c.text, the contents of samples.txt, and stores the samples in c.samples. The
// samples do not refer to the text, so that the text's memory can be freed. The argument path is
// the name of the file, for errors.
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
					return fmt.Errorf("%s:%d: a second sample of the launch in line %d; a folder can hold only one run, so split the file", path, line, first)
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
	if last := bytes.LastIndexByte(bytes.TrimSuffix(text, []byte("\n")), '\n') + 1; bytes.HasPrefix(text[last:], []byte(launchLine)) {
		c.whole = last // leaves out the comment of a launch without its benchmark line
	}
	if err := followed(path, text[:c.whole]); err != nil {
		return err
	}
	if err := p.remark(path, text, c.samples); err != nil {
		return err
	}
	c.notes = append(c.notes, p.notes()...)
	return nil
}

// followed returns an error if text, the contents of samples.txt, has a launch comment (a line that
// begins with "# launch") without a benchmark line after it. The sample of such a launch is lost.
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

// A parser holds the state of parsing samples.txt: the cells, launches and defects found in the
// lines so far.
type parser struct {
	lines lines
	all   []named        // the distinct cells
	names map[string]int // index in all, by benchmark name
	ids   map[named]int  // index in all
	cells []int          // index in all, by sample
	seen  map[launchKey]bool

	numbered map[launchKey]int // line of each launch with a numbered attempt

	foreign, copies, absurd, orphans tally
	bad                              []string // values of the line that are not finite numbers
}

// A named is the meaning of a benchmark name: a cell, and whether the name is that of the cell's
// second launch in a round, its twin.
type named struct {
	cell harness.Cell
	twin bool
}

// A launchKey identifies a launch. Its fields include the time, because files of older versions do
// not number attempts. In these files, several launches of a cell in a round differ only in the
// time.
type launchKey struct {
	cell, round, block, attempt int
	at                          int64 // time of the launch, in ns
}

// keyOf returns the key of the launch that gave the sample s. The argument cell is the index of the
// sample's cell in the parser. The time in the key is 0; callers set it if they need it.
func keyOf(s harness.Sample, cell int) launchKey {
	return launchKey{cell: cell, round: s.Round, block: s.Block, attempt: s.Attempt}
}

// cell returns the index in p.all of the cell, or the twin of a cell, that a benchmark name stands
// for. If p.all does not have it yet, cell adds it.
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

// A tally counts lines of one kind, such as invalid lines, and holds the line number of the first
// one.
type tally struct{ n, first int }

func (t *tally) add(line int) {
	if t.n++; t.n == 1 {
		t.first = line
	}
}

// notes returns a note for each kind of lines and values that the parser left out.
func (p *parser) notes() (notes []string) {
	for _, of := range []struct {
		tally
		one, many string
	}{
		{p.foreign, "line that payoff did not write is", "lines that payoff did not write are"},
		{p.copies, "copy of an earlier sample is", "copies of earlier samples are"},
		{p.orphans, "comment with the marks of a missing launch is", "comments with the marks of missing launches are"},
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

// A lines gives access to the lines of a text by number. Callers ask for lines in ascending order.
type lines struct {
	rest []byte
	read int    // number of lines read
	last []byte // the last line read
	prev []byte // the line before it
}

// at returns line n of the text, counted from 1, without its line break. The next call may ask for
// line n-1, line n or any later line.
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

// remark reads the comments in samples.txt that begin with "# marked". Such a comment has the final
// marks of an earlier sample, and remark gives these marks to that sample. If there is no such
// sample, remark ignores the comment.
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
			p.orphans.add(number) // the digests of the file show that its sample was removed
			continue
		}
		samples[i].Marks = want.Marks
	}
	return nil
}

// sample returns the sample that a benchmark line and the comment on the line before it describe.
// The result id is the index of the sample's cell in p.all.
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
		return s, 0, fmt.Errorf("the line before is not a comment \"# launch …\"")
	}
	if err := describe(&s, about); err != nil {
		return s, 0, fmt.Errorf("the comment in the line before: %w", err)
	}
	return s, id, nil
}
