package probe

import "fmt"

// A Finding is the result of checking one property of this machine.
type Finding struct {
	Name  string // of the property, such as "governor"
	Found string // the value read, or why it could not be read
	State State
	Why   string // why the property matters
	Mend  string // the command that fixes it, or ""; most need root
}

// A State says what a Finding means for measurements.
type State int

const (
	Unknown State = iota // could not be read
	Good
	Noted // not wrong, or not fixable; results should be read with it in mind
	Wrong // disturbs or prevents measurements
)

// String returns the state as a word.
func (s State) String() string {
	return [...]string{"unknown", "good", "noted", "wrong"}[s]
}

func good(format string, args ...any) Finding {
	return Finding{Found: fmt.Sprintf(format, args...), State: Good}
}

// noted returns a finding of state Noted; mend is the command that fixes it, or "".
func noted(mend, format string, args ...any) Finding {
	return Finding{Found: fmt.Sprintf(format, args...), State: Noted, Mend: mend}
}

// wrong returns a finding of state Wrong; mend is the command that fixes it, or "".
func wrong(mend, format string, args ...any) Finding {
	return Finding{Found: fmt.Sprintf(format, args...), State: Wrong, Mend: mend}
}

func unknown(format string, args ...any) Finding {
	return Finding{Found: fmt.Sprintf(format, args...)}
}
