package harness

import (
	"cmp"
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Suite is a named matrix that answers a question, as its TOML file says it. It is
// machine-independent; [Catalog.Matrix] makes it concrete.
type Suite struct {
	Name     string // the file's name without .toml
	Question string
	Rounds   int           // DefaultRounds where the file names none
	MinTime  time.Duration // DefaultMinTime where the file names none
	Axes     []Axes

	doc *document
}

// Axes is a [[block]] table of a suite: it stands for one block for each workload,
// grain, payload, spread and core count, with the same cells in each.
type Axes struct {
	Workload string
	Grain    []int    // ns; empty where the workload has none
	Payload  []int    // bytes; empty where the workload has none
	Spread   []string // empty for tasks that are alike
	Cores    []string // numbers, "max", or "powers": 1, 2, 4, … and max
	Choices  []Choice
}

// A Choice is how a block's job is executed: a [[block.cell]] table of a suite with one of
// its chunks.
type Choice struct {
	Strategy string
	Chunk    Chunk
	Order    string
	Window   int // 0: the default; streams only
	Workers  int // 0: as many as cores

	table int // which of the block's it stands in
}

// What a suite gets that does not say, and the most that makes sense.
const (
	DefaultRounds  = 6
	DefaultMinTime = 100 * time.Millisecond

	MaxSuite   = 1 << 20 // bytes of its file
	MaxCells   = 6       // in a block, direct included: a block must be short against the machine's drift
	MaxSweep   = 12      // in a block whose launches are as short as MaxSweepTime: it takes no longer
	MaxRounds  = 10_000
	MaxMinTime = time.Minute

	MaxSweepTime = 50 * time.Millisecond
	MaxGrain     = 10_000_000_000 // ns
	MaxPayload   = 1 << 30
	MaxChunk     = 1 << 24
	MaxWindow    = 1 << 24
	MaxWorkers   = 4096
)

//go:embed suites/*.toml
var builtIn embed.FS

// Suites returns the suites that are built in, sorted by name.
func Suites() ([]Suite, error) {
	files, err := builtIn.ReadDir("suites")
	if err != nil {
		return nil, err
	}
	var all []Suite
	for _, f := range files {
		data, err := builtIn.ReadFile("suites/" + f.Name())
		if err != nil {
			return nil, err
		}
		s, err := ParseSuite("suites/"+f.Name(), data)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// LoadSuite returns the built-in suite of that name or, if name ends in .toml, the
// suite in that file.
func LoadSuite(name string) (Suite, error) {
	if strings.HasSuffix(name, ".toml") {
		data, err := readSuite(name)
		if err != nil {
			return Suite{}, fmt.Errorf("suite file: %w", err)
		}
		return ParseSuite(name, data)
	}
	all, err := Suites()
	if err != nil {
		return Suite{}, err
	}
	unknown := &UnknownError{Kind: "suite", Name: name}
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
		unknown.Have = append(unknown.Have, s.Name)
	}
	unknown.Have = append(unknown.Have, "or a file that ends in .toml")
	return Suite{}, unknown
}

// readSuite reads a suite file: a regular file of a size that somebody could have written.
func readSuite(name string) ([]byte, error) {
	st, err := os.Stat(name) // before opening it, which waits for ever if it is a pipe
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: it is not a regular file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSuite+1))
	if err == nil && len(data) > MaxSuite {
		err = fmt.Errorf("%s: it is larger than the %d bytes that a suite may have", name, MaxSuite)
	}
	return data, err
}

// ParseSuite reads a suite file. Its errors are a [SuiteError].
func ParseSuite(file string, data []byte) (Suite, error) {
	var raw struct {
		Question string `toml:"question"`
		Rounds   *int   `toml:"rounds"`
		MinTime  string `toml:"min-time"`
		Block    []struct {
			Workload string   `toml:"workload"`
			Grain    []int    `toml:"grain"`
			Payload  []int    `toml:"payload"`
			Spread   []string `toml:"spread"`
			Cores    []any    `toml:"cores"`
			Cell     []struct {
				Strategy string `toml:"strategy"`
				Chunk    any    `toml:"chunk"`
				Order    string `toml:"order"`
				Window   int    `toml:"window"`
				Workers  int    `toml:"workers"`
			} `toml:"cell"`
		} `toml:"block"`
	}
	doc, err := decode(file, data, &raw)
	if err != nil {
		return Suite{}, err
	}
	s := Suite{
		Name:     strings.TrimSuffix(filepath.Base(file), ".toml"),
		Question: raw.Question,
		Rounds:   DefaultRounds,
		MinTime:  DefaultMinTime,
		doc:      doc,
	}
	if strings.TrimSpace(s.Question) == "" {
		return s, doc.errorf("question", `no question; say what the suite answers: question = "…"`)
	}
	if raw.Rounds != nil {
		s.Rounds = *raw.Rounds
		if err := doc.between("rounds", s.Rounds, 1, MaxRounds); err != nil {
			return s, err
		}
	}
	if raw.MinTime != "" {
		s.MinTime, err = time.ParseDuration(raw.MinTime)
		if err != nil || s.MinTime <= 0 || s.MinTime > MaxMinTime {
			return s, doc.errorf("min-time", `min-time %q is not a duration above 0 and up to %v; write "100ms"`, raw.MinTime, MaxMinTime)
		}
	}
	if len(raw.Block) == 0 {
		return s, doc.errorf("", "no [[block]]; add at least one")
	}
	for i, b := range raw.Block {
		path := fmt.Sprintf("block[%d]", i)
		a := Axes{Workload: b.Workload, Grain: b.Grain, Payload: b.Payload, Spread: b.Spread}
		for j, c := range b.Cell {
			chunks, err := doc.chunks(fmt.Sprintf("%s.cell[%d].chunk", path, j), c.Chunk)
			if err != nil {
				return s, err
			}
			for _, chunk := range chunks {
				a.Choices = append(a.Choices, Choice{c.Strategy, chunk, c.Order, c.Window, c.Workers, j})
			}
		}
		if a.Cores, err = doc.cores(path+".cores", b.Cores); err != nil {
			return s, err
		}
		if err := doc.check(path, &a, s.MinTime); err != nil {
			return s, err
		}
		s.Axes = append(s.Axes, a)
	}
	return s, nil
}

