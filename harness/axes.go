package harness

import (
	"time"

	"github.com/payoff-bench/payoff/workloads"
)

// Descriptions of the values that a key of a suite file may have, for error messages.
const (
	numbers      = "whole numbers in brackets"
	numberOrMore = "a whole number, or several in brackets"
	wordOrMore   = "a word in quotes, or several in brackets"
)

// The largest numbers that a suite file may contain.
const (
	MaxWorkers = 4096
	mostTasks  = 1 << 24 // also the limit of every axis that counts tasks, such as chunk and window
	mostWork   = 10_000_000_000
)

var axes = Axes{
	{
		Key: "workload", Part: OfTask, Word: func(c *Cell) *string { return &c.Workload },
		Wants: "a name in quotes", Example: `"spin"`,
	}, {
		Key: "grain", Part: OfTask, Int: func(c *Cell) *int { return &c.Grain },
		Unit: "ns", Least: 1, Most: mostWork, Wants: numbers, Example: "[1000]",
		Has: func(w workloads.Workload) bool { return w.Grains }, Needed: true, Check: checkGrain,
		Give: func(c Cell, s *Setup) { s.Params.Grain = c.Grain },
	}, {
		Key: "batch", Part: OfTask, Int: func(c *Cell) *int { return &c.Batch }, Plain: "0",
		Unit: "inputs", Least: 1, Most: workloads.MaxBatch, Wants: numbers, Example: "[1, 4, 16]",
		Has: workloads.Workload.Batches, Check: checkBatch,
		Give: func(c Cell, s *Setup) { s.Params.Batch = c.Batch },
	}, {
		Key: "payload", Part: OfTask, Int: func(c *Cell) *int { return &c.Payload },
		Unit: "bytes", Most: workloads.MaxPayload, Wants: numbers, Example: "[1000]",
		Has:  func(w workloads.Workload) bool { return w.Payloads },
		Give: func(c Cell, s *Setup) { s.Params.Payload = c.Payload },
	}, {
		Key: "spread", Part: OfTask, Word: func(c *Cell) *string { return &c.Spread }, Plain: NoSpread,
		Wants: "names in brackets", Example: `["none", "lognormal"]`, Check: checkSpread,
		Give: func(c Cell, s *Setup) { s.Params.Spread = c.Spread },
	}, {
		Key: "tasks", Part: OfJob, Int: func(c *Cell) *int { return &c.Tasks }, Plain: "0",
		Least: 1, Most: mostTasks, Wants: numbers, Example: "[1000]",
	}, {
		Key: "memory", Part: OfTask, Int: func(c *Cell) *int { return &c.Memory }, Plain: "0",
		Unit: "bytes", Least: workloads.MinMemory, Most: workloads.MaxMemory, Wants: numbers, Example: "[65_536]",
		Has: func(w workloads.Workload) bool { return w.Memories }, Needed: true,
		Give: func(c Cell, s *Setup) { s.Params.Memory = c.Memory },
	}, {
		Key: "shape", Part: OfTask, Word: func(c *Cell) *string { return &c.Shape }, Plain: NoShape,
		Wants: "words in brackets", Example: `["none", "kill1000"]`, Check: checkShape,
		Give: func(c Cell, s *Setup) { s.Params.Shape = c.Shape },
	}, {
		Key: "strategy", Part: OfChoice, Word: func(c *Cell) *string { return &c.Strategy },
		Wants: wordOrMore, Example: `"pool"`,
	}, {
		Key: "transport", Part: OfChoice, Word: func(c *Cell) *string { return &c.Transport }, Plain: PlainTransport,
		Wants: wordOrMore, Example: `"shm"`,
		Give: func(c Cell, s *Setup) { s.Setting.Transport = c.Transport },
	}, {
		Key: "start", Part: OfChoice, Word: func(c *Cell) *string { return &c.Start }, Plain: PlainStart,
		Wants: wordOrMore, Example: `"standby"`,
		Give: func(c Cell, s *Setup) { s.Setting.Start = c.Start },
	}, {
		Key: "codec", Part: OfChoice, Word: func(c *Cell) *string { return &c.Codec }, Plain: PlainCodec,
		Wants: wordOrMore, Example: `"json"`, Check: checkCodec,
		Give: func(c Cell, s *Setup) {
			if s.Params.Codec = c.Codec; c.Codec == workloads.Reference {
				s.Setting.Arena = workloads.ArenaSize
			}
		},
	}, {
		Key: "prefetch", Part: OfChoice, Int: func(c *Cell) *int { return &c.Prefetch }, Plain: "0",
		Least: 1, Most: mostTasks, Wants: numberOrMore, Example: "8",
		Give: func(c Cell, s *Setup) { s.Setting.Prefetch = c.Prefetch },
	}, {
		Key: "ahead", Part: OfChoice, Int: func(c *Cell) *int { return &c.Ahead }, Plain: "0",
		Unit: "ns", Least: 1, Most: mostWork, Wants: numberOrMore, Example: "200_000",
		Give: func(c Cell, s *Setup) { s.Setting.Ahead = time.Duration(c.Ahead) },
	}, {
		Key: "recycle", Part: OfChoice, Int: func(c *Cell) *int { return &c.Recycle }, Plain: "0",
		Least: 1, Most: mostTasks, Wants: numberOrMore, Example: "1000",
		Give: func(c Cell, s *Setup) { s.Setting.Recycle = c.Recycle },
	}, {
		Key: "hosts", Part: OfChoice, Int: func(c *Cell) *int { return &c.Hosts }, Plain: "0",
		Least: 1, Most: MaxWorkers, Wants: numberOrMore, Example: "2", Check: checkHosts,
		Give: func(c Cell, s *Setup) { s.Setting.Hosts = c.Hosts },
	}, {
		Key: "roundtrip", Part: OfChoice, Int: func(c *Cell) *int { return &c.RoundTrip }, Plain: "0",
		Unit: "ns", Most: mostWork, Wants: numberOrMore, Example: "[0, 1_000_000]",
		Give: func(c Cell, s *Setup) { s.Setting.RoundTrip = time.Duration(c.RoundTrip) },
	}, {
		Key: "chunk", Part: OfChoice, Word: func(c *Cell) *string { return (*string)(&c.Chunk) }, Parse: parseChunk, Default: "1",
		Least: 1, Most: mostTasks, Wants: "a whole number, the name of a policy, or several in brackets", Example: `[1, 64, "auto"]`,
		Check: checkChunk,
	}, {
		Key: "order", Part: OfChoice, Word: func(c *Cell) *string { return &c.Order }, Default: MapOrder,
		Wants: wordOrMore, Example: `"input"`, Check: checkOrder,
	}, {
		Key: "window", Part: OfChoice, Int: func(c *Cell) *int { return &c.Window },
		Least: 1, Most: mostTasks, Wants: numberOrMore, Example: "8", Check: checkWindow,
	}, {
		Key: "rate", Part: OfChoice, Int: func(c *Cell) *int { return &c.Rate }, Plain: "0",
		Unit: "tasks/s", Least: 1, Most: 1_000_000, Wants: numberOrMore, Example: "[100, 200]", Check: checkRate,
	}, {
		Key: "workers", Part: OfCrew, Int: func(c *Cell) *int { return &c.Workers },
		Least: 1, Most: MaxWorkers, Wants: numberOrMore, Example: "8", Check: checkWorkers,
	}, {
		Key: "cores", Part: OfPlace, Int: func(c *Cell) *int { return &c.Cores },
		Wants: "numbers and words in brackets", Example: `[1, "max"]`,
	},
}
