//go:build unix

package transport

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"
)

// FuzzTicket decodes random bytes. Decoding must return an error, or a ticket whose encoding is the
// same bytes.
func FuzzTicket(f *testing.F) {
	f.Add(ticket{Transport: "shm", Size: 4096, Spin: time.Microsecond}.encode())
	f.Add(ticket{Transport: "unix", Address: "/tmp/x/s", Secret: secret}.encode())
	f.Add([]byte(magic + "\x02\x00\x00\x00\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var k ticket
		if len(b) < ticketHead {
			return
		}
		n, err := k.head(b)
		if err != nil || n != len(b)-ticketHead {
			return
		}
		if err := k.decode(b[ticketHead:]); err == nil && string(k.encode()) != string(b) {
			t.Errorf("got encoding %q of the ticket from %q", k.encode(), b)
		}
	})
}

func TestBadTickets(t *testing.T) {
	other := ticket{Transport: "pipe"}.encode()
	binary.LittleEndian.PutUint32(other[len(magic):], 77)
	long := ticket{Transport: "pipe"}.encode()
	binary.LittleEndian.PutUint32(long[len(magic)+4:], 1<<31)
	tests := []struct {
		name, bytes, want string
	}{
		{"none", "", "went away"},
		{"cut short", string(ticket{Transport: "pipe"}.encode()[:30]), "went away"},
		{"garbage", strings.Repeat("hello ", 20), "not a payoff ticket"},
		{"other version", string(other), "version 77"},
		{"too long", string(long), "bytes long"},
		{"unknown", string(ticket{Transport: "pigeon"}.encode()), "pigeon"},
	}
	for _, test := range tests {
		here, there, err := socketPair()
		if err != nil {
			t.Fatal(err)
		}
		(exchange{here, time.Now().Add(time.Second)}).write([]byte(test.bytes))
		closeAll(here)
		var e *TicketError
		if _, err := adopt([]int{there, -1, -1}); !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want a TicketError with %q", test.name, err, test.want)
		}
		closeAll(there)
	}
	r, w, err := pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer closeAll(r, w)
	var e *TicketError
	if _, err := Adopt(r); !errors.As(err, &e) || !strings.Contains(err.Error(), "not a socket") {
		t.Errorf("descriptor of a pipe: got error %v, want a TicketError", err)
	}
	if _, err := Adopt(1 << 20); !errors.As(err, &e) {
		t.Errorf("descriptor that is not open: got error %v, want a TicketError", err)
	}
}
