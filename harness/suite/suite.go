// Package suite reads suites, questions with the matrix of cells that answers them, from TOML
// files, and expands them into the blocks that a run measures.
//
//  1. [Load] reads a suite, built in or from a file; [Parse] reads it from text.
//  2. [Catalog.Matrix] expands suites into blocks of cells, and refuses cells that the
//     strategies and workloads of this program cannot run.
//  3. [Filter.Apply] keeps the cells that a filter names.
package suite

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/payoff-bench/payoff/harness"
)

// A Suite is a named matrix that answers a question, as its TOML file says it. It does not
// depend on the machine; [Catalog.Matrix] makes it concrete.
type Suite struct {
	Name     string // the file's name without .toml
	Question string
	Rounds   int           // most rounds; 6 where the file names none
	Budget   time.Duration // for a run of this suite alone; 0 for none

	minTime time.Duration
	blocks  []block
	parts   []Suite // the suites that it consists of; it has no blocks of its own then
	doc     *document
}

// Limits of a suite.
const (
	MaxRounds  = 10_000
	MaxMinTime = time.Minute

	defaultRounds  = 6
	defaultMinTime = 100 * time.Millisecond
	maxSize        = 1 << 20 // bytes of its file
	maxCells       = 6       // in a block, direct included: a block must be short compared with the machine's drift
	maxSweep       = 12      // in a block whose launches are as short as maxSweepTime: it takes no longer
	maxSweepTime   = 50 * time.Millisecond
)

//go:embed suites/*.toml
var builtIn embed.FS

const folder = "suites/"

// names returns the names of the suites that are built in, sorted.
func names() (all []string, err error) {
	files, err := builtIn.ReadDir(strings.TrimSuffix(folder, "/"))
	for _, f := range files {
		all = append(all, strings.TrimSuffix(f.Name(), ".toml"))
	}
	return all, err
}

// All returns the suites that are built in, sorted by name.
func All() (all []Suite, err error) {
	names, err := names()
	for _, name := range names {
		s, e := Load(name)
		all, err = append(all, s), cmp.Or(err, e)
	}
	return all, err
}

// Load returns the built-in suite of that name or, if name ends in .toml, the suite in that
// file.
func Load(name string) (Suite, error) {
	if !strings.HasSuffix(name, ".toml") {
		return loadBuiltIn(harness.AllAxes(), name, false)
	}
	data, err := readFile(name)
	if err != nil {
		return Suite{}, fmt.Errorf("suite file: %w", err)
	}
	return Parse(name, data)
}

// loadBuiltIn returns the built-in suite of that name, by itself or as a part of another.
func loadBuiltIn(axes harness.Axes, name string, isPart bool) (Suite, error) {
	file := folder + name + ".toml"
	data, err := builtIn.ReadFile(file)
	if err == nil {
		return parse(axes, file, data, isPart)
	}
	have, err := names()
	if !isPart {
		have = append(have, "or a file that ends in .toml")
	}
	return Suite{}, errors.Join(&harness.UnknownError{Kind: "suite", Name: name, Have: have}, err)
}

// readFile reads a suite file: a regular file of a plausible size.
func readFile(name string) ([]byte, error) {
	st, err := os.Stat(name) // first, since to open a pipe would wait for ever
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
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err == nil && len(data) > maxSize {
		err = fmt.Errorf("%s: it is larger than the %d bytes that a suite may have", name, maxSize)
	}
	return data, err
}

// Parse reads a suite file. Its errors are an [Error].
func Parse(file string, data []byte) (Suite, error) {
	return parse(harness.AllAxes(), file, data, false)
}

// parse reads a suite whose cells have these axes.
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
		doc.fail("question", `no question; say what the suite answers: question = "…"`)
	}
	if raw.Rounds != nil {
		s.Rounds = *raw.Rounds
		doc.between("rounds", s.Rounds, 1, MaxRounds)
	}
	if raw.MinTime != "" {
		s.minTime, err = time.ParseDuration(raw.MinTime)
		if err != nil || s.minTime <= 0 || s.minTime > MaxMinTime {
			doc.fail("min-time", `min-time %q is not a duration above 0 and up to %v; write "100ms"`, raw.MinTime, MaxMinTime)
		}
	}
	if raw.Budget != "" {
		s.Budget, err = time.ParseDuration(raw.Budget)
		if err != nil || s.Budget < time.Second {
			doc.fail("budget", `budget %q is not a duration from 1s up; write "3m"`, raw.Budget)
		}
	}
	switch {
	case len(raw.Suites) > 0 && isPart:
		doc.fail("suites", "suite %s consists of others; name those", s.Name)
	case len(raw.Suites) > 0 && len(raw.Block) > 0:
		doc.fail("suites", "a suite consists of other suites or of blocks; remove one, or move the blocks to a file of their own")
	case len(raw.Suites) > 0 && raw.MinTime != "":
		doc.fail("min-time", "suites that a suite consists of have a min-time each; remove it")
	case len(raw.Suites) == 0 && len(raw.Block) == 0:
		doc.fail("", "no [[block]]; add at least one")
	}
	doc.once("suites", raw.Suites)
	if doc.err != nil {
		return s, doc.err // a suite that names itself would be read for ever
	}
	for _, name := range raw.Suites {
		p, err := loadBuiltIn(axes, name, true)
		if err != nil {
			doc.fail("suites", "%v", err)
		}
		s.parts = append(s.parts, p)
	}
	for i, table := range raw.Block {
		s.blocks = append(s.blocks, doc.block(fmt.Sprintf("block[%d]", i), table, s.minTime))
	}
	return s, doc.err
}

// flat returns the suites, with the parts in place of each suite that consists of others.
func flat(suites []Suite) (all []Suite) {
	for _, s := range suites {
		if len(s.parts) == 0 {
			s.parts = []Suite{s}
		}
		all = slices.Concat(all, s.parts)
	}
	return all
}
