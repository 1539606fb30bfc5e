package ring

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"unsafe"

	"pgregory.net/rapid"
)

// memory returns aligned memory for a ring of size bytes.
func memory(size int) []byte {
	words := make([]uint64, (HeadLen+size)/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), HeadLen+size)
}

func open(t interface{ Fatal(...any) }, size int) ([]byte, *Writer, *Reader) {
	mem := memory(size)
	w, err := NewWriter(mem)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(mem)
	if err != nil {
		t.Fatal(err)
	}
	return mem, w, r
}

// TestModel checks that a ring behaves like a queue of bytes with a maximum length.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := 8 << rapid.IntRange(0, 4).Draw(t, "size")
		_, w, r := open(t, size)
		var queue []byte
		next, closed := byte(0), false
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				if closed {
					t.Skip("closed")
				}
				p := make([]byte, rapid.IntRange(0, 2*size).Draw(t, "n"))
				for i := range p {
					p[i] = next + byte(i)
				}
				n, err := w.Write(p)
				if want := min(len(p), size-len(queue)); err != nil || n != want {
					t.Fatalf("got %d of %d bytes written, want %d: %v", n, len(p), want, err)
				}
				queue = append(queue, p[:n]...)
				next += byte(n)
			},
			"read": func(t *rapid.T) {
				p := make([]byte, rapid.IntRange(1, 2*size).Draw(t, "n"))
				n, err := r.Read(p)
				if closed && len(queue) == 0 {
					if n != 0 || err != io.EOF {
						t.Fatalf("read at the end: got %d bytes and error %v, want io.EOF", n, err)
					}
					return
				}
				if want := min(len(p), len(queue)); err != nil || n != want || !bytes.Equal(p[:n], queue[:n]) {
					t.Fatalf("got %d bytes %v, want the first %d of %v: %v", n, p[:n], want, queue, err)
				}
				queue = queue[n:]
			},
			"close": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "really") == 0 {
					w.Close()
					closed = true
				}
			},
			"": func(t *rapid.T) {
				if r.Ready() != (len(queue) > 0 || closed) || w.Room() != (len(queue) < size) {
					t.Fatalf("got Ready %v and Room %v with %d bytes in a ring of %d", r.Ready(), w.Room(), len(queue), size)
				}
			},
		})
	})
}

// FuzzGarbage checks rings whose other side writes garbage into the shared memory. Read and Write
// must return an error, or at most as many bytes as the ring holds.
func FuzzGarbage(f *testing.F) {
	f.Add([]byte("some writes and some reads"), []byte{0, 1, 2, 3})
	f.Add(binary.LittleEndian.AppendUint64(nil, 1<<63), []byte{0x80, 0, 0x81})
	f.Fuzz(func(t *testing.T, garbage, moves []byte) {
		const size = 64
		mem, w, r := open(t, size)
		buf := make([]byte, 256)
		for i, m := range moves {
			n, err := 0, error(nil)
			switch m % 4 {
			case 0:
				n, err = w.Write(buf[:m])
			case 1:
				n, err = r.Read(buf[:m])
			case 2:
				r.Ready()
				w.Room()
			default: // spoil the indices
				if len(garbage) > 0 {
					at := i % len(garbage)
					copy(mem[(i%2)*128:], garbage[at:min(at+12, len(garbage))])
				}
			}
			var corrupt *CorruptError
			if n < 0 || n > size || err != nil && err != io.EOF && !errors.As(err, &corrupt) {
				t.Fatal(n, err)
			}
		}
	})
}

func TestGarbage(t *testing.T) {
	const size = 64
	for _, test := range []struct {
		name  string
		at    int
		value uint64
		read  bool
	}{
		{"write index too far", 0, 10 + size + 1, true},
		{"write index back", 0, 9, true},
		{"write index negative", 0, 1 << 63, true},
		{"read index before the last", 128, 1<<64 - 1, false},
		{"read index too far", 128, 11, false},
	} {
		mem, w, r := open(t, size)
		if n, err := w.Write(make([]byte, 10)); n != 10 || err != nil {
			t.Fatal(n, err)
		}
		if !r.Ready() {
			t.Fatal("got Ready false of a ring with bytes")
		}
		binary.NativeEndian.PutUint64(mem[test.at:], test.value)
		var err error
		if test.read {
			_, err = r.Read(make([]byte, size))
		} else {
			_, err = w.Write(make([]byte, size))
		}
		var corrupt *CorruptError
		if !errors.As(err, &corrupt) || corrupt.Seen != test.value {
			t.Errorf("%s: got error %v, want a CorruptError", test.name, err)
		}
	}
	for _, n := range []int{0, HeadLen, HeadLen + 3, HeadLen + 96} {
		var e *SizeError
		if _, err := NewReader(memory(512)[:n]); !errors.As(err, &e) {
			t.Errorf("memory of %d bytes: got error %v, want a SizeError", n, err)
		}
	}
}

// TestConcurrent checks that two goroutines can exchange bytes in order. The race detector also
// checks the copies.
func TestConcurrent(t *testing.T) {
	_, w, r := open(t, 1<<10)
	const total = 1 << 18
	go func() {
		p := make([]byte, 700)
		for sent := 0; sent < total; {
			for i := range p {
				p[i] = byte((sent + i) * 7)
			}
			n, err := w.Write(p[:min(len(p), total-sent)])
			if err != nil {
				t.Error(err)
				break
			}
			sent += n
		}
		w.Close()
	}()
	got := 0
	p := make([]byte, 500)
	for {
		n, err := r.Read(p)
		for i := range n {
			if p[i] != byte((got+i)*7) {
				t.Fatalf("got %d as byte %d", p[i], got+i)
			}
		}
		got += n
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if got != total {
		t.Errorf("got %d bytes, want %d", got, total)
	}
}
