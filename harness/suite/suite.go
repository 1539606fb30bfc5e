// Package suite reads suites from TOML files and expands them into the blocks that a run measures. A
// suite has a question as its title, and the matrix of cells that answers it.
//
//  1. [Load] reads a built-in suite or a suite file; [Parse] parses the text of one.
//  2. [Catalog.Matrix] expands suites into blocks of cells. It returns an error for cells that the
//     program's strategies and workloads cannot run.
//  3. [Filter.Apply] selects cells.
package suite

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
	"github.com/payoff-bench/payoff/harness/toml"
)

// A Suite is the content of a suite file in TOML: a question, and the cells that are measured to
// answer it. It does not depend on the machine.
type Suite struct {
	Name     string // file name without .toml
	Question string
	Rounds   int           // largest number of rounds; 6 if the file does not set it
	Budget   time.Duration // default budget of a run; 0 for none

	builtIn bool
	minTime time.Duration
	blocks  []block
	parts   []Suite // for a suite that consists of other suites; it then has no blocks
	doc     *document
}

// Limits and defaults of the values in a suite file.
const (
	MaxRounds  = 10_000
	MaxMinTime = harness.MaxMinTime
	MaxBudget  = 7 * 24 * time.Hour

	defaultRounds  = 6
	defaultMinTime = 100 * time.Millisecond
	maxCells       = 6  // cells of a block, direct included; in a longer block, the state of the machine would change too much
	maxSweep       = 12 // cells of a block whose minimum time is at most maxSweepTime; it takes no longer than a block of maxCells cells
	maxSweepTime   = 50 * time.Millisecond
)

//go:embed suites/*.toml
var builtIn embed.FS

const folder = "suites/"

// names returns the names of the built-in suites, sorted.
func names() (all []string, err error) {
	files, err := builtIn.ReadDir(strings.TrimSuffix(folder, "/"))
	for _, f := range files {
		all = append(all, strings.TrimSuffix(f.Name(), ".toml"))
	}
	return all, err
}

// All returns the built-in suites, sorted by name.
func All() (all []Suite, err error) {
	names, err := names()
	for _, name := range names {
		s, e := Load(name)
		all, err = append(all, s), cmp.Or(err, e)
	}
	return all, err
}

// Load returns the suite with the given name. A name that ends in .toml is the path of a suite
// file. A name such as cpu=5us describes tasks (see [harness.Need]), and its suite compares
// strategies for such tasks. Every other name is that of a built-in suite.
func Load(name string) (Suite, error) {
	if harness.IsNeed(name) && !strings.HasSuffix(name, ".toml") {
		return needed(name)
	}
	if !strings.HasSuffix(name, ".toml") {
		return loadBuiltIn(harness.AllAxes(), name, false)
	}
	data, err := toml.ReadFile(name)
	if err != nil {
		return Suite{}, fmt.Errorf("suite file: %w", err)
	}
	return Parse(name, data)
}

// loadBuiltIn returns the built-in suite with the given name. The flag isPart is set for a suite
// that is part of another suite.
func loadBuiltIn(axes harness.Axes, name string, isPart bool) (Suite, error) {
	file := folder + name + ".toml"
	data, err := builtIn.ReadFile(file)
	if err == nil {
		s, err := parse(axes, file, data, isPart)
		s.builtIn = true
		return s, err
	}
	have, err := names()
	if !isPart {
		have = append(have, "or a file that ends in .toml")
	}
	return Suite{}, errors.Join(&harness.UnknownError{Kind: "suite", Name: name, Have: have}, err)
}

// Parse parses data, the text of a suite file. The argument file is the file's name. The errors are
// of type [*Error].
func Parse(file string, data []byte) (Suite, error) {
	return parse(harness.AllAxes(), file, data, false)
}

// parse parses data, the text of a suite file. The axes are those that cells of the suite can have.
// The flag isPart is set for a suite that is part of another suite.
func parse(axes harness.Axes, file string, data []byte, isPart bool) (Suite, error) {
	var raw suiteTable
	doc, err := decode(axes, file, data, &raw)
	if err != nil {
		return Suite{}, err
	}
	s := Suite{
		Name:     strings.TrimSuffix(filepath.Base(file), ".toml"),
		Question: raw.Question,
		Rounds:   defaultRounds,
		minTime:  defaultMinTime,
		doc:      doc,
	}
	if strings.TrimSpace(s.Question) == "" {
		doc.Fail("question", `no question; add the question that the suite answers: question = "…"`)
	}
	if raw.Rounds != nil {
		s.Rounds = *raw.Rounds
		doc.between("rounds", s.Rounds, 1, MaxRounds)
	}
	if raw.MinTime != "" {
		s.minTime, err = time.ParseDuration(raw.MinTime)
		if err != nil || s.minTime <= 0 || s.minTime > MaxMinTime {
			doc.Fail("min-time", `min-time %q is not a duration above 0 and up to %v; write "100ms"`, raw.MinTime, MaxMinTime)
		}
	}
	if raw.Budget != "" {
		s.Budget, err = time.ParseDuration(raw.Budget)
		if err != nil || s.Budget < time.Second || s.Budget > MaxBudget {
			doc.Fail("budget", `budget %q is not a duration from 1s to %v; write "3m"`, raw.Budget, MaxBudget)
		}
	}
	switch {
	case len(raw.Suites) > 0 && isPart:
		doc.Fail("suites", "suite %s consists of other suites; name these suites instead", s.Name)
	case len(raw.Suites) > 0 && len(raw.Block) > 0:
		doc.Fail("suites", "a suite consists either of other suites or of blocks; remove one of these keys, or move the blocks to another file")
	case len(raw.Suites) > 0 && raw.MinTime != "":
		doc.Fail("min-time", "the suites that this suite consists of have their own min-time; remove the key \"min-time\"")
	case len(raw.Suites) == 0 && len(raw.Block) == 0:
		doc.Fail("", "no [[block]]; add at least one")
	}
	doc.once("suites", raw.Suites)
	if doc.Err() != nil {
		return s, doc.Err() // before loading parts, since a suite could name itself
	}
	for _, name := range raw.Suites {
		p, err := loadBuiltIn(axes, name, true)
		if err != nil {
			doc.Fail("suites", "%v", err)
		}
		s.parts = append(s.parts, p)
	}
	for i, table := range raw.Block {
		s.blocks = append(s.blocks, doc.block(fmt.Sprintf("block[%d]", i), table, s.minTime))
	}
	return s, doc.Err()
}

// flat returns a copy of the list suites in which each suite that consists of other suites is
// replaced by these.
func flat(suites []Suite) (all []Suite) {
	for _, s := range suites {
		if len(s.parts) == 0 {
			s.parts = []Suite{s}
		}
		all = slices.Concat(all, s.parts)
	}
	return all
}
