package harness

import (
	"strings"
	"testing"
)

func TestCheckName(t *testing.T) {
	for name, want := range map[string]string{ // a part of the error; "" for none
		"mine":     "",
		"conc-job": "", "v1.2+x_y": "", "größe": "", "线程池": "", "pool2": "",
		"":                      "a strategy has no name",
		"mine/chunk=1":          `contains '/'`,
		"json/decode":           `contains '/'`,
		"a=b":                   `contains '='`,
		"two words":             `contains ' '`,
		"non\u00a0break":        `contains`,
		"line\r":                `contains '\r'`,
		"x|y":                   `contains '|'`,
		"a,b":                   `contains ','`,
		"a:b":                   `contains ':'`,
		"bad\xff":               `contains`,
		"mine-2":                `rename it, for example to "mine2"`,
		strings.Repeat("x", 65): "has 65 bytes",
	} {
		if err := CheckName("strategy", name); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", name, err, want)
		}
	}
}
