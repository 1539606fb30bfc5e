package wire

// A Decoder splits a stream of bytes into frames. The bytes may arrive in portions of any size. The
// caller reads each portion into the slice that Space returns, and passes its number of bytes to
// Wrote.
//
// Several small frames can arrive with one read. A large frame has its own memory. As soon as its
// header is decoded, the caller reads directly into this memory, so the frame is not copied again.
// [Decoder.Give] gives this memory to the caller.
type Decoder struct {
	Header  Header // header of the frame that Next found
	Payload []byte // payload of that frame; valid until the next call of Next or Space, unless given away

	buf  []byte
	r, w int // buf[r:w] is not decoded yet

	own   []byte // memory of the large frame that is arriving, or that Next found last
	have  int    // number of bytes of this frame that have arrived
	need  int    // length of this frame; 0 if no large frame is arriving
	most  int    // length of the largest complete frame so far
	large bool   // whether the frame that Next found last was large
}

// The caller reads up to decoderSize bytes at a time. After a large frame, one of more than
// smallFrame bytes, the caller reads up to littleSize bytes. Memory of more than decoderKeep bytes
// is not reused.
const (
	decoderSize = 256 << 10
	littleSize  = 4 << 10
	smallFrame  = 32 << 10
	decoderKeep = 4 << 20
)

// ownGap is the number of unused bytes before a frame in its own memory. With the gap, an output in
// the frame is aligned to eight bytes.
const ownGap = 8 - (HeaderLen+TaskHeaderLen)%8

// Buffered returns the number of bytes that have arrived and are not decoded yet.
func (d *Decoder) Buffered() int { return d.w - d.r + d.have }

// DecoderOf returns a Decoder that holds the bytes b as if it had read them. The Decoder may
// overwrite b.
func DecoderOf(b []byte) Decoder { return Decoder{buf: b, w: len(b)} }

// Next decodes the next frame into Header and Payload. It returns false if not all bytes of the
// frame have arrived yet.
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

// begin gives a large frame its own memory, and moves the bytes of the frame that have already
// arrived into it. The argument have holds these bytes, and need is the length of the frame.
func (d *Decoder) begin(have []byte, need int) {
	d.need = need
	d.have = 0
	d.grow(max(decoderSize, 2*len(have)))
	d.have = copy(d.own, have)
	d.r, d.w = 0, 0
}

// grow enlarges the memory of the large frame to size bytes, or to the length of the largest frame
// so far if this is more. It does not trust the length in the header of the frame.
func (d *Decoder) grow(size int) {
	size = min(d.need, max(size, d.most))
	if len(d.own) >= size {
		return
	}
	grown := make([]byte, ownGap+size)[ownGap:]
	copy(grown, d.own[:d.have])
	d.own = grown
}

// Give gives the memory of Payload to the caller: from then on, the Decoder does not use it. If
// this memory also holds other frames, or is far larger than Payload, Give returns false and gives
// nothing.
func (d *Decoder) Give() bool {
	if len(d.own) <= HeaderLen || len(d.Payload) == 0 || &d.Payload[0] != &d.own[HeaderLen] || len(d.Payload) < len(d.own)/2 {
		return false
	}
	d.own = nil
	return true
}

// Space returns the slice into which the caller must read next. The slice has at least one byte.
// After a large frame it is short, because the next frame will probably be large too. The memory of
// the Decoder grows at most to twice the number of bytes that have arrived, or to the size of the
// largest frame so far. So a false length in a header makes the Decoder allocate little.
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

// Wrote records that the caller has stored n bytes in the slice that the last call of Space
// returned.
func (d *Decoder) Wrote(n int) {
	if d.arriving() {
		d.have += n
		return
	}
	d.w += n
}

// arriving reports whether a large frame has begun to arrive and is not complete.
func (d *Decoder) arriving() bool { return d.have < d.need }
