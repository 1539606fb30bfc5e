package transport

import "context"

// An Offer is a channel whose other end is ready for a process to take.
type Offer struct {
	// Files are the descriptors for the child to inherit, with consecutive numbers in this
	// order. The child passes the first number to Adopt. The Offer owns them.
	Files []int

	conn   Conn // this end; nil if accept makes it
	accept func(ctx context.Context) (Conn, error)
	cancel func()
}

// Accept closes Files and returns this end. The child must have been started. Over unix and tcp
// Accept waits until the child has proved that it has the secret. It returns the cause of ctx once
// ctx is done, and a [PeerError] if the child is gone before.
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

// Close closes an offer that was not accepted. It may be called again, and after Accept.
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
