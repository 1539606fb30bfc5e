package cluster

import "fmt"

// A JetStreamError reports a NATS server that cannot store tasks: JetStream is off, the account may not use
// it, or the streams of the group have other settings.
type JetStreamError struct {
	URL string // URL without the password
	Err error
}

func (e *JetStreamError) Error() string {
	return fmt.Sprintf("the NATS server at %s cannot store tasks: %v; start a server with JetStream, or correct the URL or the account", e.URL, e.Err)
}

func (e *JetStreamError) Unwrap() error { return e.Err }

// A StoreError reports that the server refuses to store tasks or outcomes, for example because the
// stream or the disk is full.
type StoreError struct {
	Subject string
	Err     error // error of JetStream
}

func (e *StoreError) Error() string {
	return fmt.Sprintf("store a message of %s: %v; make room on the server, or raise the limit of the stream", e.Subject, e.Err)
}

func (e *StoreError) Unwrap() error { return e.Err }

// A JobError reports a named job that this program cannot take up: its tasks differ from those with which
// the job was started, or another program has taken it up.
type JobError struct {
	Job    string
	Reason string
}

func (e *JobError) Error() string { return fmt.Sprintf("job %s: %s", e.Job, e.Reason) }
