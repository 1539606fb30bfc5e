//go:build unix && !linux

package procs

func ringMisdeeds() map[string]misdeed { return map[string]misdeed{} }

// cutPage does nothing: the memory of the page has no seal here.
func cutPage() {}
