package harness

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Inherited returns those variables of environ, as NAME=value, that a launch and its worker
// processes inherit. It leaves out payoff's own variables. It also leaves out variables that
// configure Go's runtime and tools, because they would change measurements.
func Inherited(environ []string) (env []string) {
	for _, variable := range environ {
		if name, _, _ := strings.Cut(variable, "="); !slices.Contains(steering, name) && !strings.HasPrefix(name, "PAYOFF_") {
			env = append(env, variable)
		}
	}
	return env
}

// steering holds the names of variables that configure Go's runtime and tools. The first four change how
// long programs take.
var steering = []string{"GOMAXPROCS", "GOGC", "GODEBUG", "GOMEMLIMIT", "GOTRACEBACK", "GOFLAGS", "GOEXPERIMENT"}

// Dropped returns the names of those variables in environ that would change measurements of programs
// in Go, and that launches therefore do not inherit.
func Dropped(environ []string) (names []string) {
	for _, variable := range environ {
		if name, value, _ := strings.Cut(variable, "="); value != "" && slices.Contains(steering[:4], name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// volatile holds the names of variables that differ between terminals and shells and do not affect
// the results of programs. A name that ends in _ stands for all names that begin with it.
var volatile = []string{
	"_", "PWD", "OLDPWD", "SHLVL", "TERM", "TERM_", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "PS1", "HISTFILE",
	"DISPLAY", "WAYLAND_DISPLAY", "WINDOWID", "XDG_", "DBUS_", "SSH_", "TMUX", "TMUX_", "STY", "INVOCATION_ID", "JOURNAL_STREAM",
	"PAYOFF_", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES",
}

// plain matches the variable names that every shell passes on.
var plain = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Fingerprint returns a digest of the value of each variable that launches inherit from environ,
// keyed by the variable's name. It leaves out variables that differ between terminals, such as
// TERM, and variables whose names some shells do not pass on.
func Fingerprint(environ []string) map[string]string { return Variables(Inherited(environ)) }

// Variables is like [Fingerprint], but digests all variables of environ, for programs that inherit
// all of them.
func Variables(environ []string) map[string]string {
	digests := map[string]string{}
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if plain.MatchString(name) && !slices.ContainsFunc(volatile, func(v string) bool {
			return name == v || v != "_" && strings.HasSuffix(v, "_") && strings.HasPrefix(name, v)
		}) {
			digests[name] = fmt.Sprintf("%x", sha256.Sum256([]byte(value)))[:8]
		}
	}
	return digests
}
