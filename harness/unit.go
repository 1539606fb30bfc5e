package harness

import "slices"

// Units of a sample's values, as they stand in samples.txt. benchstat shows those in ns
// as seconds (ns/task as sec/task).
const (
	UnitOp    = "ns/op"    // makespan of a job: submitted to last outcome; median of the launch's repetitions
	UnitTask  = "ns/task"  // makespan over the number of tasks
	UnitTasks = "tasks/op" // tasks in the job
	UnitStart = "start-ns" // making the executor
	UnitFirst = "first-ns" // the first, cold job
	UnitStop  = "stop-ns"  // closing the executor
	// CPU time of the whole process tree in the timed part, per task. It may be 0, which
	// readers that rescale ns would put in a table of its own; nsec they leave as it is.
	UnitCPU    = "cpu-nsec/task"  // exact, as the scheduler counts it
	UnitUser   = "user-nsec/task" // how the kernel splits it, by whole ticks of its clock,
	UnitSystem = "sys-nsec/task"  // so that both have no more digits than a tick allows
	// What the cores had left meanwhile: the sum of the makespans times the cores, less the CPU
	// time. They had nothing to run, or ran something else.
	UnitIdle = "idle-nsec/task"
	// Of the server that the tasks ask, a process of its own: no part of the tree's.
	UnitServer = "server-cpu-nsec/task"

	// Of the timed part too, and of the process tree, per task.
	UnitVoluntary    = "voluntary-switches/task"   // a thread went to sleep
	UnitInvoluntary  = "involuntary-switches/task" // a thread had to leave its core
	UnitMinor        = "minor-faults/task"         // page faults served from memory
	UnitMajor        = "major-faults/task"         // page faults that waited for a disk
	UnitWaited       = "run-queue-wait-nsec/task"  // threads were ready and had no core
	UnitInstructions = "instructions/task"         // hardware counters, in user mode
	UnitCycles       = "cycles/task"
	UnitCacheMisses  = "cache-misses/task" // of the last level
	// Of the Go runtime of the launch's own process; worker processes have theirs.
	UnitAllocs     = "allocs/task"        // objects allocated on the heap; small ones are counted when their span is full
	UnitAllocBytes = "alloc-bytes/task"   // and their size
	UnitPauses     = "gc-pause-nsec/task" // the collector had stopped all goroutines
	UnitGCShare    = "gc-cpu-share"       // share of the collector in the CPU time used, idle time apart; over whole cycles of the collector
	UnitLatency    = "sched-p99-nsec"     // 99 % of goroutines that became ready ran within this time: the upper end of the runtime's interval, at most a quarter above
	// The most memory that the process tree held during a job of the warm-up, pages that
	// several processes share counted in equal parts.
	UnitPSS = "peak-pss-bytes"

	// Of tasks that wait: how long one took from its own start to its end, on average, and
	// how many were under way at once, on average: those times over the makespan.
	UnitService     = "service-ns"
	UnitConcurrency = "concurrency"
	// Of a stream. The first is of the timed jobs, as the makespan is; the others take a clock
	// at each outcome and are of one job after the warm-up that is not timed.
	UnitFirstResult  = "first-result-ns"   // submitted to its consumer's having the first outcome
	UnitHeld         = "held-nsec"         // from when an outcome was done, or came from its process, to its delivery, on average
	UnitHeadOfLine   = "head-of-line-nsec" // of that, until the last of those before it was done; input order alone
	UnitHeldTasks    = "held-tasks"        // outcomes that were done and not delivered, at most
	UnitAvailability = "availability"      // share of the job's time for which an outcome was there to be used, on average
	// Of an open loop: responses from the instant at which a task was to arrive; by how much
	// one arrival in a hundred came late, at least; outcomes in a second; and the loops before
	// it whose generator lagged.
	UnitP50        = "response-p50-ns"
	UnitP99        = "response-p99-ns"
	UnitP999       = "response-p999-ns"
	UnitLag        = "lag-p99-ns"
	UnitThroughput = "tasks/s"
	UnitVoidLoops  = "void-loops"

	// Of the whole machine while the launch was timed.
	UnitSteal     = "steal-share"    // of the cores' time, that the hypervisor gave to others, in steps of 10 ms
	UnitPressure  = "pressure-share" // of the time, in which some thread was ready and had no core
	UnitTaken     = "taken-share"    // of the cores' time, that processes outside the launch took; from the warm-up on
	UnitThrottled = "throttled-nsec" // a control group's quota was used up; levels and cores add up
	UnitLoad      = "load"           // 1-minute average when timing began

	UnitControl  = "control-ns"  // control: a fixed serial loop, before the executor starts
	UnitPingPong = "pingpong-ns" // control: one round trip between two cores, likewise; absent on one core
)

// A Unit is a row of the table of units.
type Unit struct {
	Name   string
	Better string // "lower" or "higher", as the Unit lines of samples.txt declare it; "" for a unit that describes rather than judges
}

// Units returns the table of units, in the order in which they are written.
func Units() []Unit {
	rows := func(better string, names ...string) (units []Unit) {
		for _, name := range names {
			units = append(units, Unit{name, better})
		}
		return units
	}
	const lower, higher = "lower", "higher"
	return slices.Concat(
		rows(lower, UnitOp, UnitTask),
		rows("", UnitTasks),
		rows(lower, UnitStart, UnitFirst, UnitStop,
			UnitCPU, UnitUser, UnitSystem, UnitIdle, UnitServer,
			UnitVoluntary, UnitInvoluntary, UnitMinor, UnitMajor, UnitWaited,
			UnitInstructions, UnitCycles, UnitCacheMisses,
			UnitAllocs, UnitAllocBytes, UnitPauses, UnitGCShare, UnitLatency, UnitPSS,
			UnitFirstResult, UnitHeld, UnitHeadOfLine, UnitHeldTasks),
		rows(higher, UnitAvailability),
		rows(lower, UnitService),
		rows("", UnitConcurrency),
		rows(lower, UnitP50, UnitP99, UnitP999, UnitLag),
		rows(higher, UnitThroughput),
		rows(lower, UnitVoidLoops, UnitSteal, UnitTaken, UnitPressure, UnitThrottled, UnitLoad, UnitControl, UnitPingPong),
	)
}
