// Package nats runs the NATS server of a launch. Only the command payoff links it, because programs that
// do take about 1 ms longer to start.
package nats

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/payoff-bench/payoff/harness/hub"
	"github.com/payoff-bench/payoff/strategies/catalog"
)

// startTime is how long the server may take to start.
const startTime = 5 * time.Second

// Serve runs a NATS server on the loopback interface until in ends. The server admits one account, with
// a random password. Serve prints its [hub.Address] to out.
//
// The setting set has the number of groups of workers and the round trip between them and the server.
// If the round trip is not 0, each group reaches the server through a [hub.Proxy] of its own.
func Serve(set catalog.Setting, in io.Reader, out io.Writer) error {
	return serve(set, &server.Options{}, in, out)
}

// ServeDurable is like Serve, with a server that has JetStream. Its files are in a temporary folder, which is
// removed at the end.
func ServeDurable(set catalog.Setting, in io.Reader, out io.Writer) error {
	dir, err := os.MkdirTemp("", "payoff-nats-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return serve(set, &server.Options{JetStream: true, StoreDir: dir}, in, out)
}

func serve(set catalog.Setting, o *server.Options, in io.Reader, out io.Writer) error {
	a := hub.Address{User: "launch", Password: rand.Text()}
	o.Host, o.Port, o.NoLog, o.NoSigs, o.Username, o.Password = "127.0.0.1", -1, true, true, a.User, a.Password
	o.Cluster.NoAdvertise = true // workers keep to their proxies
	s, err := server.NewServer(o)
	if err != nil {
		return err
	}
	s.Start()
	defer s.WaitForShutdown()
	defer s.Shutdown()
	if !s.ReadyForConnections(startTime) {
		return fmt.Errorf("the NATS server does not accept connections after %v", startTime)
	}
	a.URL = s.ClientURL()
	for range max(1, set.Hosts) {
		url := a.URL
		if set.RoundTrip > 0 {
			p, err := hub.Listen(s.Addr().String(), set.RoundTrip/2)
			if err != nil {
				return err
			}
			defer p.Close()
			url = "nats://" + p.Addr()
		}
		a.Hosts = append(a.Hosts, url)
	}
	if err := json.NewEncoder(out).Encode(a); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}
