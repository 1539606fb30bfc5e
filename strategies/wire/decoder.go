package wire

// A Decoder cuts a stream of bytes into frames, however the bytes are split. It reads
// nothing itself: its user asks for Space, reads into it and says how much it Wrote.
//
// Small frames are read many at a time. A large one has memory of its own, which is read
// into directly once its header is known, so that it need not be copied again: [Decoder.Give]
// gives that away. Behind a large frame only a little is read at a time, since the next will
// probably be large too.
type Decoder struct {
	Header  Header // of the frame that Next found
	Payload []byte // valid until the next call of Next or Space, or given away

	buf  []byte
	r, w int // bytes r up to w are not decoded yet

	own   []byte // for the large frame that arrives, or was found last
	have  int    // bytes of it that have arrived
	need  int    // its length; 0 if none arrives
	most  int    // the length of the largest that has come whole
	large bool   // the frame that was found last was
}

// The Decoder reads decoderSize bytes at a time, and littleSize behind a large frame, which
// is one of more than smallFrame bytes. It does not keep memory for another that is larger
// than decoderKeep.
const (
	decoderSize = 256 << 10
	littleSize  = 4 << 10
	smallFrame  = 32 << 10
	decoderKeep = 4 << 20
)

// ownGap is what is in front of a frame in memory of its own: so an output, behind its
// length, is aligned to eight.
const ownGap = 8 - (HeaderLen+TaskHeaderLen)%8

// Buffered returns how many bytes have not been decoded.
func (d *Decoder) Buffered() int {
	return d.w - d.r + d.have
}

// Next finds the next frame and reports whether it is complete.
func (d *Decoder) Next() (ok bool, err error) {
	if d.arriving() {
		return false, nil
	}
	if d.need > 0 {
		d.Payload = d.own[HeaderLen:d.need:d.need]
		d.most = max(d.most, d.need)
		d.large, d.need, d.have = true, 0, 0
		return true, nil
	}
	have := d.buf[d.r:d.w]
	if len(have) < HeaderLen {
		return false, nil
	}
	if !d.Header.parse(have) {
		return false, d.Header.err()
	}
	end := HeaderLen + int(d.Header.Len)
	if len(have) < end {
		if end > smallFrame {
			d.begin(have, end)
		}
		return false, nil
	}
	d.r += end
	d.large = end > smallFrame
	d.Payload = have[HeaderLen:end:end]
	return true, nil
}

// begin goes on with a large frame in memory of its own. All that there is in the buffer is
// of this frame.
func (d *Decoder) begin(have []byte, need int) {
	d.need = need
	d.have = 0
	d.grow(max(decoderSize, 2*len(have)))
	d.have = copy(d.own, have)
	d.r, d.w = 0, 0
}

// grow makes the frame's memory size bytes, or as much as is believed of its header if that
// is more: as much as there has been, since a header alone can promise anything.
func (d *Decoder) grow(size int) {
	size = min(d.need, max(size, d.most))
	if len(d.own) >= size {
		return
	}
	grown := make([]byte, ownGap+size)[ownGap:]
	copy(grown, d.own[:d.have])
	d.own = grown
}

// Give says that Payload belongs to the caller from now on. It reports false, and nothing
// has changed, where its memory holds other frames too or is far larger.
func (d *Decoder) Give() bool {
	if len(d.own) <= HeaderLen || len(d.Payload) == 0 || &d.Payload[0] != &d.own[HeaderLen] || len(d.Payload) < len(d.own)/2 {
		return false
	}
	d.own = nil
	return true
}

// Space returns room to read into, at least one byte. Memory grows with the bytes that
// have arrived and not with what a header promises: it at most doubles, or is as much as
// the largest frame took.
func (d *Decoder) Space() []byte {
	switch {
	case d.arriving():
		if d.have == len(d.own) {
			d.grow(2 * d.have)
		}
		return d.own[d.have:min(len(d.own), d.need)]
	case d.need == 0 && (!d.large || len(d.own) > decoderKeep):
		d.own = nil
	}
	if d.buf == nil {
		d.buf = make([]byte, decoderSize)
	}
	switch have := d.w - d.r; {
	case have == 0:
		d.r, d.w = 0, 0
		if d.large {
			return d.buf[:littleSize]
		}
	case d.r > 0 && (d.r+smallFrame > len(d.buf) || have <= len(d.buf)/8):
		d.w = copy(d.buf, d.buf[d.r:d.w])
		d.r = 0
	}
	return d.buf[d.w:]
}

// Wrote says that n bytes were read into Space.
func (d *Decoder) Wrote(n int) {
	if d.arriving() {
		d.have += n
		return
	}
	d.w += n
}

// arriving reports whether a large frame is on its way.
func (d *Decoder) arriving() bool { return d.have < d.need }
