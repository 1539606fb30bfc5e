package probe

import "fmt"

// A Finding is the result of checking one property of this machine, such as the frequency governor.
type Finding struct {
	Name  string // name of the property, such as "governor"
	Found string // the value read, or why it could not be read
	State State
	Why   string // why the property matters
	Mend  string // command that fixes the property, or ""; most commands need root
}

// A State says how good the property of a [Finding] is for measurements.
type State int

const (
	Unknown State = iota // could not be read
	Good
	Noted // affects how to read the results, but disturbs no measurement or has no remedy
	Wrong // disturbs or prevents measurements
)

// String returns the state as a word, such as "good".
func (s State) String() string {
	return [...]string{"unknown", "good", "noted", "wrong"}[s]
}

// found returns a finding. Its text is formatted from format and args as by [fmt.Sprintf]. The
// argument mend is the command that fixes the property, or "" if there is none.
func found(state State, mend, format string, args ...any) Finding {
	return Finding{Found: fmt.Sprintf(format, args...), State: state, Mend: mend}
}

// judged returns a finding about a value that should be at most the number most. If it is larger,
// the state is Wrong, and the finding contains mend, the command that fixes the property. Otherwise
// the state is Good. The text is formatted from format and args.
func judged(value, most float64, mend, format string, args ...any) Finding {
	if value > most {
		return found(Wrong, mend, format, args...)
	}
	return found(Good, "", format, args...)
}

func good(format string, args ...any) Finding { return found(Good, "", format, args...) }

func noted(mend, format string, args ...any) Finding { return found(Noted, mend, format, args...) }

func wrong(mend, format string, args ...any) Finding { return found(Wrong, mend, format, args...) }

func unknown(format string, args ...any) Finding { return found(Unknown, "", format, args...) }
