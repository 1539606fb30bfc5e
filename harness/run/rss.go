package run

import "runtime"

// rssUnit is the number of bytes in which the kernel counts the resident memory of a process.
var rssUnit = map[bool]int64{true: 1, false: 1 << 10}[runtime.GOOS == "darwin" || runtime.GOOS == "ios"]
