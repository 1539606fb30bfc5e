//go:build unix && !linux

package procs

func killHelper(*Executor) error { return nil }

func crowded() error { return nil }
