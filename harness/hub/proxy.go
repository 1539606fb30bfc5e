package hub

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// A Proxy passes TCP connections on to another address. It delays bytes as a network would, keeps their
// order, and does not limit their rate. It can stall or cut all connections.
type Proxy struct {
	to    string
	delay time.Duration
	ln    net.Listener
	wg    sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]bool
	resume chan struct{} // closed unless the proxy stalls
	closed bool
	end    chan struct{} // closed with the proxy
}

// Limits of the bytes that a proxy holds for one direction of a connection. A faster sender waits.
const (
	pieceSize = 64 << 10
	piecesMax = 256
)

// Listen starts a proxy on the loopback interface. It passes connections on to the address to, and
// delays each byte by the given time, in both directions.
func Listen(to string, delay time.Duration) (*Proxy, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{to: to, delay: delay, ln: ln, conns: map[net.Conn]bool{}, resume: make(chan struct{}), end: make(chan struct{})}
	close(p.resume)
	p.wg.Go(p.accept)
	return p, nil
}

// Addr returns the address at which the proxy listens.
func (p *Proxy) Addr() string { return p.ln.Addr().String() }

// Cut ends all connections. The proxy accepts new ones.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

// Stall makes the proxy hold all bytes until the function resume is called.
func (p *Proxy) Stall() (resume func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	stalled := make(chan struct{})
	p.resume = stalled
	return sync.OnceFunc(func() { close(stalled) })
}

// Close ends the proxy and all its connections. Call it once.
func (p *Proxy) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	close(p.end)
	p.ln.Close()
	p.Cut()
	p.wg.Wait()
}

// hold adds the connection c to those of the proxy. If the proxy is closed, it returns false.
func (p *Proxy) hold(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.conns[c] = true
	}
	return !p.closed
}

func (p *Proxy) accept() {
	for {
		near, err := p.ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		} else if err != nil {
			continue
		}
		p.wg.Go(func() { p.join(near) })
	}
}

// join passes the bytes of a connection on, until one side ends it.
func (p *Proxy) join(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", p.to)
	if err != nil {
		return
	}
	defer far.Close()
	if !p.hold(near) || !p.hold(far) {
		return
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Go(func() {
			p.pass(way[1], way[0])
			near.Close()
			far.Close()
		})
	}
	both.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, near)
	delete(p.conns, far)
}

// A piece is some bytes and the time at which they leave the proxy.
type piece struct {
	bytes []byte
	due   time.Time
}

// pass copies bytes from one connection to another, each after the delay.
func (p *Proxy) pass(to io.Writer, from io.Reader) {
	pieces := make(chan piece, piecesMax)
	broken := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		defer close(broken)
		defer punctual()()
		for x := range pieces {
			pause(time.Until(x.due))
			p.mu.Lock()
			resume := p.resume
			p.mu.Unlock()
			select {
			case <-resume:
			case <-p.end:
				return
			}
			if _, err := to.Write(x.bytes); err != nil {
				return
			}
		}
	})
	defer writer.Wait()
	defer close(pieces)
	buffer := make([]byte, pieceSize)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			select {
			case pieces <- piece{append([]byte(nil), buffer[:n]...), time.Now().Add(p.delay)}:
			case <-broken:
				return
			}
		}
		if err != nil {
			return
		}
	}
}
