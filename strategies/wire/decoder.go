package wire

// A Decoder splits a stream of bytes into frames, however the bytes arrive. It does not read: the
// caller reads into the slice that Space returns, and passes the number of bytes to Wrote.
//
// Small frames are read many at a time. A large frame has its own memory, which the caller fills
// directly once the header is known, so that the frame is not copied again. [Decoder.Give] gives that
// memory away. After a large frame Space is small, since the next frame will probably be large too.
type Decoder struct {
	Header  Header // of the frame that Next found
	Payload []byte // valid until the next call of Next or Space, or given away

	buf  []byte
	r, w int // bytes r to w are not decoded yet

	own   []byte // memory of the large frame that is arriving, or was found last
	have  int    // bytes of it that have arrived
	need  int    // its length; 0 if no large frame is arriving
	most  int    // length of the largest complete frame so far
	large bool   // the frame found last was large
}

// The caller reads up to decoderSize bytes at a time, and up to littleSize after a large frame, which
// is one of more than smallFrame bytes. Memory of more than decoderKeep is not reused.
const (
	decoderSize = 256 << 10
	littleSize  = 4 << 10
	smallFrame  = 32 << 10
	decoderKeep = 4 << 20
)

// ownGap is the space in front of a frame in its own memory. It aligns an output, which follows its
// length, to eight.
const ownGap = 8 - (HeaderLen+TaskHeaderLen)%8

// Buffered returns how many bytes have not been decoded.
func (d *Decoder) Buffered() int { return d.w - d.r + d.have }

// Next decodes the next frame and reports whether it is complete.
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

// begin moves a large frame to its own memory. All bytes in the buffer belong to this frame.
func (d *Decoder) begin(have []byte, need int) {
	d.need = need
	d.have = 0
	d.grow(max(decoderSize, 2*len(have)))
	d.have = copy(d.own, have)
	d.r, d.w = 0, 0
}

// grow makes the frame's memory size bytes, or as large as the largest frame so far if that is more.
// It does not trust the length in the header further than that.
func (d *Decoder) grow(size int) {
	size = min(d.need, max(size, d.most))
	if len(d.own) >= size {
		return
	}
	grown := make([]byte, ownGap+size)[ownGap:]
	copy(grown, d.own[:d.have])
	d.own = grown
}

// Give gives the memory of Payload to the caller. It returns false, without effect, if the memory
// holds other frames too or is far larger than Payload.
func (d *Decoder) Give() bool {
	if len(d.own) <= HeaderLen || len(d.Payload) == 0 || &d.Payload[0] != &d.own[HeaderLen] || len(d.Payload) < len(d.own)/2 {
		return false
	}
	d.own = nil
	return true
}

// Space returns memory to read into, at least one byte. It grows to at most twice the bytes that
// have arrived, or to the largest frame so far, so a false length in a header allocates little.
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

// Wrote records that n bytes were read into Space.
func (d *Decoder) Wrote(n int) {
	if d.arriving() {
		d.have += n
		return
	}
	d.w += n
}

// arriving reports whether a large frame is incomplete.
func (d *Decoder) arriving() bool { return d.have < d.need }
