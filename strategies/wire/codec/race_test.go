//go:build race

package codec_test

const raceEnabled = true // sync.Pool drops values under the race detector
