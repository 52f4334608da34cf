// Package archive lists the members of zip and tar files and opens them, one after the other, in memory that depends
// neither on their number nor on their size. It knows stored and decoded bytes, not what is in them; nothing is ever
// written anywhere, so names are only names.
package archive

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/stages/parse/codec"
)

// Member is one entry of a container.
type Member struct {
	Name  string // as it stands there, valid UTF-8, at most maxName bytes
	Bytes int64  // in the container, as stored there
	// Expanded is how many bytes it decodes to, by what the container says: not to be relied on.
	Expanded int64
	Skip     bool   // nothing to read: a folder, a link, a device, or hidden as a name that begins with a dot is
	Reject   string // reason why the member cannot be read; "" if it can
	Detail   string // of Reject
}

// Reader goes through a container. Not safe for concurrent use.
type Reader interface {
	// Next goes to the next member, from wherever the one before was left; io.EOF behind the last. Any other error is the
	// end of the container too: a *Error, or one of the bytes it is read from.
	Next() (Member, error)
	// Open starts to read the current member, once. The stream ends before Next is called again.
	Open() (codec.Stream, error)
}

// Error says what is wrong with a container, with a reason of package pipeline.
type Error struct{ Reason, Detail string }

func (e *Error) Error() string { return e.Reason + ": " + e.Detail }

func corrupt(format string, args ...any) error {
	return &Error{ingest.ReasonCorrupt, fmt.Sprintf(format, args...)}
}

func truncated() error {
	return &Error{ingest.ReasonTruncated, "the tar file ends too early"}
}

// maxName bounds a name, which becomes part of the metadata of every document of the member.
const maxName = 1024

// memberName decodes a name. What is no UTF-8 was written on a Chinese Windows: GBK, whatever the standards say of code
// page 437.
func memberName(raw []byte) string {
	name := string(raw)
	if !utf8.Valid(raw) {
		if decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw); err == nil {
			name = string(decoded)
		}
		name = strings.ToValidUTF8(name, string(utf8.RuneError))
	}
	if len(name) > maxName {
		end := maxName
		for !utf8.RuneStart(name[end]) {
			end--
		}
		name = name[:end]
	}
	return name
}

// hidden says that a member belongs to programs, by the custom that leaves such names out of folders, too: .git, .DS_Store, and
// the __MACOSX that macOS puts beside the files of every zip file.
func hidden(name string) bool {
	for part := range strings.SplitSeq(strings.ReplaceAll(name, "\\", "/"), "/") {
		if part == "__MACOSX" || strings.HasPrefix(part, ".") && part != "." && part != ".." {
			return true
		}
	}
	return false
}
