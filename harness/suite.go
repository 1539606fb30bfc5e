package harness

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	Parts    []Suite // the suites that it consists of, in place of blocks of its own; they have none

	doc *document
}

// Axes is a [[block]] table of a suite: it stands for one block for each workload,
// grain, payload, spread, number of tasks, memory, shape and core count, with the same
// cells in each.
type Axes struct {
	Workload string
	Grain    []int    // ns; empty where the workload has none
	Payload  []int    // bytes; empty where the workload has none
	Spread   []string // empty for tasks that are alike
	Tasks    []int    // in the job; empty for as many as [JobSize] says
	Memory   []int    // bytes; empty where the workload has none
	Shape    []string // empty for tasks that nothing else befalls
	Cores    []string // numbers, "max", or "powers": 1, 2, 4, … and max
	Choices  []Choice
}

// A Choice is how a block's job is executed: a [[block.cell]] table of a suite with one value
// of each of its keys.
type Choice struct {
	Cell // without Task and Cores; Workers is 0 for as many as cores

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
	MaxTasks     = 1 << 24
	MaxChunk     = 1 << 24
	MaxWindow    = 1 << 24
	MaxPrefetch  = 1 << 24
	MaxRecycle   = 1 << 24
	MinMemory    = 4 << 10 // bytes
	MaxMemory    = 1 << 34
	MaxAhead     = 10_000_000_000 // ns
	MaxRate      = 1_000_000      // tasks in a second
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

// partOf returns the built-in suite of that name as a part of another.
func partOf(name string) (Suite, error) {
	data, err := builtIn.ReadFile("suites/" + name + ".toml")
	if err != nil {
		unknown := &UnknownError{Kind: "suite", Name: name}
		files, err := builtIn.ReadDir("suites")
		for _, f := range files {
			unknown.Have = append(unknown.Have, strings.TrimSuffix(f.Name(), ".toml"))
		}
		return Suite{}, errors.Join(unknown, err)
	}
	return parseSuite("suites/"+name+".toml", data, true)
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
func ParseSuite(file string, data []byte) (Suite, error) { return parseSuite(file, data, false) }

// A suiteTable is a suite file as TOML has it.
type suiteTable struct {
	Question string       `toml:"question"`
	Rounds   *int         `toml:"rounds"`
	MinTime  string       `toml:"min-time"`
	Suites   []string     `toml:"suites"`
	Block    []blockTable `toml:"block"`
}

// A blockTable is a [[block]]. The keys of its cells are axes.
type blockTable struct {
	Workload string           `toml:"workload"`
	Grain    []int            `toml:"grain"`
	Payload  []int            `toml:"payload"`
	Spread   []string         `toml:"spread"`
	Tasks    []int            `toml:"tasks"`
	Memory   []int            `toml:"memory"`
	Shape    []string         `toml:"shape"`
	Cores    []any            `toml:"cores"`
	Cell     []map[string]any `toml:"cell"`
}

func parseSuite(file string, data []byte, isPart bool) (Suite, error) {
	var raw suiteTable
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
	switch {
	case len(raw.Suites) > 0 && isPart:
		return s, doc.errorf("suites", "suite %s consists of others; name those", s.Name)
	case len(raw.Suites) > 0 && len(raw.Block) > 0:
		return s, doc.errorf("suites", "a suite consists of other suites or of blocks; remove one, or move the blocks to a file of their own")
	case len(raw.Suites) > 0 && raw.MinTime != "":
		return s, doc.errorf("min-time", "suites that a suite consists of have a min-time each; remove it")
	case len(raw.Suites) == 0 && len(raw.Block) == 0:
		return s, doc.errorf("", "no [[block]]; add at least one")
	}
	if err := once(doc, "suites", raw.Suites); err != nil {
		return s, err
	}
	for _, name := range raw.Suites {
		p, err := partOf(name)
		if err != nil {
			return s, doc.errorf("suites", "%v", err)
		}
		s.Parts = append(s.Parts, p)
	}
	for i, b := range raw.Block {
		path := fmt.Sprintf("block[%d]", i)
		a := Axes{Workload: b.Workload, Grain: b.Grain, Payload: b.Payload, Spread: b.Spread, Tasks: b.Tasks, Memory: b.Memory, Shape: b.Shape}
		for j, c := range b.Cell {
			choices, err := doc.choices(fmt.Sprintf("%s.cell[%d]", path, j), j, c)
			if err != nil {
				return s, err
			}
			a.Choices = append(a.Choices, choices...)
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
