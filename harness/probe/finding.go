package probe

import "fmt"

// A Finding is one property of this machine that makes timings noisy, or does not.
type Finding struct {
	Name  string // plain: "governor"
	Found string // what was read, or why it could not be
	State State
	Why   string // it matters
	Mend  string // the command that makes it good, where there is one; most need root
}

// A State says what a Finding means for measuring.
type State int

const (
	Unknown State = iota // it could not be read
	Good
	Noted // not wrong, or not to be mended: what is measured here should be read with it in mind
	Wrong // it disturbs what is measured, or keeps something from being measured
)

// String returns the state as a word.
func (s State) String() string {
	return [...]string{"unknown", "good", "noted", "wrong"}[s]
}

func good(format string, args ...any) Finding {
	return Finding{Found: fmt.Sprintf(format, args...), State: Good}
}

// noted returns a finding of state Noted; mend is "" if no command mends it.
func noted(mend, format string, args ...any) Finding {
	return Finding{Found: fmt.Sprintf(format, args...), State: Noted, Mend: mend}
}

// wrong returns a finding of state Wrong; mend is "" if no command mends it.
func wrong(mend, format string, args ...any) Finding {
	return Finding{Found: fmt.Sprintf(format, args...), State: Wrong, Mend: mend}
}

func unknown(format string, args ...any) Finding {
	return Finding{Found: fmt.Sprintf(format, args...)}
}
