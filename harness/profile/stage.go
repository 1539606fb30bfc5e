package profile

import (
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// Values of the label [Stage]. They are found from the functions of a call stack.
const (
	Encode      = "encode"       // an input becomes bytes
	Send        = "send"         // bytes go to a worker process
	Receive     = "receive"      // a worker process reads them
	Decode      = "decode"       // they become an input again
	Execute     = "execute"      // the kernel runs
	EncodeBack  = "encode-back"  // an outcome becomes bytes
	SendBack    = "send-back"    // a worker process writes them
	ReceiveBack = "receive-back" // the launch reads them
	DecodeBack  = "decode-back"  // they become an outcome again
	Dispatch    = "dispatch"     // other code of a strategy: it claims, wakes, stores and delivers
	Wait        = "wait"         // system calls that wait for bytes
	Schedule    = "schedule"     // Go's scheduler without a goroutine
	Collect     = "gc"           // the garbage collector
	Outside     = "payoff"       // payoff's own work outside of jobs, such as controls and digests
)

// Stages returns the stages in the order in which a task takes them.
func Stages() []string {
	return []string{Encode, Send, Receive, Decode, Execute, EncodeBack, SendBack, ReceiveBack, DecodeBack, Dispatch, Wait, Schedule, Collect, Outside}
}

// payoff is the module of all packages whose functions rows name.
const payoff = "github.com/payoff-bench/payoff/"

// rows lists texts in the names of functions, and the stage of a stack in which such a function is the
// first, from the innermost function on. The first row that matches a function decides.
func rows() []struct{ texts, stage string } {
	return []struct{ texts, stage string }{
		{"runtime.gcBgMarkWorker runtime.gcAssistAlloc runtime.gcStart runtime.bgsweep runtime.bgscavenge", Collect},
		{"strategies.encodeAll[", Encode},
		{"strategies.decodeAll[", DecodeBack},
		{"strategies/wire/transport.write strategies/wire/transport.writev ).TryWrite", Send},
		{"strategies/wire/transport.read ).TryRead", Receive},
		{"strategies/procs/internal/poll. ).Await", Wait},
		{"workloads.(*load[ workloads.(*stamps", Outside},
		{"payoff/harness/ payoff/cmd/", Outside},
		{"payoff/strategies/ payoff/strategies. panjf2000/ants alitto/pond gammazero/workerpool samber/lo sourcegraph/conc golang.org/x/sync", Dispatch},
		{"payoff/workloads/", Execute},
	}
}

// codecs lists texts in the names of functions that encode or decode values in the packages of payoff.
const codecs = "TaskCodec OutcomeCodec workloads.appendTask workloads.cutTask workloads.appendOutcome workloads.cutOutcome strategies/wire/cbor. strategies/wire/json. strategies/wire/gob. strategies/wire/raw. strategies/wire/shared. workloads/payload."

// stageOf returns the stage of a sample, or "" if the functions of its stack do not show it.
func stageOf(s *profile.Sample) string {
	var names []string // from the innermost function
	for _, l := range s.Location {
		for _, line := range l.Line {
			if line.Function != nil {
				names = append(names, line.Function.Name)
			}
		}
	}
	var (
		table   = rows()
		worker  = slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, payoff+"strategies/procs/worker.") })
		coded   = "" // Decode or EncodeBack, if the stack has a codec of a worker
		foreign bool // the stack has a function of neither payoff, a pool, nor the standard library
	)
	for i, name := range names {
		switch {
		case strings.Contains(name, ").Direct"), strings.Contains(name, "].Bind.") && coded == "":
			return Execute
		case strings.Contains(name, "].Bind."):
			return coded
		case has(name, codecs) && worker:
			coded = direction(names[:i+1])
			continue
		case has(name, codecs):
			continue // encodeAll or decodeAll decides
		case strings.HasSuffix(name, ").Map.func1"), strings.HasSuffix(name, ").job"):
			continue // a native pool runs in it
		}
		for _, r := range table {
			if !has(name, r.texts) {
				continue
			}
			switch {
			case foreign && r.stage == Dispatch:
				return Execute
			case worker && r.stage == Send:
				return SendBack
			case !worker && r.stage == Receive:
				return ReceiveBack
			}
			return r.stage
		}
		foreign = foreign || !standard(name)
	}
	switch {
	case foreign:
		return Execute
	case slices.ContainsFunc(names, func(n string) bool { return n == "runtime.schedule" || n == "runtime.mcall" }):
		return Schedule
	}
	return ""
}

// direction returns the stage of a sample in a codec, from the names of the functions on its stack:
// Decode if one of them decodes, and EncodeBack otherwise.
func direction(names []string) string {
	for _, name := range names {
		if has(strings.ToLower(name[strings.LastIndexByte(name, '/')+1:]), "decod unmarshal cuttask cutoutcome taskcodec.func3") {
			return Decode
		}
	}
	return EncodeBack
}

// has reports whether name contains one of the texts, which blanks separate.
func has(name, texts string) bool {
	for text := range strings.FieldsSeq(texts) {
		if strings.Contains(name, text) {
			return true
		}
	}
	return false
}

// standard reports whether the function with the given name is in the standard library: the first
// element of its package's path has no dot, and is not main.
func standard(name string) bool {
	if base, _, ok := strings.Cut(name, "["); ok {
		name = base // type arguments have paths too
	}
	first, _, deep := strings.Cut(name, "/")
	if deep {
		return !strings.Contains(first, ".")
	}
	return !strings.HasPrefix(name, "main.")
}
