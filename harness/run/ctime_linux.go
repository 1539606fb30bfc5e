package run

import (
	"os"
	"syscall"
	"time"
)

// changeTime returns the time at which the file's inode last changed. Programs cannot set this time.
func changeTime(st os.FileInfo) time.Time {
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		return time.Unix(sys.Ctim.Unix())
	}
	return time.Time{}
}
