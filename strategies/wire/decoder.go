package wire

// A Decoder cuts a stream of bytes into frames, however the bytes are split. It reads
// nothing itself: its user asks for Space, reads into it and says how much it Wrote.
type Decoder struct {
	Header  Header // of the frame that Next found
	Payload []byte // valid until the next call of Space

	buf  []byte
	r, w int // bytes r up to w are not decoded yet
}

// The Decoder reads decoderSize bytes at a time and gives back a buffer that a large
// frame has grown beyond decoderKeep.
const (
	decoderSize = 256 << 10
	decoderKeep = 4 << 20
)

// Buffered returns how many bytes have not been decoded.
func (d *Decoder) Buffered() int { return d.w - d.r }

// Next finds the next frame and reports whether it is complete.
func (d *Decoder) Next() (ok bool, err error) {
	have := d.buf[d.r:d.w]
	if len(have) < HeaderLen {
		return false, nil
	}
	if !d.Header.parse(have) {
		return false, d.Header.err()
	}
	end := HeaderLen + int(d.Header.Len)
	if len(have) < end {
		return false, nil
	}
	d.r += end
	d.Payload = have[HeaderLen:end:end]
	return true, nil
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
		var h Header
		if h.parse(d.buf[d.r:]) {
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
