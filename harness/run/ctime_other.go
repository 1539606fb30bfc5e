//go:build !linux

package run

import (
	"os"
	"time"
)

func changeTime(os.FileInfo) time.Time { return time.Time{} }
