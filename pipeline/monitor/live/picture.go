package live

import "time"

// Picture is what is known of now.
type Picture struct {
	// Corpus is what it is called or where it lies; Process says that the picture is of one process, not of a cluster.
	Corpus  string `json:"corpus"`
	Process bool   `json:"process,omitempty"`
	// Coordinator is nil where there is none to be.
	Coordinator *Coordinator `json:"coordinator,omitempty"`

	Run       Run       `json:"run"`
	Stages    []Stage   `json:"stages"` // of the run under way, in their order
	Documents Documents `json:"documents"`
	// InputBytes are those of the run under way, as they are stored.
	InputBytes int64 `json:"input_bytes"`
	// Planning says what the planning is about.
	Planning string `json:"planning,omitempty"`
	// Notes are what else there is to say of the run, in sentences.
	Notes []string `json:"notes,omitempty"`
	// PerMille is how much of the run is done, of 1000; 0: not known. ETASeconds is what it still needs; 0: not known.
	PerMille   int64 `json:"per_mille,omitempty"`
	ETASeconds int64 `json:"eta_seconds,omitempty"`

	// Workers are all that there are. The page gets those first that something is wrong with, as Crew.
	Workers []Worker `json:"-"`
	// Unmanned are stages of the run that no worker does.
	Unmanned []string `json:"unmanned,omitempty"`
	// Waiting are runs that were asked for and have not begun.
	Waiting []string `json:"waiting"`

	// Dead counts the splits of the run under way that were given up; DeadLetters are the first of them.
	Dead        int          `json:"dead"`
	DeadLetters []DeadLetter `json:"dead_letters"`

	Schedule *Schedule `json:"schedule,omitempty"` // nil: runs begin when somebody asks for them

	// Newest is the newest version, 0 if there is none. Edition is another one when there may be other versions, ended runs or dead
	// letters: the lists are read again then.
	Newest  int    `json:"newest"`
	Edition string `json:"edition"`
}

// Coordinator is who leads, by the last that was heard.
type Coordinator struct {
	ID      string `json:"id"`
	Leading bool   `json:"leading"`
}

// Run is the newest run.
type Run struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind,omitempty"`
	Date     string    `json:"date,omitempty"`
	State    string    `json:"state"`
	UnderWay bool      `json:"under_way"`
	Started  time.Time `json:"started,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
	Error    string    `json:"error,omitempty"`
	Hint     string    `json:"hint,omitempty"`
}

// Documents are the documents of the run so far, by what became of them.
type Documents struct {
	Read       int64 `json:"read"`
	Kept       int64 `json:"kept"`
	Duplicates int64 `json:"duplicates"`
	Filtered   int64 `json:"filtered"`
	Rejected   int64 `json:"rejected"`
}

// Stage is how far a stage of the run is.
type Stage struct {
	Name  string `json:"name"`
	Done  int64  `json:"done"` // tasks
	Total int64  `json:"total"`
	// PerMille is how much of it is done, of 1000.
	PerMille int64 `json:"per_mille"`
	// Waiting tasks are in nobody's hands, Working ones are in hand: both together are its lag.
	Waiting            int64 `json:"waiting"`
	Working            int64 `json:"working"`
	Bytes              int64 `json:"bytes"` // of input, as it is stored
	BytesPerSecond     int64 `json:"bytes_per_second"`
	DocumentsPerSecond int64 `json:"documents_per_second,omitempty"`
	ETASeconds         int64 `json:"eta_seconds,omitempty"` // 0: not known
	Slots              int64 `json:"slots"`                 // of the workers that do it
}

// What a worker does.
const (
	Idle     = "idle"
	Working  = "working"
	Stopping = "stopping"
	Refuses  = "refuses"
	Silent   = "silent" // a heartbeat is missing
	Lost     = "lost"   // it is known no more, and had not said that it stops
)

// Worker is a process that does tasks.
type Worker struct {
	ID      string    `json:"id"`
	Host    string    `json:"host"`
	PID     int       `json:"pid"`
	Stages  []string  `json:"stages"` // "all" alone for all that there are
	Slots   int       `json:"slots"`
	State   string    `json:"state"`
	Why     string    `json:"why,omitempty"` // it refuses
	Started time.Time `json:"started,omitzero"`
	// Heard is when its last heartbeat came; zero: it needs none.
	Heard          time.Time `json:"heard,omitzero"`
	BytesPerSecond int64     `json:"bytes_per_second"`
}

// Crew is the workers of a picture.
type Crew struct {
	Total  int            `json:"total"`
	Slots  int            `json:"slots"`
	States map[string]int `json:"states"` // how many do what
	First  []Worker       `json:"first"`  // those that something is wrong with first
}

// DeadLetter is a range of a file that was given up.
type DeadLetter struct {
	ID      string `json:"id"`
	Run     string `json:"run,omitempty"`     // under way
	Version int    `json:"version,omitempty"` // that was made without it
	Source  string `json:"source"`
	Path    string `json:"path"`
	Offset  int64  `json:"offset"`
	Bytes   int64  `json:"bytes"`
	Reason  string `json:"reason"`
	Dropped bool   `json:"dropped,omitempty"` // somebody wants it left alone
}

// Schedule is when runs begin by themselves.
type Schedule struct {
	Cron string   `json:"cron"`
	Zone string   `json:"zone"`
	Next []string `json:"next"` // RFC 3339, in the zone
}

// Version is a version of the corpus.
type Version struct {
	Version    int       `json:"version"`
	Kind       string    `json:"kind,omitempty"`
	Live       bool      `json:"live"`
	Run        string    `json:"run,omitempty"`
	Date       string    `json:"date,omitempty"`
	Committed  string    `json:"committed"` // RFC 3339
	Documents  Documents `json:"documents"`
	InputBytes int64     `json:"input_bytes"`
	Bytes      int64     `json:"bytes"` // of the files that it added
	Digest     string    `json:"digest"`
	Note       string    `json:"note,omitempty"`
}

// Ended is a run that has ended: it made a version, something beside the corpus, or nothing.
type Ended struct {
	Run
	What string `json:"what,omitempty"` // what came of it
}
