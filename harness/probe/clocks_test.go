package probe

import (
	"strings"
	"testing"
	"time"
)

func TestClocks(t *testing.T) {
	day := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	from := Clocks{Day: day, Steady: 5 * time.Second, Awake: time.Hour, Raw: 7 * time.Second}
	const ran, none = 3 * time.Minute, -1
	for _, c := range []struct {
		name                    string
		day, steady, awake, raw time.Duration // by how much each went on
		want                    string        // a part of the only note; "" for none
	}{
		{"all agree", ran, ran, ran, ran, ""},
		{"read one after the other", ran + 20*time.Microsecond, ran, ran + 10*time.Microsecond, ran - 10*time.Microsecond, ""},
		{"set ahead", ran + time.Hour, ran, ran, ran, "the system's clock was set by 1h0m0s during the run"},
		{"set back, before the beginning", -time.Hour, ran, ran, ran, "was set by -1h3m0s"},
		{"a small correction", ran - 900*time.Millisecond, ran, ran, ran, ""},
		{"asleep", ran + time.Hour, ran, ran + time.Hour, ran, "slept for 1h0m0s during the run"},
		{"asleep where that is not told", ran + time.Hour, ran, none, none, "was set by 1h0m0s"},
		{"a server of time at work", ran, ran, ran, ran - 50*time.Millisecond, ""},
		{"made to go faster", ran, ran, ran, ran - 9*time.Second, "made to go 5.26 % faster"},
		{"made to go slower", ran, ran, ran, ran + 20*time.Second, "made to go 10.00 % slower"},
		{"too short to tell a pace", time.Millisecond, time.Millisecond, time.Millisecond, 2 * time.Millisecond, ""},
	} {
		to := Clocks{from.Day.Add(c.day), from.Steady + c.steady, from.Awake + c.awake, from.Raw + c.raw}
		if c.awake == none {
			to.Awake, to.Raw = 0, 0
		}
		notes := to.Since(from)
		if said := strings.Join(notes, "; "); len(notes) > 1 || c.want == "" && said != "" || !strings.Contains(said, c.want) {
			t.Errorf("%s: %q, want %q", c.name, notes, c.want)
		}
	}
}

// What is measured goes by the clock that is read as Steady; on this machine nothing befalls
// the clocks between two readings.
func TestReadClocks(t *testing.T) {
	began, from := time.Now(), ReadClocks()
	to, took := ReadClocks(), time.Since(began)
	if d := to.Steady - from.Steady; d < 0 || d > took {
		t.Errorf("%v by the clock that measures, %v by Go's", d, took)
	}
	if notes := to.Since(from); notes != nil {
		t.Error(notes)
	}
}
