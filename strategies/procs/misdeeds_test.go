//go:build unix

package procs

import (
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"strings"
	"syscall"

	"github.com/payoff-bench/payoff/strategies/wire"
)

// A misdeed is an invalid action of a hostile worker, which does it in place of answering a task.
// If the field goesOn is false, the worker does nothing more afterwards.
type misdeed struct {
	do     func(w *hostileWorker, n uint32)
	cause  string // text that the error must contain
	blamed int    // number of tasks that fail; with unknown, the tasks sent to the worker
	goesOn bool
	hangs  bool   // whether only the limit of the task ends the worker
	either bool   // whether the limit ends the worker unless the error cause is noticed first
	over   string // only transport on which the misdeed is possible; empty for all

	// renumbers is set if the parent may give the number of an answered task to a later task of the
	// same worker. The outcome on its way is then that of the later task. The misdeed gains the
	// worker nothing: it may answer its own tasks with any bytes.
	renumbers bool
}

const unknown = -1

func sends(f func(n uint32) []byte) func(*hostileWorker, uint32) {
	return func(w *hostileWorker, n uint32) { w.conn.Write(f(n)) }
}

// output returns a misdeed that sends a frame with the output payload. Before the worker sends it,
// the function alter changes the bytes of the frame.
func output(payload string, alter func(b []byte)) func(*hostileWorker, uint32) {
	return sends(func(n uint32) []byte {
		b := outcome(wire.KindOutputs, n, payload)
		alter(b)
		return b
	})
}

// scribbles returns a misdeed that changes the number at the offset at in the page shared with the
// parent. The new number is the result of f.
func scribbles(at int, f func(was uint64) uint64) func(*hostileWorker, uint32) {
	return func(w *hostileWorker, n uint32) { scribble(w.memory[at:], f) }
}

func scribble(b []byte, f func(was uint64) uint64) {
	binary.NativeEndian.PutUint64(b, f(binary.NativeEndian.Uint64(b)))
}

// answers returns a misdeed that calls f and then answers the task correctly.
func answers(f func(*hostileWorker, uint32)) func(*hostileWorker, uint32) {
	return func(w *hostileWorker, n uint32) {
		f(w, n)
		w.conn.Write(outcome(wire.KindOutputs, n, "answered"))
	}
}

// Layout of the shared page: bits of its word, and the offset of the time.
const (
	epochBit   = 48
	startedBit = 20
	begunAt    = 64
)

// misdeeds holds all misdeeds by name.
var misdeeds = func() map[string]misdeed {
	all := ringMisdeeds()
	maps.Copy(all, wireMisdeeds)
	return all
}()

// early is a misdeed that also answers the next task, which the worker may not have received
// completely.
const early = "early"

func answerEarly(w *hostileWorker, n uint32) {
	w.conn.Write(outcome(wire.KindOutputs, n, "answered"))
	w.conn.Write(outcome(wire.KindOutputs, n+1, "not read"))
	select {}
}

