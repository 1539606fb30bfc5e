package cluster

import (
	"cmp"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/payoff-bench/payoff/strategies/work"
)

// Options say how a program reaches the NATS server. Both [New] and [Serve] need them. A zero field
// other than URL stands for its default.
type Options struct {
	// URL is the address of the NATS server, such as nats://host:4222, or several, separated by
	// commas. It is required.
	URL string
	// Group is the name of a group of workers. Executors use only the workers of their own group,
	// so several groups can share a server. "" means "workers". Letters, digits, - and _ are valid.
	Group string

	User, Password string // account on the server; "" for none
	NKey           string // path of a file with the seed of an NKEY, instead of User and Password
	CA             string // path of a PEM file with the authorities that may have signed the server's certificate; "" for those of the system
	Cert, Key      string // paths of PEM files with the certificate and key of this program; "" for none

	// Period is the time between two heartbeats; 0 means 1 s. A side that hears nothing for three
	// periods counts as lost. Executors and workers need the same Period.
	Period time.Duration
}

// lossAfter is the number of periods without any message after which the other side counts as lost.
const lossAfter = 3

var validGroup = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// checked returns o with its defaults, or an OptionError.
func (o Options) checked() (Options, error) {
	o.Group, o.Period = cmp.Or(o.Group, "workers"), cmp.Or(o.Period, time.Second)
	refuse := func(option string, value any, reason string) (Options, error) {
		return o, &work.OptionError{Strategy: name, Option: option, Value: value, Reason: reason}
	}
	switch {
	case o.URL == "":
		return refuse("url", `""`, "is required: the address of a NATS server, such as nats://host:4222")
	case !o.reachable():
		return refuse("url", o.address(), "must be the address of a NATS server, such as nats://host:4222, or several, separated by commas")
	case !validGroup.MatchString(o.Group):
		return refuse("group", o.Group, "must consist of letters, digits, - and _")
	case o.Period < time.Millisecond:
		return refuse("period", o.Period, "must be at least 1ms")
	case o.NKey != "" && o.User != "":
		return refuse("nkey", o.NKey, "excludes a user; set one of them")
	case (o.Cert == "") != (o.Key == ""):
		return refuse("cert", o.Cert, "needs the file of its key, and the key needs the certificate")
	}
	return o, nil
}

// dial connects to the server. If the connection breaks later, it calls broken and connects again.
func (o Options) dial(broken func()) (*nats.Conn, error) {
	set := []nats.Option{
		nats.Name("payoff"), nats.MaxReconnects(-1), nats.ReconnectWait(o.Period / 2), nats.ReconnectBufSize(-1),
		nats.Timeout(dialTime), nats.PingInterval(max(o.Period, time.Second)), nats.MaxPingsOutstanding(lossAfter),
		nats.DisconnectErrHandler(func(*nats.Conn, error) { broken() }),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // a library does not print
	}
	if o.User != "" {
		set = append(set, nats.UserInfo(o.User, o.Password))
	}
	if o.NKey != "" {
		key, err := nats.NkeyOptionFromSeed(o.NKey)
		if err != nil {
			return nil, &ConnectError{URL: o.address(), Err: err}
		}
		set = append(set, key)
	}
	if o.CA != "" {
		set = append(set, nats.RootCAs(o.CA))
	}
	if o.Cert != "" {
		set = append(set, nats.ClientCert(o.Cert, o.Key))
	}
	conn, err := nats.Connect(o.URL, set...)
	if err != nil {
		return nil, &ConnectError{URL: o.address(), Err: err, Denied: errors.Is(err, nats.ErrAuthorization)}
	}
	return conn, nil
}

// dialTime is the time that a server may take to answer.
const dialTime = 5 * time.Second

// schemes are the schemes of the URLs of NATS servers.
var schemes = []string{"nats", "tls", "ws", "wss"}

// reachable reports whether o.URL consists of addresses of NATS servers.
func (o Options) reachable() bool {
	for part := range strings.SplitSeq(o.URL, ",") {
		part = strings.TrimSpace(part)
		if !strings.Contains(part, "://") {
			part = "nats://" + part
		}
		u, err := url.Parse(part)
		if err != nil || u.Hostname() == "" || !slices.Contains(schemes, u.Scheme) {
			return false
		}
	}
	return true
}

// address returns o.URL without its passwords.
func (o Options) address() string {
	var parts []string
	for part := range strings.SplitSeq(o.URL, ",") {
		u, err := url.Parse(strings.TrimSpace(part))
		switch {
		case err == nil:
			part = u.Redacted()
		case strings.Contains(part, "@"): // a text that is no URL may have a password anywhere
			part = "…" + part[strings.LastIndex(part, "@"):]
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ",")
}

// Subjects of the group.
func (o Options) hello() string  { return "payoff." + o.Group + ".hello" }  // requests for a slot, to one worker of the queue group
func (o Options) joined() string { return "payoff." + o.Group + ".joined" } // news of a free slot, to all executors
func (o Options) slot(id string) string {
	return "payoff." + o.Group + ".slot." + id
}
