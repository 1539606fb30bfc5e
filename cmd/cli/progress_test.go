package cli

import (
	"bytes"
	"testing"
	"time"
)

func TestSparseProgress(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b, func(string) string { return "" })
	start := time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)
	p.show(start, "a")
	p.show(start.Add(time.Second), "b")
	p.show(start.Add(sparse), "c")
	p.done()
	if got, want := b.String(), "a\nc\n"; got != want {
		t.Errorf("a log got %q, want %q", got, want)
	}
}

func TestRedrawnProgress(t *testing.T) {
	var b bytes.Buffer
	p := &progress{w: &b, width: 6}
	p.show(time.Time{}, "short")
	p.show(time.Time{}, "µ longer")
	p.done()
	p.done()
	if got, want := b.String(), "\r\x1b[Kshort\r\x1b[Kµ lon\r\x1b[K"; got != want {
		t.Errorf("a terminal got %q, want %q", got, want)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                        "0s",
		900 * time.Millisecond:   "1s",
		59600 * time.Millisecond: "1m00s",
		100 * time.Second:        "1m40s",
		2*time.Hour + 5*time.Minute + 10*time.Second: "2h05m",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%v) = %q, want %q", d, got, want)
		}
	}
}
