package parse

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/ingest"
	"github.com/millrace/millrace/pipeline/text"
)

// signature is how files of one kind begin that are no text, or text in a form that is not read here.
type signature struct {
	name   string // with its article, for "it is a PDF"
	advice string // what to do about it
	magic  string
	at     int    // where magic stands
	then   string // what stands behind it, at thenAt
	thenAt int
	// weak says that a text may begin so: it counts where bytes that no text has stand near.
	weak bool
	// written says that such a file is characters all the same, which whoever wants them can have with the setting format.
	written bool
}

// kind is what a file is instead of text.
type kind struct {
	what   string // for "it is …"
	reason string
}

func (k kind) String() string { return "it is " + k.what }

// weakBytes is how far a weak signature looks for bytes that no text has.
const weakBytes = 512

// signatureOf finds the kind of what begins with head, as it is stored; nil if no signature fits. Those of files that are
// characters all the same count where written is set.
func signatureOf(head []byte, written bool) *kind {
	if len(head) == 0 {
		return nil
	}
	if stands(head, 0, "PK\x03\x04") {
		if k := zipKind("", head); k != nil {
			return k
		}
	}
	for _, list := range [][]*signature{signaturesByByte[head[0]], signaturesElsewhere} {
		for _, s := range list {
			if s.matches(head) && (written || !s.written) {
				return s.kind()
			}
		}
	}
	return structured(head)
}

func (s *signature) matches(head []byte) bool {
	if !stands(head, s.at, s.magic) || s.then != "" && !stands(head, s.thenAt, s.then) {
		return false
	}
	return !s.weak || hasControls(head[:min(len(head), weakBytes)])
}

func stands(head []byte, at int, mark string) bool {
	return len(head) >= at+len(mark) && string(head[at:at+len(mark)]) == mark
}

func (s *signature) kind() *kind {
	reason := ingest.ReasonBinary
	if s.written {
		reason = ingest.ReasonUnsupported
	}
	return &kind{what: s.name + ": " + s.advice, reason: reason}
}

// signaturesByByte finds the signatures at the start of a file by their first byte.
var signaturesByByte, signaturesElsewhere = indexSignatures()

func indexSignatures() (byByte [256][]*signature, elsewhere []*signature) {
	for i := range signatures {
		if s := &signatures[i]; s.at == 0 {
			byByte[s.magic[0]] = append(byByte[s.magic[0]], s)
		} else {
			elsewhere = append(elsewhere, s)
		}
	}
	return byByte, elsewhere
}

// hasControls says whether there are bytes in head that no text has.
func hasControls(head []byte) bool { return slices.ContainsFunc(head, isControl) }

// isControl says whether a byte is a control character that text has none of. Form feeds, vertical tabs and the escapes
// of ISO-2022 stand in texts.
func isControl(c byte) bool {
	return c < ' ' && (c < '\t' || c > '\r') && c != 0x1b || c == 0x7f
}

// named are endings of names that are believed where the content is no clean UTF-8: compressors without a signature.
var named = []struct{ suffix, name, advice string }{
	{".br", "brotli", adviceUnpack},
	{".lzma", "LZMA without a container", "repack it as .xz or .zst"},
	{".z", "the output of compress", adviceUnpack},
	{".snappy", "snappy", adviceUnpack},
	{".zz", "zlib", adviceUnpack},
	{".lzo", "lzop", adviceUnpack},
}

// namedKind is the kind of a file by the ending of its base name, which is in lower case.
func namedKind(base string, head []byte) *kind {
	for _, n := range named {
		if strings.HasSuffix(base, n.suffix) && (hasControls(head) || text.ValidPrefix(head)+utf8.UTFMax <= len(head)) {
			return &kind{what: n.name + ", by its name: " + n.advice, reason: ingest.ReasonBinary}
		}
	}
	return nil
}
