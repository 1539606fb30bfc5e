package transport

import "context"

// An Offer is a channel to a child process that has not opened its end yet.
type Offer struct {
	// Files are the descriptors that the child inherits, with consecutive numbers in this order.
	// The child passes the first number to Adopt. The Offer owns the descriptors.
	Files []int

	conn   Conn // end in this process; nil if accept creates it
	accept func(ctx context.Context) (Conn, error)
	cancel func()
}

// Accept closes the descriptors in Files and returns the Conn of this process. The caller must have
// started the child before.
//
// Over unix and tcp, Accept waits until the child has connected and proved that it has the secret.
// If ctx is done or the child has ended before that, Accept returns a [PeerError]. This error wraps
// the cause of ctx if ctx is done.
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

// Close closes an Offer that was not accepted. It has no effect on an Offer that was accepted or is
// already closed.
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