// check validates what can be judged without knowing the machine, and fills in the
// defaults.
func (d *document) check(path string, a *Axes, minTime time.Duration) error {
	if a.Workload == "" {
		return d.errorf(path, `block without a workload; add workload = "spin"`)
	}
	for _, g := range a.Grain {
		if err := d.between(path+".grain", g, 1, MaxGrain); err != nil {
			return err
		}
	}
	for _, p := range a.Payload {
		if err := d.between(path+".payload", p, 0, MaxPayload); err != nil {
			return err
		}
	}
	if err := cmp.Or(once(d, path+".grain", a.Grain), once(d, path+".payload", a.Payload), once(d, path+".spread", a.Spread), once(d, path+".cores", a.Cores)); err != nil {
		return err
	}
	if len(a.Choices) == 0 {
		return d.errorf(path, "block without cells; add a [[block.cell]] with a strategy")
	}
	if err := d.fits(path, len(a.Choices)+1, minTime); err != nil {
		return err
	}
	for j := range a.Choices {
		c := &a.Choices[j]
		cell := fmt.Sprintf("%s.cell[%d]", path, c.table)
		switch c.Strategy {
		case "":
			return d.errorf(cell, `cell without a strategy; add strategy = "pool"`)
		case Direct:
			return d.errorf(cell+".strategy", "direct is in every block by itself; remove this cell")
		}
		if c.Order == "" {
			c.Order = MapOrder
		}
		if orders := []string{MapOrder, InputOrder, CompletionOrder}; !slices.Contains(orders, c.Order) {
			return d.errorf(cell+".order", "unknown order %q; have %s", c.Order, strings.Join(orders, ", "))
		}
		for _, v := range []struct {
			key   string
			value int
			most  int
		}{{"window", c.Window, MaxWindow}, {"workers", c.Workers, MaxWorkers}} {
			if _, named := d.lines[cell+"."+v.key]; named {
				if err := d.between(cell+"."+v.key, v.value, 1, v.most); err != nil {
					return err
				}
			}
		}
		switch {
		case c.Window != 0 && c.Order == MapOrder:
			return d.errorf(cell+".window", "a map has no window; remove it, or set order to input or completion")
		case c.Window != 0 && c.Chunk.Fixed() > c.Window:
			return d.errorf(cell+".chunk", "chunk %s is larger than window %d; make the window at least as large", c.Chunk, c.Window)
		}
		same := func(other Choice) bool {
			other.table = c.table
			return other == *c
		}
		if slices.ContainsFunc(a.Choices[:j], same) {
			return d.errorf(cell, "the same cell stands in this block twice; remove one")
		}
	}
	return nil
}

// fits returns an error for a block of too many cells, direct included. What is compared is
// compared in one block, so that the machine's state is the same for all of it: cells of two
// blocks that share direct would be paired through two more launches, half a round apart.
// That holds a sweep too, if its launches are short.
func (d *document) fits(path string, cells int, minTime time.Duration) error {
	switch {
	case cells <= MaxCells, cells <= MaxSweep && minTime <= MaxSweepTime:
		return nil
	case cells <= MaxSweep:
		return d.errorf(path, "%d cells and direct are more than the %d that fit in a block; split it, or set min-time to %v or less, with which %d fit", cells-1, MaxCells, MaxSweepTime, MaxSweep)
	}
	return d.errorf(path, "%d cells and direct are more than the %d that fit in a block, %d if min-time is %v or less; split it", cells-1, MaxCells, MaxSweep, MaxSweepTime)
}

// once returns an error for the first value that an axis has twice.
func once[T comparable](d *document, path string, axis []T) error {
	for i, v := range axis {
		if slices.Contains(axis[:i], v) {
			return d.errorf(path, "%s has %v twice; remove one", path[strings.LastIndexByte(path, '.')+1:], v)
		}
	}
	return nil
}

func (d *document) between(path string, v, low, high int) error {
	if v < low || v > high {
		return d.errorf(path, "%s = %d is not between %d and %d", path[strings.LastIndexByte(path, '.')+1:], v, low, high)
	}
	return nil
}

// cores validates the cores axis, whose values are numbers or words.
func (d *document) cores(path string, axis []any) ([]string, error) {
	if len(axis) == 0 {
		return []string{CoresMax}, nil
	}
	var words []string
	for _, v := range axis {
		w := fmt.Sprint(v)
		if n, err := strconv.Atoi(w); w != CoresMax && w != CoresPowers && (err != nil || n < 1) {
			return nil, d.errorf(path, `cores has %q; write numbers from 1 up, "max" or "powers"`, w)
		}
		words = append(words, w)
	}
	return words, nil
}
