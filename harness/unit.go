package harness

// Units of the values in a sample, as samples.txt writes them. benchstat converts units in ns to
// seconds: it writes ns/task as sec/task.
const (
	UnitOp    = "ns/op"    // makespan of a job: submission to last outcome; median of the timed jobs
	UnitTask  = "ns/task"  // makespan divided by the number of tasks
	UnitTasks = "tasks/op" // tasks in the job
	UnitStart = "start-ns" // time to create the executor
	UnitFirst = "first-ns" // makespan of the first, cold job
	UnitStop  = "stop-ns"  // time to close the executor
	// CPU time of the whole process tree in timed jobs, per task. It may be 0. Its name has
	// nsec instead of ns because readers that convert ns to seconds would put a 0 into a
	// separate table.
	UnitCPU    = "cpu-nsec/task"  // exact, from the scheduler
	UnitUser   = "user-nsec/task" // CPU time in user mode, which the kernel counts in whole clock ticks
	UnitSystem = "sys-nsec/task"  // CPU time in kernel mode, counted in the same way
	// Unused core time in timed jobs, per task: the sum of the makespans times the cores, minus
	// the CPU time. The cores were idle or ran something else.
	UnitIdle = "idle-nsec/task"
	// CPU time of the servers that tasks or executors call, which are outside the process tree.
	UnitServer = "server-cpu-nsec/task"

	// Counts of the process tree in timed jobs, per task.
	UnitVoluntary    = "voluntary-switches/task"   // times that a thread blocked
	UnitInvoluntary  = "involuntary-switches/task" // times that a thread was preempted
	UnitMinor        = "minor-faults/task"         // page faults served from memory
	UnitMajor        = "major-faults/task"         // page faults that waited for a disk
	UnitWaited       = "run-queue-wait-nsec/task"  // time in which threads were runnable without a core
	UnitInstructions = "instructions/task"         // hardware counters, in user mode
	UnitCycles       = "cycles/task"
	UnitCacheMisses  = "cache-misses/task" // misses of the last-level cache
	// Values of the Go runtime of the launch's own process, without worker processes.
	UnitAllocs     = "allocs/task"        // objects allocated on the heap; the Go runtime counts small ones only when their block of memory is full
	UnitAllocBytes = "alloc-bytes/task"   // bytes of those objects
	UnitPauses     = "gc-pause-nsec/task" // time in which the garbage collector stopped all goroutines
	UnitGCShare    = "gc-cpu-share"       // the garbage collector's share of the CPU time that was not idle; only whole collections count
	UnitLatency    = "sched-p99-nsec"     // 99th percentile of the time from runnable to running: the upper end of the runtime's bucket, at most a quarter too high
	// Peak memory of the process tree in a job of the warm-up; pages shared by several processes
	// are divided equally between them.
	UnitPSS = "peak-pss-bytes"

	// For tasks that wait: the mean time from the start of a task to its end, and the mean number of
	// tasks in progress, which is the sum of these times divided by the makespan.
	UnitService     = "service-ns"
	UnitConcurrency = "concurrency"
	// For streams. The unit first-result-ns is measured in the timed jobs. The other units need
	// a clock reading at each outcome, so they are measured in one extra job after the warm-up.
	UnitFirstResult  = "first-result-ns"   // from submission until the consumer has the first outcome
	UnitHeld         = "held-nsec"         // mean time from when an outcome was done, or arrived from its process, to its delivery
	UnitHeadOfLine   = "head-of-line-nsec" // the part of held-nsec spent waiting for earlier outcomes; in input order only
	UnitHeldTasks    = "held-tasks"        // largest number of outcomes that were done and not delivered at the same time
	UnitAvailability = "availability"      // mean share of the job's time that remains after the delivery of an outcome
	// For open loops: percentiles of the response time, counted from the scheduled arrival of a task;
	// the 99th percentile of the delay of arrivals; outcomes per second; and the number of loops that
	// were discarded because their generator lagged.
	UnitP50        = "response-p50-ns"
	UnitP99        = "response-p99-ns"
	UnitP999       = "response-p999-ns"
	UnitLag        = "lag-p99-ns"
	UnitThroughput = "tasks/s"
	UnitVoidLoops  = "void-loops"

	// State of the whole machine in the timed part of the launch.
	UnitSteal     = "steal-share"    // share of the cores' time that the hypervisor took, in steps of 10 ms
	UnitPressure  = "pressure-share" // share of the time in which some thread was runnable without a core
	UnitTaken     = "taken-share"    // share of the cores' time that processes outside the launch took, warm-up included
	UnitThrottled = "throttled-nsec" // time in which a control group was throttled by its quota, summed over levels and cores
	UnitLoad      = "load"           // 1-minute load average when timing began

	UnitControl  = "control-ns"  // control: a fixed serial loop, run before the executor is created
	UnitPingPong = "pingpong-ns" // control: a round trip between two cores, run before the executor is created; absent on one core
)

// A Unit names a quantity that launches measure. It also says whether lower or higher values are
// better.
type Unit struct {
	Name   string
	Better string // "lower" or "higher" for the Unit line in samples.txt; "" if neither is better
}

// Units returns all units that launches measure, in the order in which samples.txt lists them.
func Units() (units []Unit) {
	add := func(better string, names ...string) {
		for _, name := range names {
			units = append(units, Unit{name, better})
		}
	}
	add("lower", UnitOp, UnitTask)
	add("", UnitTasks)
	add("lower", UnitStart, UnitFirst, UnitStop,
		UnitCPU, UnitUser, UnitSystem, UnitIdle, UnitServer,
		UnitVoluntary, UnitInvoluntary, UnitMinor, UnitMajor, UnitWaited,
		UnitInstructions, UnitCycles, UnitCacheMisses,
		UnitAllocs, UnitAllocBytes, UnitPauses, UnitGCShare, UnitLatency, UnitPSS,
		UnitFirstResult, UnitHeld, UnitHeadOfLine, UnitHeldTasks)
	add("higher", UnitAvailability)
	add("lower", UnitService)
	add("", UnitConcurrency)
	add("lower", UnitP50, UnitP99, UnitP999, UnitLag)
	add("higher", UnitThroughput)
	add("lower", UnitVoidLoops, UnitSteal, UnitTaken, UnitPressure, UnitThrottled, UnitLoad, UnitControl, UnitPingPong)
	return units
}
