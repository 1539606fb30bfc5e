//go:build race

package codec_test

const raceEnabled = true // its pools drop what they hold
