package cluster

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/payoff-bench/payoff/strategies/wire"
)

// A link is one end of the private channel between a lane of an executor and a slot of a worker. In
// each direction, it carries a stream of frames, cut into messages that the server accepts. It also
// carries notes: messages without frames, such as heartbeats.
//
// NATS delivers the messages in order and at most once. Each heartbeat has the number of messages
// sent so far, so the other end notices a lost message.
type link struct {
	conn *nats.Conn
	to   string // subject to which the other end listens
	sub  *nats.Subscription
	in   chan *nats.Msg
	end  chan struct{} // closed by shut
	once sync.Once
	loss time.Duration // time without a message after which the other end counts as lost

	mu   sync.Mutex // held while a frame is written
	sent int        // messages with frames

	got     int          // number of messages with frames that have arrived
	heard   atomic.Int64 // time at which the last message arrived, in ns
	decoder wire.Decoder
	broken  atomic.Bool // the connection broke, so messages may be lost
}

// The kinds of notes. A note is in the header of a message: its kind, and a value.
const (
	header = "Payoff"
	beat   = "beat"   // the sender lives; the value is the number of messages with frames that it has sent
	alive  = "alive"  // the sender lives, and is writing a frame
	cancel = "cancel" // to a slot: cancel the tasks
	stop   = "stop"   // to a slot: cancel the tasks and end the process
	bye    = "bye"    // the link ends. To a lane, the value whole says that tasks without an outcome have not started
	over   = "over"   // to a lane: no further outcome will come; tasks without one have not started. The value is the reason, or empty
	limit  = "limit"  // in a message with tasks: their time limit
	ran    = "ran"    // in a message with outcomes: the process that ran these tasks and those of later messages
)

const whole = "whole"

const (
	inboxLen    = 16 // largest number of messages that wait for the owner of the link
	acked       = 4  // one in this many messages with frames is acknowledged, which limits the memory that a fast sender uses
	headerSpace = 1 << 10
)

var errSilent = errors.New("lost")

// listen subscribes to subject and returns a link that receives its messages.
func listen(conn *nats.Conn, subject string, loss time.Duration) (*link, error) {
	k := &link{conn: conn, in: make(chan *nats.Msg, inboxLen), end: make(chan struct{}), loss: loss}
	k.hear()
	sub, err := conn.Subscribe(subject, func(m *nats.Msg) {
		k.hear()
		select {
		case k.in <- m:
			k.hear() // the owner of the link may have been late, and not the other end
		case <-k.end:
		}
		if m.Reply != "" && m.Header.Get(header) != bye {
			m.Respond(nil)
		}
	})
	if err != nil {
		return nil, err
	}
	sub.SetPendingLimits(-1, -1)
	k.sub = sub
	return k, nil
}

// shut ends the link on this side.
func (k *link) shut() {
	k.once.Do(func() {
		close(k.end)
		k.sub.Unsubscribe()
	})
}

// note sends a message without frames.
func (k *link) note(kind, value string) error {
	m := nats.NewMsg(k.to)
	m.Header.Set(header, strings.TrimSpace(kind+" "+value))
	return k.conn.PublishMsg(m)
}

// beat sends a heartbeat. While a frame is being written, the heartbeat has no number, because the
// number of messages is changing. The writer may wait for an acknowledgement for a long time.
func (k *link) beat() {
	if !k.mu.TryLock() {
		k.note(alive, "")
		return
	}
	defer k.mu.Unlock()
	k.note(beat, strconv.Itoa(k.sent))
}

// write sends frames. If the argument first is not empty, the first message also has it as its
// note.
func (k *link) write(frames []byte, first string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	most := max(int(k.conn.MaxPayload())-headerSpace, headerSpace)
	for len(frames) > 0 {
		m := &nats.Msg{Subject: k.to, Data: frames[:min(most, len(frames))]}
		frames = frames[len(m.Data):]
		if first != "" {
			m.Header = nats.Header{header: {first}}
			first = ""
		}
		k.sent++
		if len(frames) > 0 && k.sent%acked == 0 {
			if _, err := k.conn.RequestMsg(m, k.loss); err != nil {
				return err
			}
		} else if err := k.conn.PublishMsg(m); err != nil {
			return err
		}
	}
	return nil
}

func (k *link) hear() { k.heard.Store(time.Now().UnixNano()) }

// silent returns an error if the other end is lost.
func (k *link) silent() error {
	switch d := time.Since(time.Unix(0, k.heard.Load())); {
	case k.broken.Load():
		return fmt.Errorf("the connection to the NATS server broke: %w", errSilent)
	case d > k.loss && len(k.in) == 0: // if messages wait, this side is late
		return fmt.Errorf("no sign of life for %v: %w", d.Round(time.Millisecond), errSilent)
	}
	return nil
}

// receive handles a message that has arrived. It passes the message's note to the function note,
// and each complete frame to the function frame. The payload of a frame is valid only during the
// call.
func (k *link) receive(m *nats.Msg, note func(kind, value string), frame func(h *wire.Header, payload []byte) error) error {
	if m.Header != nil {
		kind, value, _ := strings.Cut(m.Header.Get(header), " ")
		if n, err := strconv.Atoi(value); kind == beat && (err != nil || n != k.got) {
			return fmt.Errorf("messages were lost (%d of %s arrived): %w", k.got, value, errSilent)
		}
		note(kind, value)
	}
	defer k.hear() // the time that this call takes does not count as silence of the other end
	if len(m.Data) == 0 {
		return nil
	}
	k.got++
	for b := m.Data; len(b) > 0; {
		n := copy(k.decoder.Space(), b)
		k.decoder.Wrote(n)
		b = b[n:]
		for {
			ok, err := k.decoder.Next()
			if err != nil {
				return err
			}
			if !ok {
				break
			}
			if err := frame(&k.decoder.Header, k.decoder.Payload); err != nil {
				return err
			}
		}
	}
	return nil
}
