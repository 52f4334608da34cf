package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/pipeline"
	"github.com/millrace/millrace/pipeline/cluster"
	"github.com/millrace/millrace/pipeline/queue"
)

// NATS says where the queue of a cluster is, and who we are there. Secrets lie in files, so that no setting holds one.
type NATS struct {
	// URLs of the servers of one cluster. None: millrace run and serve start a server of their own.
	URLs []string `yaml:"urls"`
	// Corpus is what the corpus is called in the queue; "" is the last part of its --out.
	Corpus string `yaml:"corpus"`

	CredentialsFile string `yaml:"credentials_file"` // of a JWT user
	NKeyFile        string `yaml:"nkey_file"`        // seed of an nkey
	TokenFile       string `yaml:"token_file"`
	User            string `yaml:"user"`
	PasswordFile    string `yaml:"password_file"`
	CAFile          string `yaml:"ca_file"`   // whose certificates the servers show
	CertFile        string `yaml:"cert_file"` // the client's certificate
	KeyFile         string `yaml:"key_file"`
	InboxPrefix     string `yaml:"inbox_prefix"` // what subjects of answers begin with

	Replicas int           `yaml:"replicas"` // 1, 3 or 5 servers keep each message
	AckWait  time.Duration `yaml:"ack_wait"` // how long a task may be silent before another worker gets it
	Sync     string        `yaml:"sync"`     // of a server of our own: interval or always
}

// When a server of our own waits for its disk.
const (
	SyncInterval = "interval"
	SyncAlways   = "always"
)

// Schedule says when millrace serve begins runs by itself.
type Schedule struct {
	Cron     string `yaml:"cron"`      // five fields, or six with the seconds first, or @daily and the like; "" is never
	TimeZone string `yaml:"time_zone"` // IANA name
}

func (s Schedule) validate() error {
	_, err := s.Times()
	return err
}

// Times is the schedule, nil if there is none.
func (s Schedule) Times() (*cluster.Schedule, error) {
	if s.Cron == "" {
		return nil, nil //nolint:nilnil // no schedule is a choice, not a failure
	}
	t, err := cluster.NewSchedule(s.Cron, s.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("cron: %w", err)
	}
	return t, nil
}

// Serve says what millrace serve does beside coordinating.
type Serve struct {
	HTTP string `yaml:"http"` // address of health, metrics and the page; "" is none
	// Hosts are names that the page answers under, beside its address: names, or names with a port.
	Hosts []string `yaml:"hosts"`
	// ShowText allows the page to show what may be of documents.
	ShowText bool `yaml:"show_text"`
	// Control allows who has the token to begin, pause and cancel runs by the page.
	Control bool `yaml:"control"`
	// ControlTokenFile holds that token; "" is one that serve makes in the work folder.
	ControlTokenFile string `yaml:"control_token_file"`
	// WorkHere is the slots of a worker that serve starts beside itself; 0: none.
	WorkHere int `yaml:"work_here"`
}

// Worker says what millrace worker does.
type Worker struct {
	Stages          []string      `yaml:"stages"`           // empty: all
	ShutdownTimeout time.Duration `yaml:"shutdown_timeout"` // how long it finishes what it has in hand
	HTTP            string        `yaml:"http"`             // address of its health and metrics; "" is none
}

const minAckWait = time.Second

func (n NATS) validate() error {
	var errs []error
	for i, u := range n.URLs {
		parsed, err := url.Parse(u)
		switch {
		case err != nil: // the error would show a password
			errs = append(errs, fmt.Errorf("urls[%d]: not a URL such as nats://host:4222", i))
		case parsed.User != nil:
			errs = append(errs, fmt.Errorf("urls[%d]: holds a user or password: name them by user and password_file", i))
		}
	}
	if n.Replicas != 1 && n.Replicas != 3 && n.Replicas != 5 {
		errs = append(errs, fmt.Errorf("replicas: %d is not 1, 3 or 5", n.Replicas))
	}
	if n.AckWait < minAckWait {
		errs = append(errs, fmt.Errorf("ack_wait: %v is less than %v", n.AckWait, minAckWait))
	}
	if n.Sync != SyncInterval && n.Sync != SyncAlways {
		errs = append(errs, fmt.Errorf("sync: unknown value %q: known are %s, %s", n.Sync, SyncInterval, SyncAlways))
	}
	return errors.Join(errs...)
}

func (s Serve) validate() error {
	errs := []error{validateHTTP(s.HTTP)}
	if s.WorkHere < 0 {
		errs = append(errs, fmt.Errorf("work_here: %d is negative", s.WorkHere))
	}
	for i, h := range s.Hosts {
		name, port, err := net.SplitHostPort(h)
		if err != nil {
			name, port = strings.Trim(h, "[]"), ""
		}
		if _, err := strconv.ParseUint(port, 10, 16); name == "" || strings.ContainsAny(name, "/*@ ") || port != "" && err != nil {
			errs = append(errs, fmt.Errorf("hosts[%d]: %q is no name such as corpus.example.org or localhost:8642", i, h))
		}
	}
	return errors.Join(errs...)
}

// minToken is how short a token for control may be: it is guessed at from afar.
const minToken = 16

// ControlToken reads the token for control. It is "" without a file.
func (s Serve) ControlToken() (string, error) {
	token, err := secret(s.ControlTokenFile)
	if err == nil && s.ControlTokenFile != "" && len(token) < minToken {
		err = fmt.Errorf("%w: serve.control_token_file: the token in %s has fewer than %d characters", pipeline.ErrUsage, s.ControlTokenFile, minToken)
	}
	return token, err
}

// validateHTTP checks an address that health and metrics are shown at.
func validateHTTP(address string) error {
	if address == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		return fmt.Errorf("http: %q is no address such as 127.0.0.1:8642", address)
	}
	return nil
}

func (w Worker) validate() error {
	errs := []error{validateHTTP(w.HTTP)}
	if w.ShutdownTimeout < 0 {
		errs = append(errs, fmt.Errorf("shutdown_timeout: %v is negative", w.ShutdownTimeout))
	}
	return errors.Join(errs...)
}

// Connection reads the files of secrets and says how to connect.
func (n NATS) Connection() (queue.ConnectOptions, error) {
	o := queue.ConnectOptions{
		URLs: n.URLs, CredentialsFile: n.CredentialsFile, NKeyFile: n.NKeyFile, User: n.User, CAFile: n.CAFile, CertFile: n.CertFile,
		KeyFile: n.KeyFile, InboxPrefix: n.InboxPrefix,
	}
	var err error
	if o.Token, err = secret(n.TokenFile); err == nil {
		o.Password, err = secret(n.PasswordFile)
	}
	return o, err
}

func secret(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%w: %w", pipeline.ErrUsage, err)
	}
	return strings.TrimSpace(string(data)), nil
}
