package transport

import "context"

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
