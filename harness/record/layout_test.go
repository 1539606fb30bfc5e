package record

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payoff-bench/payoff/harness"
)

func TestLayout(t *testing.T) {
	names := []string{"Job/w=a/grain=1000/strategy=pool", "Job/w=a/grain=200/strategy=pool", "Job/w=a/grain=200/strategy=steal", "Job/w=b/grain=200/strategy=pool"}
	for _, c := range []struct {
		row, col string
		want     []Placed
	}{
		{"/grain@num", "/strategy", []Placed{
			{"Job/w=a", []string{"grain"}, [][]string{{"200"}, {"1000"}}, []string{"/strategy:pool", "/strategy:steal"}, [][]int{{1, 2}, {0, -1}}},
			{"Job/w=b", []string{"grain"}, [][]string{{"200"}}, []string{"/strategy:pool"}, [][]int{{3}}},
		}},
		{"/w@(b a)", "", []Placed{
			{"Job/grain=1000/strategy=pool", []string{"w"}, [][]string{{"a"}}, []string{""}, [][]int{{0}}},
			{"Job/grain=200/strategy=pool", []string{"w"}, [][]string{{"b"}, {"a"}}, []string{""}, [][]int{{3}, {1}}},
			{"Job/grain=200/strategy=steal", []string{"w"}, [][]string{{"a"}}, []string{""}, [][]int{{2}}},
		}},
		{"", "/w@(b)", []Placed{
			{"", []string{".fullname"}, [][]string{{"Job/grain=200/strategy=pool"}}, []string{"/w:b"}, [][]int{{3}}},
		}},
	} {
		l, err := NewLayout(c.row, c.col)
		if err != nil {
			t.Fatal(err)
		}
		got, err := l.Place(names)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("rows %q, columns %q: %s", c.row, c.col, d)
		}
	}
	for _, bad := range [][2]string{{"/grain@size", ""}, {"goos", ""}, {"", ".config"}, {".unit", ""}, {"(", ""}} {
		if _, err := NewLayout(bad[0], bad[1]); err == nil {
			t.Errorf("rows %q, columns %q: no error", bad[0], bad[1])
		}
	}
	l, err := NewLayout("/grian", "")
	if err != nil {
		t.Fatal(err)
	}
	var unknown *harness.UnknownError
	if _, err := l.Place(names); !errors.As(err, &unknown) {
		t.Errorf("an unknown key: %v", err)
	}
}

func FuzzLayout(f *testing.F) {
	f.Add("/grain@num,/strategy", "/cores@(1 2)", "Job/grain=1/strategy=pool/cores=2")
	f.Add(".name", "/gomaxprocs", "Sort/size=1k-8")
	f.Add(`"/a b"@alpha`, ".fullname@(x)", "//=/=")
	f.Fuzz(func(t *testing.T, row, col, name string) {
		l, err := NewLayout(row, col)
		if err != nil {
			return
		}
		tables, err := l.Place([]string{name, name + "/x=1"})
		if err != nil {
			return
		}
		seen := map[int]bool{}
		for _, p := range tables {
			for _, line := range p.Benchmarks {
				for _, i := range line {
					if i >= 0 && seen[i] {
						t.Errorf("name %d has two places", i)
					}
					seen[i] = true
				}
			}
		}
	})
}
