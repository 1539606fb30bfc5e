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
		day, steady, awake, raw time.Duration // advance of each clock
		want                    string        // part of the only note; "" for no note
	}{
		{"all agree", ran, ran, ran, ran, ""},
		{"read one after the other", ran + 20*time.Microsecond, ran, ran + 10*time.Microsecond, ran - 10*time.Microsecond, ""},
		{"set ahead", ran + time.Hour, ran, ran, ran, "the system clock was changed by 1h0m0s during the run"},
		{"set back, before the start", -time.Hour, ran, ran, ran, "was changed by -1h3m0s"},
		{"small correction", ran - 900*time.Millisecond, ran, ran, ran, ""},
		{"asleep", ran + time.Hour, ran, ran + time.Hour, ran, "slept for 1h0m0s during the run"},
		{"asleep without a clock that shows it", ran + time.Hour, ran, none, none, "was changed by 1h0m0s"},
		{"adjusted by NTP", ran, ran, ran, ran - 50*time.Millisecond, ""},
		{"adjusted to run faster", ran, ran, ran, ran - 9*time.Second, "ran 5.26 % faster"},
		{"adjusted to run slower", ran, ran, ran, ran + 20*time.Second, "ran 10.00 % slower"},
		{"too short to compare speeds", time.Millisecond, time.Millisecond, time.Millisecond, 2 * time.Millisecond, ""},
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

// TestReadClocks checks that Steady is the clock of package time, and that two readings without a
// pause give no note.
func TestReadClocks(t *testing.T) {
	began, from := time.Now(), ReadClocks()
	to, took := ReadClocks(), time.Since(began)
	if d := to.Steady - from.Steady; d < 0 || d > took {
		t.Errorf("%v by Steady, %v by package time", d, took)
	}
	if notes := to.Since(from); notes != nil {
		t.Error(notes)
	}
}
