package wire

// A Decoder cuts a stream of bytes into frames, however the bytes are split. It reads
// nothing itself: its user asks for Space, reads into it and says how much it Wrote.
type Decoder struct {
	buf  []byte
	r, w int // bytes r up to w are not decoded yet
}

// The Decoder reads decoderSize bytes at a time and gives back a buffer that a large
// frame has grown beyond decoderKeep.
const (
	decoderSize = 256 << 10
	decoderKeep = 1 << 20
)

// Buffered returns how many bytes have not been decoded.
func (d *Decoder) Buffered() int { return d.w - d.r }

// Next returns the next frame. If it is not complete yet ok is false. The payload is
// valid until the next call of Space.
func (d *Decoder) Next() (h Header, payload []byte, ok bool, err error) {
	have := d.buf[d.r:d.w]
	if len(have) < HeaderLen {
		return h, nil, false, nil
	}
	h, err = ParseHeader(have)
	end := HeaderLen + int(h.Len)
	if err != nil || len(have) < end {
		return h, nil, false, err
	}
	d.r += end
	return h, have[HeaderLen:end:end], true, nil
}

// Space returns room to read into, at least one byte. A buffer grows with the bytes
// that have arrived and not with what a header promises: it at most doubles.
func (d *Decoder) Space() []byte {
	if d.r == d.w {
		d.r, d.w = 0, 0
		if len(d.buf) == 0 || len(d.buf) > decoderKeep {
			d.buf = make([]byte, decoderSize)
		}
		return d.buf
	}
	need := decoderSize
	if d.w-d.r >= HeaderLen {
		if h, err := ParseHeader(d.buf[d.r:]); err == nil {
			need = HeaderLen + int(h.Len)
		}
	}
	have := d.w - d.r
	switch {
	case need > len(d.buf) && have > len(d.buf)/2:
		grown := make([]byte, min(need, 2*len(d.buf)))
		d.w = copy(grown, d.buf[d.r:d.w])
		d.r, d.buf = 0, grown
	case d.r > 0 && (d.r+need > len(d.buf) || have <= len(d.buf)/8):
		d.w = copy(d.buf, d.buf[d.r:d.w])
		d.r = 0
	}
	return d.buf[d.w:]
}

// Wrote says that n bytes were read into Space.
func (d *Decoder) Wrote(n int) { d.w += n }
