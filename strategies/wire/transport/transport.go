package transport

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"
)

// A Transport is one way to connect two processes.
type Transport struct {
	Name string
	Doc  string // one line

	open func() (*Offer, error)
	spin func(time.Duration) Transport // nil: nothing to look at
	pair func() (a, b Conn, err error) // nil: open and adopt
}

// All returns the transports, each as it is without options. Those that this system
// lacks are among them, and refuse to open.
func All() []Transport {
	return []Transport{Pipe(), SocketPair(), SHM(SHMOptions{}), Unix(""), TCP(), Loopback()}
}

// Named returns the transport of that name, as it is without options: a [RefusedError] if
// there is none.
func Named(name string) (Transport, error) {
	var names []string
	for _, t := range All() {
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	return Transport{}, &RefusedError{Transport: name, Reason: "there is no such; there are " + strings.Join(names, ", ")}
}

// Open prepares a channel to a process that is to be started. A [RefusedError] is a
// transport that cannot reach one here; other errors are of the system.
func (t Transport) Open() (*Offer, error) {
	o, err := t.open()
	if err != nil {
		return nil, wrap(t.Name, "open", err)
	}
	return o, nil
}

// Spin returns t with a child that looks for room for up to d before it sleeps, where t can and does
// not say for how long; see [SHMOptions].
func (t Transport) Spin(d time.Duration) Transport {
	if t.spin == nil {
		return t
	}
	return t.spin(d)
}

// Pair returns the two ends of a channel inside this process.
func (t Transport) Pair() (a, b Conn, err error) {
	if t.pair != nil {
		return t.pair()
	}
	o, err := t.Open()
	if err != nil {
		return nil, nil, err
	}
	return o.both()
}

// A Want is what an end waits for.
type Want uint8

const (
	WantRead  Want = 1 << iota // bytes, or their end
	WantWrite                  // room
)

// A Conn is one end of a channel. One goroutine uses it at a time. After an error other
// than io.EOF it is of no use; both ends are told when the other is gone.
type Conn interface {
	// Read waits until there are bytes and reads them. io.EOF is the end, whether the
	// peer said so or died.
	io.Reader
	// Write waits until all of p is written. An error that is EPIPE is a peer that is
	// gone.
	io.Writer
	// TryRead is Read that does not wait: it reads nothing if there is nothing. Over shared
	// memory the death of a peer is noticed in Read and Disarm alone; who knows by other
	// means that the peer has ended reads until there is nothing.
	TryRead(p []byte) (int, error)
	// TryWrite is Write that does not wait: it writes what there is room for.
	TryWrite(p []byte) (int, error)
	// CloseWrite says that this end writes no more. The peer reads what there is and then
	// io.EOF.
	CloseWrite() error
	// Close gives everything back. It may be called again.
	Close() error

	// Poll returns the descriptors to wait for: read is readable when TryRead may say
	// something, write writable when TryWrite may have room. Where write is -1, read is
	// readable then too. Both are -1 where there is nothing to poll, as in loopback. They
	// stay the same and belong to the Conn.
	Poll() (read, write int)
	// Arm is called before waiting for what Poll returned. It looks for up to spin (which
	// makes sense only while a core is spare) and reports whether there is already
	// something, so that there is no need to wait.
	Arm(want Want, spin time.Duration) (ready bool)
	// Disarm is called after waiting.
	Disarm()
	// Await is TryRead that looks for up to limit. It yields its core to whoever else wants
	// it, the peer above all, between two looks; but it does not sleep, since to be woken takes
	// longer than a small task, and it keeps its thread and its place in Go's scheduler: a limit
	// is 200 µs at most. It looks less often after it did so in vain. Where a system or a
	// transport cannot do it, it is TryRead. Arm need not be called.
	Await(p []byte, limit time.Duration) (int, error)
}

// An Offer is a channel whose other end waits for a process to take it.
type Offer struct {
	// Files are the descriptors for the child to inherit, in this order and one after the
	// other; the first is what it passes to Adopt. They belong to the Offer.
	Files []int

	conn   Conn // this end; nil until accepted where that is needed
	accept func(ctx context.Context) (Conn, error)
	cancel func()
}

// Accept returns this end, once the child has been started: Files are closed. For the
// transports that listen it waits until the child has proved who it is; it ends with the
// cause of ctx, or a [PeerError] if the child is gone before.
func (o *Offer) Accept(ctx context.Context) (Conn, error) {
	o.closeFiles()
	if o.conn == nil {
		c, err := o.accept(ctx)
		if err != nil {
			o.Close()
			return nil, err
		}
		o.conn = c
	}
	c := o.conn
	o.conn, o.cancel = nil, nil
	return c, nil
}

// Close gives back what has not been accepted. It may be called again, and after Accept.
func (o *Offer) Close() {
	o.closeFiles()
	if o.conn != nil {
		o.conn.Close()
	}
	if o.cancel != nil {
		o.cancel()
	}
	o.conn, o.cancel = nil, nil
}

func (o *Offer) closeFiles() {
	closeAll(o.Files...)
	o.Files = nil
}

// both accepts and adopts in this process.
func (o *Offer) both() (a, b Conn, err error) {
	files := o.Files
	o.Files = nil
	adopted := make(chan struct{})
	var failed error
	go func() {
		defer close(adopted)
		b, failed = adopt(files)
	}()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	go func() {
		<-adopted
		if failed != nil {
			cancel(failed)
		}
	}()
	a, err = o.Accept(ctx)
	<-adopted
	var here, there *PeerError
	switch {
	case failed != nil && errors.As(err, &here) && !errors.As(failed, &there):
		err = failed // that the peer was gone is what came of it
	case err != nil && b != nil:
		b.Close()
	case err == nil && failed != nil:
		a.Close()
		err = failed
	}
	if err != nil {
		return nil, nil, err
	}
	return a, b, nil
}
