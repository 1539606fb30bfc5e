package format

import "testing"

func TestCheckEncoding(t *testing.T) {
	for text, want := range map[string]string{
		"":                     "",
		"q":                    "",
		"question":             "",
		"é":                    "",
		"\x00\x00":             "", // not a text, and not UTF-16
		"\xEF\xBB\xBFquestion": "f is UTF-8 with a byte order mark; save it as plain UTF-8",
		"\xFF\xFEq\x00":        "f is UTF-16; save it as plain UTF-8",
		"\xFE\xFF\x00q":        "f is UTF-16; save it as plain UTF-8",
		"q\x00u\x00":           "f is UTF-16; save it as plain UTF-8",
		"\x00q\x00u":           "f is UTF-16; save it as plain UTF-8",
	} {
		got := ""
		if err := CheckEncoding("f", []byte(text)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if head := CheckEncoding("f", []byte(text)[:min(len(text), EncodingHead)]); (head == nil) != (got == "") {
			t.Errorf("head of %q: %v", text, head)
		}
	}
}
