package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// A store keeps accepted tasks and their outcomes in two streams of JetStream, which the server
// stores in files.
//
//   - queue is a work queue. It has a message for each accepted chunk, until a worker acknowledges
//     it, and a message for each named job.
//   - ledger has the records of each chunk, in the order in which they were stored: claims of
//     workers, outcomes of tasks, and the note that a worker gives the chunk back. The server
//     stores a record only if its author knows all earlier records of the chunk. So a worker that
//     counts as lost, but lives, cannot add an outcome. The server publishes each stored record on
//     the subject news, to which executors listen.
//
// A message that exceeds the server's limit is stored in parts, in ledger.
type store struct {
	conn   *nats.Conn
	js     jetstream.JetStream
	queue  jetstream.Stream
	ledger jetstream.Stream
	prefix string        // prefix of all subjects
	retry  time.Duration // pause before another try after a temporary failure
	answer time.Duration // time limit of one request
}

// The headers of messages, in addition to header.
const (
	partsHeader = "Payoff-Parts" // parts that hold the data of the message: their name and their number
	byHeader    = "Payoff-By"    // author of a record: its host, and a number that no other record of the host has
)

// openStore finds the two streams. If they do not exist, it creates them with at most the given
// number of bytes each; 0 means no limit for the stream. The error is a JetStreamError.
func openStore(ctx context.Context, o Options, conn *nats.Conn, most int64) (*store, error) {
	s := &store{conn: conn, prefix: "payoff." + o.Group + ".", retry: o.Period / 4, answer: max(lossAfter*o.Period, time.Second)}
	fail := func(err error) (*store, error) {
		if cause := context.Cause(ctx); cause != nil {
			return nil, cause
		}
		return nil, &JetStreamError{URL: o.address(), Err: err}
	}
	if major, minor := version(conn.ConnectedServerVersion()); major < 2 || major == 2 && minor < 11 {
		return fail(fmt.Errorf("it has version %s, and 2.11 or later is needed", conn.ConnectedServerVersion()))
	}
	var err error
	if s.js, err = jetstream.New(conn, jetstream.WithDefaultTimeout(s.answer)); err != nil {
		return fail(err)
	}
	for _, c := range []struct {
		stream *jetstream.Stream
		config jetstream.StreamConfig
	}{
		{&s.queue, jetstream.StreamConfig{
			Name: "payoff-" + o.Group + "-queue", Subjects: []string{s.prefix + "queue.>"}, Retention: jetstream.WorkQueuePolicy,
		}},
		{&s.ledger, jetstream.StreamConfig{
			Name: "payoff-" + o.Group + "-ledger", Subjects: []string{s.prefix + "ledger.>"}, Retention: jetstream.LimitsPolicy,
			RePublish: &jetstream.RePublish{Source: s.ledgerOf(">"), Destination: s.news(">")},
		}},
	} {
		c.config.Storage, c.config.Discard, c.config.MaxBytes = jetstream.FileStorage, jetstream.DiscardNew, cmp.Or(most, -1)
		c.config.AllowMsgTTL = true
		c.config.AllowDirect = true // safe, because the streams have one replica, so reads see all writes
		if *c.stream, err = s.js.Stream(ctx, c.config.Name); errors.Is(err, jetstream.ErrStreamNotFound) {
			if *c.stream, err = s.js.CreateStream(ctx, c.config); errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
				*c.stream, err = s.js.Stream(ctx, c.config.Name) // another program has created the stream meanwhile
			}
		}
		if err != nil {
			return fail(err)
		}
		have := (*c.stream).CachedInfo().Config
		if have.Retention != c.config.Retention || have.Storage != c.config.Storage || (have.RePublish == nil) != (c.config.RePublish == nil) {
			return fail(fmt.Errorf("its stream %s has other settings; delete it, or use another group", c.config.Name))
		}
	}
	return s, nil
}

// version returns the first two numbers of the version of a server.
func version(s string) (major, minor int) {
	fmt.Sscanf(strings.TrimPrefix(s, "v"), "%d.%d", &major, &minor)
	return major, minor
}

// Subjects. The name of a chunk consists of the id of its executor or named job, its generation,
// and its [chunkName].
func (s *store) queued(chunk string) string   { return s.prefix + "queue.chunk." + chunk }
func (s *store) job(name string) string       { return s.prefix + "queue.job." + name }
func (s *store) ledgerOf(chunk string) string { return s.prefix + "ledger.chunk." + chunk }
func (s *store) part(name string) string      { return s.prefix + "ledger.part." + name }
func (s *store) news(chunk string) string     { return s.prefix + "news." + chunk }
func (s *store) cancels(chunk string) string  { return s.prefix + "cancel." + chunk }
func (s *store) hello() string                { return s.prefix + "queue-hello" }
func (s *store) living(id string) string      { return s.prefix + "living." + id }

// end returns the subject of the message that marks the end of a generation.
func (s *store) end(generation string) string { return s.prefix + "ledger.end." + generation }

// markTime is the time for which the server keeps the mark of an ended generation. Servers sync
// their files every 2 minutes by default.
const markTime = 24 * time.Hour

