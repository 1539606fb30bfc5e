package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/payoff-bench/payoff/harness/record"
	"github.com/payoff-bench/payoff/harness/site"
)

// serveAddress is the address at which payoff serve listens.
const serveAddress = "127.0.0.1:7203"

func (p Program) serveCommand() *cobra.Command {
	var addr string
	c := &cobra.Command{
		Use:   "serve [folder]",
		Short: "Show the runs in a folder in a browser",
		Long: `Serve shows the runs in a folder of results (default: results) in a browser on this machine:
their answers, reports, charts and files, the progress of a run under way, and the profiles
in pprof's web interface. It only reads, and only programs on this machine can connect.
An interrupt ends it.

Avoid loading pages during a measurement: serve would use the measured cores.`,
		Example: "  payoff serve\n  payoff serve --addr 127.0.0.1:8080 results",
		Args:    atMost(1, "one folder of results"),
		RunE: draining(func(c *cobra.Command, args []string) error {
			dir := resultsDir
			if len(args) > 0 {
				dir = args[0]
			}
			return p.serve(c, dir, addr)
		}),
		ValidArgsFunction: completeFolder,
	}
	c.Flags().StringVar(&addr, "addr", serveAddress, "loopback `address` and port; port 0 takes a free one")
	return c
}

// serve serves the results in dir at the address until the context of c is done.
func (p Program) serve(c *cobra.Command, dir, addr string) error {
	host, port, err := loopback(addr)
	if err != nil {
		return misuse("--addr %s: %w", addr, err)
	}
	root, err := resultsRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		n, _ := strconv.Atoi(port)
		return misuse("port %s of %s is in use, perhaps by another payoff serve; name another port, such as --addr %s", port, host, net.JoinHostPort(host, strconv.Itoa(n%65535+1)))
	case err != nil:
		return misuse("--addr %s: %w", addr, err)
	}
	number := l.Addr().(*net.TCPAddr).Port
	server := &http.Server{
		Handler: site.New(root, site.Options{
			Dir: dir, Command: command, Analyze: p.analyze, Hosts: names(host, number),
		}),
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10,
	}
	fmt.Fprintf(c.OutOrStdout(), "%s is at http://%s/ until an interrupt\n", dir, l.Addr())
	stopped := make(chan struct{})
	context.AfterFunc(c.Context(), func() {
		defer close(stopped)
		// Wait for requests in progress. One that takes longer than this is a large report.
		patience, cancel := context.WithTimeout(context.WithoutCancel(c.Context()), 2*time.Second)
		defer cancel()
		if server.Shutdown(patience) != nil {
			server.Close()
		}
	})
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving %s: %w", dir, err)
	}
	<-stopped
	return nil
}

// loopback splits an address into host and port. The host must be one of this machine's own loopback
// addresses, because everyone who can connect can read the results.
func loopback(addr string) (host, port string, err error) {
	if host, port, err = net.SplitHostPort(addr); err != nil {
		return "", "", fmt.Errorf("write the address and the port, such as %s", serveAddress)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", "", fmt.Errorf("the port %q is not a number up to 65535", port)
	} else {
		port = strconv.FormatUint(n, 10)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return "", "", fmt.Errorf("%q is not a loopback address, such as 127.0.0.1: all who reach it could read the results, because payoff serve asks for no password; to reach it from another machine, forward the port by ssh -L", host)
	}
	return host, port, nil
}

// names returns the values of the header Host of requests to the server at host and port. The first is
// the address itself.
func names(host string, port int) (all []string) {
	for _, name := range []string{host, "localhost", "127.0.0.1", "::1"} {
		joined := net.JoinHostPort(name, strconv.Itoa(port))
		all = append(all, joined)
		if port == 80 {
			all = append(all, joined[:len(joined)-len(":80")])
		}
	}
	return all
}

// resultsRoot opens a folder of results.
func resultsRoot(dir string) (*os.Root, error) {
	if dir == "" {
		return nil, misuse("the name of the folder is empty (an unset shell variable?); name a folder of results")
	}
	if _, err := os.Stat(filepath.Join(dir, record.InfoFile)); err == nil {
		return nil, misuse("%s is the folder of one run; name the folder that contains it: %s", dir, command("serve", parent(dir)))
	}
	root, err := os.OpenRoot(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist) && dir == resultsDir:
		return nil, misuse("there is no folder %s here; %s measures a first run, or name another folder", dir, command("run", "quick"))
	case errors.Is(err, fs.ErrNotExist):
		return nil, misuse("%s: no such folder; name a folder of results", dir)
	case err != nil:
		return nil, misuse("%w", err)
	}
	return root, nil
}
