package kernels

import (
	"bytes"

	"github.com/payoff-bench/payoff/strategies"
	"github.com/payoff-bench/payoff/workloads"
)

// A message is a task with data that travels.
type message struct {
	workloads.Task
	Data []byte // not changed by the kernel
}

func messageCodec() strategies.Codec[message] {
	return workloads.InputCodec("message", 0, workloads.MaxPayload,
		func(dst []byte, m message) []byte { return append(dst, m.Data...) },
		func(head workloads.Task, data []byte) (message, error) { return message{head, bytes.Clone(data)}, nil })
}