// ended reports whether the generation of a chunk has ended, so that its messages and records were
// removed.
func (s *store) ended(ctx context.Context, chunk string) bool {
	m, err := s.get(ctx, 0, s.end(chunk[:strings.LastIndex(chunk, ".")]))
	return m != nil || err != nil
}

// consumer finds the consumer of all workers, or creates it.
func (s *store) consumer(ctx context.Context, o Options) (jetstream.Consumer, error) {
	const name = "workers"
	c, err := s.queue.Consumer(ctx, name)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		c, err = s.queue.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
			Durable: name, FilterSubject: s.queued(">"), AckPolicy: jetstream.AckExplicitPolicy,
			AckWait: lossAfter * o.Period, MaxDeliver: -1, MaxAckPending: -1, MaxWaiting: 1 << 16,
		})
	}
	if err != nil {
		return nil, &JetStreamError{URL: o.address(), Err: err}
	}
	return c, nil
}

// errMoved says that the server did not store a message, because the last message of its subject is
// not the expected one.
var errMoved = errors.New("another program was faster")

// put stores a message and returns its sequence number. The options can require that a certain
// message is the last one of the subject. If the server is away, put tries again until ctx ends.
// The error is errMoved, a [StoreError] or the cause of ctx.
func (s *store) put(ctx context.Context, m *nats.Msg, o ...jetstream.PublishOpt) (uint64, error) {
	most := s.most()
	if len(m.Data) > most {
		chunk := m.Subject[strings.LastIndex(m.Subject, ".chunk.")+len(".chunk."):]
		name := chunk + "." + nuid.Next()
		n := 0
		for rest := m.Data; len(rest) > 0; n++ {
			part := nats.NewMsg(s.part(name + "." + strconv.Itoa(n)))
			part.Data = rest[:min(most, len(rest))]
			rest = rest[len(part.Data):]
			if _, err := s.put(ctx, part); err != nil {
				return 0, err
			}
		}
		m.Header.Set(partsHeader, name+" "+strconv.Itoa(n))
		m.Data = nil
	}
	o = append(o, jetstream.WithRetryAttempts(1))
	for {
		ack, err := s.js.PublishMsg(ctx, m, o...)
		if err == nil {
			return ack.Sequence, nil
		}
		api, ok := errors.AsType[*jetstream.APIError](err)
		switch {
		case ok && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant):
			return 0, errMoved
		case ok && api.ErrorCode != notReady && api.ErrorCode != unavailable:
			return 0, &StoreError{Subject: m.Subject, Err: err}
		}
		if !s.pause(ctx) {
			return 0, fmt.Errorf("%w (%v)", context.Cause(ctx), err)
		}
	}
}

// Error codes of JetStream that the client library has no name for.
const (
	notReady    jetstream.ErrorCode = 10163 // the last sequence is temporarily unavailable
	unavailable jetstream.ErrorCode = 10008 // JetStream is temporarily unavailable
)

// pause waits before another try. It reports false if ctx ends first.
func (s *store) pause(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(s.retry):
		return true
	}
}

// most returns the largest number of bytes that fit into one message.
func (s *store) most() int { return max(int(s.conn.MaxPayload())-headerSpace, headerSpace) }

// data returns the data of a message that put stored, including data in parts.
func (s *store) data(ctx context.Context, header nats.Header, data []byte) ([]byte, error) {
	name, count, ok := strings.Cut(header.Get(partsHeader), " ")
	if !ok {
		return data, nil
	}
	n, err := strconv.Atoi(count)
	if err != nil {
		return nil, err
	}
	var all []byte
	for i := range n {
		part, err := s.get(ctx, 0, s.part(name+"."+strconv.Itoa(i)))
		if err != nil {
			return nil, err
		}
		if part == nil {
			return nil, fmt.Errorf("a part of a large message is missing: it was removed with its job")
		}
		all = append(all, part.Data...)
	}
	return all, nil
}

// get returns the first message of the ledger that has the given subject and at least the sequence
// number from. The result is nil if there is none. If the server is away, get tries again until ctx
// ends.
func (s *store) get(ctx context.Context, from uint64, subject string) (*jetstream.RawStreamMsg, error) {
	for {
		m, err := s.ledger.GetMsg(ctx, max(1, from), jetstream.WithGetMsgSubject(subject))
		if err == nil {
			return m, nil
		}
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil, nil
		}
		if !s.pause(ctx) {
			return nil, fmt.Errorf("%w (%v)", context.Cause(ctx), err)
		}
	}
}

// remove removes the messages and records of a generation. It first stores a mark that the
// generation has ended. A server that is killed may offer removed messages again; without the mark,
// a worker would find a chunk without its records.
func (s *store) remove(ctx context.Context, generation string) error {
	if _, err := s.put(ctx, nats.NewMsg(s.end(generation)), jetstream.WithMsgTTL(markTime)); err != nil {
		return err
	}
	pattern := generation + ".>"
	if err := s.queue.Purge(ctx, jetstream.WithPurgeSubject(s.queued(pattern))); err != nil {
		return err
	}
	return s.ledger.Purge(ctx, jetstream.WithPurgeSubject(s.prefix+"ledger.*."+pattern))
}
