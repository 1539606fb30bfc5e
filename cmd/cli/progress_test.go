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
