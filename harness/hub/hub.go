// Package hub has the parts of a network between hosts that a launch needs on one machine: the address of
// a server, and TCP proxies that delay. It imports no server; package nats of the harness has one.
package hub

import (
	"encoding/json"
	"errors"
	"strings"
)

// An Address says how programs reach the server of a launch. The server prints it as a line of JSON. It has a password, so it must not be in
// arguments or files.
type Address struct {
	URL            string
	User, Password string
	Hosts          []string // for each group of workers, the URL by which it reaches the server
}

// Parse reads the line that a server printed.
func Parse(line string) (a Address, err error) {
	err = json.NewDecoder(strings.NewReader(line)).Decode(&a)
	if err != nil || a.URL == "" || len(a.Hosts) == 0 {
		return a, errors.New("there is no server for this strategy; payoff run starts one for each launch") // err may quote a password
	}
	return a, nil
}
