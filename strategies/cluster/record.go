package cluster

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/payoff-bench/payoff/strategies/wire"
	"github.com/payoff-bench/payoff/strategies/work"
)

// The kinds of records, in the header of the message. Each record may also have frames with outcomes.
const (
	claimed  = "claimed"  // a worker runs all tasks of the chunk that have no outcome, as a further attempt
	outcomes = "outcomes" // outcomes of tasks, and nothing else
	released = "released" // the tasks without an outcome have not started, and will not be started
	rejected = "rejected" // like released, because a worker cannot run the chunk; the header whyHeader has the reason
)

// More headers of records.
const (
	ranHeader  = "Payoff-Ran"  // process that ran the tasks: the name of its worker, its id and its generation
	whyHeader  = "Payoff-Why"  // reason why a worker cannot run the chunk
	fromHeader = "Payoff-From" // sequence number of the chunk's message in the queue
)

// A record is one entry in the ledger about a chunk.
type record struct {
	seq    uint64
	kind   string
	by     string // author; see byHeader
	from   uint64 // sequence number of the chunk's message in the queue
	ran    *work.Worker
	why    string
	frames []byte
}

// parseRecord parses a record. If its data is stored in parts, parseRecord reads these parts.
func (s *store) parseRecord(ctx context.Context, seq uint64, h nats.Header, data []byte) (r record, err error) {
	r = record{seq: seq, kind: h.Get(header), by: h.Get(byHeader), why: unline(h.Get(whyHeader))}
	r.from, _ = strconv.ParseUint(h.Get(fromHeader), 10, 64)
	if ran := h.Get(ranHeader); ran != "" {
		r.ran = &work.Worker{}
		if _, err := fmt.Sscan(ran, &r.ran.Name, &r.ran.PID, &r.ran.Generation); err != nil {
			return r, fmt.Errorf("record %d names its process as %q", seq, ran)
		}
	}
	r.frames, err = s.data(ctx, h, data)
	return r, err
}

// message returns the message of a record for the chunk with the given name.
func (s *store) message(chunk string, r record) *nats.Msg {
	m := nats.NewMsg(s.ledgerOf(chunk))
	m.Header.Set(header, r.kind)
	m.Header.Set(byHeader, r.by)
	if r.from > 0 {
		m.Header.Set(fromHeader, strconv.FormatUint(r.from, 10))
	}
	if r.ran != nil {
		m.Header.Set(ranHeader, fmt.Sprint(r.ran.Name, " ", r.ran.PID, " ", r.ran.Generation))
	}
	if r.why != "" {
		m.Header.Set(whyHeader, line(fmt.Errorf("%s", r.why)))
	}
	m.Data = r.frames
	return m
}

// unline reverses the function line.
func unline(text string) string {
	if s, err := strconv.Unquote(`"` + text + `"`); err == nil {
		return s
	}
	return text
}

// A progress is the state of a chunk according to its records.
type progress struct {
	done    []bool // by task of the chunk: whether it has an outcome
	left    int    // number of tasks without an outcome
	claims  int    // number of attempts for the tasks without an outcome
	last    uint64 // sequence number of the last record; 0 for none
	by      string // author of the last claim
	process string // worker process of the last claim, as text
	from    uint64 // sequence number of the chunk's message for which the first claim was made
	closed  bool   // the tasks without an outcome will not be started
}

func newProgress(n int) progress { return progress{done: make([]bool, n), left: n} }

// over reports whether no further record will come.
func (p *progress) over() bool { return p.closed || p.left == 0 }

// add adds a record. For each frame with outcomes, it calls the function outcome with the frame and
// the tasks of the chunk whose outcomes the frame has.
func (p *progress) add(r record, outcome func(h *wire.Header, tasks work.Span, payload []byte) error) error {
	if r.seq <= p.last {
		return nil // the record was added before
	}
	p.last = r.seq
	d := wire.DecoderOf(r.frames)
	for len(r.frames) > 0 {
		ok, err := d.Next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		h := &d.Header
		bad := func(reason string) error { return &wire.FrameError{Header: *h, Reason: reason} }
		n, whole := 1, true
		if h.Kind == wire.KindOutputs {
			n, whole = wire.CountTasks(d.Payload)
		} else if h.Kind != wire.KindError {
			return bad("not an outcome")
		}
		if !whole || int64(h.Number)+int64(n) > int64(len(p.done)) {
			return bad("it does not have the outcome of a task of the chunk")
		}
		s := work.Span{Lo: int(h.Number), Hi: int(h.Number) + n}
		for i := s.Lo; i < s.Hi; i++ {
			if p.done[i] {
				return bad("a task has two outcomes")
			}
			p.done[i] = true
		}
		p.left -= n
		if err := outcome(h, s, d.Payload); err != nil {
			return err
		}
	}
	switch r.kind {
	case claimed:
		p.claims++
		p.by = r.by
		if r.ran != nil {
			p.process = r.ran.String()
		}
		if p.from == 0 {
			p.from = r.from
		}
	case released, rejected:
		p.closed = true
	}
	return nil
}

// host returns the host that made the last claim.
func (p *progress) host() string {
	host, _, _ := strings.Cut(p.by, " ")
	return host
}

// history calls f for each record of the chunk whose sequence number is at least from.
func (s *store) history(ctx context.Context, chunk string, from uint64, f func(r record) error) error {
	for {
		m, err := s.get(ctx, from, s.ledgerOf(chunk))
		if m == nil || err != nil {
			return err
		}
		r, err := s.parseRecord(ctx, m.Sequence, m.Header, m.Data)
		if err == nil {
			err = f(r)
		}
		if err != nil {
			return err
		}
		from = m.Sequence + 1
	}
}

// advance stores a record if the record with sequence number last is still the latest of the chunk.
// If another program has stored a later one, the error is errMoved. If the answer of the server to
// an earlier try was lost, advance finds the stored record and succeeds.
func (s *store) advance(ctx context.Context, chunk string, last uint64, r record) (uint64, error) {
	m := s.message(chunk, r)
	seq, err := s.put(ctx, m, jetstream.WithExpectLastSequencePerSubject(last))
	if err != errMoved {
		return seq, err
	}
	next, err := s.get(ctx, last+1, s.ledgerOf(chunk))
	if err != nil {
		return 0, err
	}
	if next != nil && next.Header.Get(byHeader) == r.by {
		return next.Sequence, nil
	}
	return 0, errMoved
}
