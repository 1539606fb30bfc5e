//go:build !linux

package transport

import "runtime"

func openSHM(SHMOptions) (*Offer, error) {
	return nil, &RefusedError{Transport: "shm", Reason: runtime.GOOS + " has no futex to sleep by; choose socketpair or pipe"}
}

func (t ticket) takeSHM(int, int) (Conn, error) {
	_, err := openSHM(SHMOptions{})
	return nil, err
}
