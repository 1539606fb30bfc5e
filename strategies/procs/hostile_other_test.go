//go:build unix && !linux

package procs

func ringMisdeeds() map[string]misdeed { return map[string]misdeed{} }

// cutPage does nothing: on this system the page has no seal.
func cutPage() {}
