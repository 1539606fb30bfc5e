package profile

import (
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/google/pprof/profile"

	"github.com/payoff-bench/payoff/strategies/profiler"
)

// A sampled is the CPU profile of a process, with the CPU time that the kernel counted for the process
// during the profile; 0 if unknown.
type sampled struct {
	profile *profile.Profile
	role    string
	used    time.Duration
}

// usedBy returns the CPU time that the process of the file used during its profile, or 0.
func usedBy(f File) time.Duration {
	b, err := os.ReadFile(f.Path + profiler.Used)
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	return time.Duration(n)
}

// scale sets the times of CPU samples so that their sum is the CPU time that the kernel counted. The
// number of samples stays.
//
// The kernel loses samples of threads that often sleep, up to a sixth of them, because it checks the
// timers of a thread only when a tick finds the thread running. Processes of a role are scaled together,
// because a short one may have no sample.
func scale(all []sampled) {
	for _, role := range []string{profiler.Launch, profiler.Helper, profiler.Worker} {
		var counted, kernel float64
		for _, s := range all {
			if s.role == role && s.used > 0 {
				counted, kernel = counted+float64(total(s.profile)), kernel+float64(s.used)
			}
		}
		if counted == 0 {
			continue
		}
		for _, s := range all {
			if s.role == role && s.used > 0 {
				for _, sample := range s.profile.Sample {
					sample.Value[1] = int64(float64(sample.Value[1]) * kernel / counted)
				}
			}
		}
	}
}

// total returns the sum of the times of all samples of a CPU profile.
func total(p *profile.Profile) (sum int64) {
	for _, s := range p.Sample {
		sum += s.Value[1]
	}
	return sum
}
