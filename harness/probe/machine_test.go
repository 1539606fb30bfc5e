package probe

import (
	"strings"
	"testing"
)

func TestMachine(t *testing.T) {
	m, notes := Machine()
	t.Logf("%+v, notes %q", m, notes)
	if m.Host == "" || strings.ContainsAny(m.Host, " \t.") || m.GOOS == "" || m.GOARCH == "" || m.Cores < 1 {
		t.Errorf("machine %+v", m)
	}
	for field, empty := range map[string]bool{"cpu model": m.CPU == "", "kernel release": m.Kernel == "", "memory": m.Memory == 0} {
		noted := strings.Contains(strings.Join(notes, "\n"), field+" is unknown: ")
		if empty != noted {
			t.Errorf("%s: absent %v, noted %v", field, empty, noted)
		}
	}
}

func TestHostName(t *testing.T) {
	for name, want := range map[string]string{
		"host":             "host",
		"host-2c.lan.home": "host-2c",
		"My  Mac":          "My-Mac",
		"":                 "",
	} {
		if got := hostName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