var wireMisdeeds = map[string]misdeed{
	// Frames.
	"zeros":     {do: sends(func(uint32) []byte { return make([]byte, 100) }), cause: "not a frame", blamed: 1},
	"oversized": {do: output("x", func(b []byte) { relength(b, wire.MaxPayload+1) }), cause: "longer than", blamed: 1},
	"promise":   {do: output("x", func(b []byte) { relength(b, wire.MaxPayload) }), hangs: true, blamed: 1},
	"half":      {do: sends(func(n uint32) []byte { return outcome(wire.KindOutputs, n, "half")[:wire.HeaderLen+6] }), hangs: true, blamed: 1},
	"empty":     {do: sends(func(n uint32) []byte { return relength(outcome(wire.KindOutputs, n, "")[:wire.HeaderLen], 0) }), cause: "incomplete", blamed: 1},
	"torn": {do: sends(func(n uint32) []byte {
		return append(outcome(wire.KindOutputs, n, "a torn one")[:7], outcome(wire.KindOutputs, n, "and the next")...)
	}), cause: "bad frame", blamed: 1},
	"twice": {do: sends(func(n uint32) []byte {
		b := outcome(wire.KindOutputs, n, "answered")
		return append(b, b...)
	}), cause: "the frame does not have the outcome of the next task"},
	"swapped": {do: func(w *hostileWorker, n uint32) {
		w.claim()
		w.conn.Write(outcome(wire.KindOutputs, n+1, "the second"))
		w.conn.Write(outcome(wire.KindOutputs, n, "the first"))
	}, cause: "the frame does not have the outcome of the next task", blamed: 2},
	"long output":  {do: output("x", func(b []byte) { b[wire.HeaderLen] = 200 }), cause: "incomplete", blamed: 1},
	"huge output":  {do: output("x", func(b []byte) { relength(b[wire.HeaderLen:], 1<<32-1) }), cause: "incomplete", blamed: 1},
	"short output": {do: output("xy", func(b []byte) { b[wire.HeaderLen] = 1 }), cause: "incomplete", blamed: 1},
	"too many":     {do: output(strings.Repeat("\x00", 4000), func(b []byte) { relength(b[wire.HeaderLen:], 0) }), cause: "the frame does not have the outcome of the next task", blamed: 1},
	"bad error":    {do: sends(func(n uint32) []byte { return outcome(wire.KindError, n, "\x00\xff\xff\xff\xff") }), cause: "incomplete", blamed: 1},
	"odd error":    {do: sends(func(n uint32) []byte { return outcome(wire.KindError, n, "\x09"+strings.Repeat("\x00", 20)) }), cause: "unknown kind", blamed: 1},
	"hello again":  {do: sends(func(uint32) []byte { return wire.AppendHello(nil, wire.Hello{Side: wire.Here()}) }), cause: "not an outcome", blamed: 1},
	"ready again":  {do: sends(func(uint32) []byte { return wire.AppendReady(nil, wire.Ready{Side: wire.Here()}) }), cause: "not an outcome", blamed: 1},
	"tasks":        {do: output("x", func(b []byte) { b[4] = byte(wire.KindTasks) }), cause: "not an outcome", blamed: 1},
	"closed":       {do: func(w *hostileWorker, _ uint32) { w.conn.CloseWrite() }, cause: "closed its channel", blamed: 1},
	"deaf":         {do: func(*hostileWorker, uint32) { syscall.Close(fdIn) }, cause: "closed its channel", blamed: 1, over: "pipe"},

	// The page.
	"page cut off":   {do: answers(func(*hostileWorker, uint32) { cutPage() }), goesOn: true, over: "pipe"},
	"epoch":          {do: scribbles(0, func(w uint64) uint64 { return w + 7<<epochBit }), hangs: true, blamed: 1},
	"epoch and on":   {do: answers(scribbles(0, func(w uint64) uint64 { return w + 7<<epochBit })), goesOn: true},
	"started more":   {do: scribbles(0, func(w uint64) uint64 { return w + 9000<<startedBit }), cause: "shared page: corrupt", blamed: unknown},
	"started less":   {do: scribbles(0, func(w uint64) uint64 { return w - 2<<startedBit }), cause: "shared page: corrupt", blamed: unknown, renumbers: true},
	"started and on": {do: answers(scribbles(0, func(w uint64) uint64 { return w + 9000<<startedBit })), goesOn: true, cause: "", blamed: unknown},
	"all ones":       {do: scribbles(0, func(uint64) uint64 { return 1<<64 - 1 }), cause: "shared page: corrupt", blamed: unknown},
	"begun never":    {do: scribbles(begunAt, func(uint64) uint64 { return 1<<63 - 1 }), hangs: true, blamed: 1},
	"begun once":     {do: scribbles(begunAt, func(uint64) uint64 { return 1 << 63 }), hangs: true, blamed: 1},
	"buffer": {do: func(w *hostileWorker, _ uint32) {
		for i := range w.page.Buffer {
			w.page.Buffer[i] = byte(i * 7)
		}
		w.page.Publish(wire.BufferSize)
		os.Exit(9)
	}, cause: "exit status 9", blamed: 1},
	"buffer of frames": {do: func(w *hostileWorker, n uint32) {
		at := 0
		for k := n + 5; k > n-5; k-- { // outcomes that have come, and of tasks that have not started, in the wrong order
			at += copy(w.page.Buffer[at:], outcome(wire.KindError, k+1, "\x00\x00\x00"))
		}
		w.page.Publish(at)
		os.Exit(9)
	}, cause: "exit status 9", blamed: 1},
}

// A handshake is a wrong answer of a worker to the Hello frame, the first frame of the protocol.
type handshake struct {
	answer func(r wire.Ready) []byte
	cause  string
}

var handshakes = map[string]handshake{
	"silent":  {func(wire.Ready) []byte { return nil }, "no answer within 200ms"},
	"promise": {func(r wire.Ready) []byte { return relength(wire.AppendReady(nil, r), wire.MaxPayload) }, "no answer within 200ms"},
	"version": {func(r wire.Ready) []byte {
		r.Side = wire.Side{Protocol: wire.Protocol + 1, Version: "v9.9.9"}
		return wire.AppendReady(nil, r)
	}, fmt.Sprintf("the parent has protocol %d, payoff of unknown version, the worker has protocol %d, payoff v9.9.9", wire.Protocol, wire.Protocol+1)},
	"garbage":   {func(wire.Ready) []byte { return []byte(strings.Repeat("hello, world\n", 10)) }, "bad frame"},
	"oversized": {func(r wire.Ready) []byte { return relength(wire.AppendReady(nil, r), wire.MaxPayload+1) }, "longer than"},
	"stranger": {func(r wire.Ready) []byte {
		b := wire.AppendReady(nil, r)
		b[wire.HeaderLen] ^= 1
		return b
	}, "not a payoff frame"},
	"too many kernels": {func(r wire.Ready) []byte {
		r.Kernels = nil
		b := wire.AppendReady(nil, r)
		binary.LittleEndian.PutUint32(b[len(b)-4:], 1<<32-1)
		return b
	}, "incomplete"},
	"other kernels": {func(r wire.Ready) []byte { r.Kernels = []string{"other"}; return wire.AppendReady(nil, r) }, "kernels differ"},
	"outputs":       {func(wire.Ready) []byte { return outcome(wire.KindOutputs, 0, "x") }, "not ready"},
}
