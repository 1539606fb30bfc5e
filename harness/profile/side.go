package profile

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// comment returns a comment for the merged profile. It says what [Compare] needs to know.
func (l Launch) comment() string {
	return fmt.Sprintf("payoff %s: %d tasks in %d ns: %s", l.Kind, l.Tasks, l.Wall.Nanoseconds(), l.Cell)
}

// An Origin says on which machine and by which build of payoff a profile was made.
type Origin struct{ Machine, Build string }

// The beginnings of comments of a merged profile.
const (
	machineComment = "payoff machine: "
	buildComment   = "payoff build: "
	starvedComment = "payoff starved: " // before a cell
)

// comments returns the comments for the merged profile, from which [Read] reads the origin.
func (o Origin) comments() []string {
	return []string{machineComment + o.Machine, buildComment + o.Build}
}

// A Side is one cell of a merged profile.
type Side struct {
	Path, Kind, Cell string
	Tasks            int
	Wall             time.Duration
	Account          Account // zero if unknown
	Origin           Origin  // zero if unknown
	Starved          bool    // see [Launch].Starved
	profile          *profile.Profile
}

// errForeign is the error of a profile that [Merge] did not write.
var errForeign = errors.New("payoff profile did not write this file, so the number of its tasks is unknown; name a file or folder that it wrote")

// Read reads a profile that [Merge] wrote, and returns its cells. If the profile is torn, empty or
// foreign, Read returns a [FileError].
func Read(path string) (sides []Side, err error) {
	p, err := parse(path, "")
	if err != nil {
		return nil, err
	}
	accounts := map[string]Account{}
	var origin Origin
	starved := map[string]bool{}
	for _, text := range p.Comments {
		if cell, ok := strings.CutPrefix(text, starvedComment); ok {
			starved[cell] = true
			continue
		}
		if m, ok := strings.CutPrefix(text, machineComment); ok {
			origin.Machine = m
			continue
		}
		if b, ok := strings.CutPrefix(text, buildComment); ok {
			origin.Build = b
			continue
		}
		if at := strings.LastIndex(text, ": "); at >= 0 {
			if a, ok := parseAccount(text[:at]); ok {
				accounts[text[at+2:]] = a
			}
		}
		s := Side{Path: path, profile: p}
		facts, cell, _ := strings.Cut(text, " ns: ")
		if n, _ := fmt.Sscanf(facts, "payoff %s %d tasks in %d", &s.Kind, &s.Tasks, &s.Wall); n != 3 {
			continue
		}
		s.Kind, s.Cell = strings.TrimSuffix(s.Kind, ":"), cell
		if s.Tasks < 1 || index(p, s.Kind) < 0 {
			return nil, &FileError{path, fmt.Errorf("the comment %q does not fit the profile", text)}
		}
		sides = append(sides, s)
	}
	if len(sides) == 0 {
		return nil, &FileError{path, errForeign}
	}
	for i := range sides {
		s := &sides[i]
		s.Account, s.Origin, s.Starved = accounts[s.Cell], origin, starved[s.Cell]
	}
	return sides, nil
}

// samples returns the samples of the jobs of the cell. It leaves out payoff's own work.
func (s Side) samples() (all []*profile.Sample) {
	for _, sample := range s.profile.Sample {
		if only(sample, Cell) == s.Cell && only(sample, Stage) != Outside {
			all = append(all, sample)
		}
	}
	return all
}

// Samples returns the number of samples of CPU time in the jobs of the cell. For kinds that do not
// sample time, it returns -1.
func (s Side) Samples() int {
	if s.Kind != "cpu" {
		return -1
	}
	n := int64(0)
	for _, sample := range s.samples() {
		n += sample.Value[0]
	}
	return int(n)
}

// only returns the value of a label that has one value.
func only(s *profile.Sample, key string) string {
	if v := s.Label[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}
