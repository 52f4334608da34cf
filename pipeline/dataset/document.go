package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// checksumHead and checksumTail enclose the checksum at the end of a document.
const (
	checksumHead = "\"checksum\": \""
	checksumTail = "\"\n}\n"
)

// Encode returns v as a document of JSON with its checksum: the sha256 over the document without its digits. The last field of v
// must be a string of the name "checksum", and empty.
func Encode(v any) (document []byte, checksum string, err error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, "", err
	}
	body, ok := bytes.CutSuffix(b.Bytes(), []byte(checksumTail))
	if !ok || !bytes.HasSuffix(body, []byte("\n  "+checksumHead)) {
		return nil, "", fmt.Errorf("a %T does not end in an empty checksum", v)
	}
	sum := sha256.Sum256(b.Bytes())
	checksum = hex.EncodeToString(sum[:])
	return slices.Concat(body, []byte(checksum), []byte(checksumTail)), checksum, nil
}

// Decode reads what Encode wrote into v. Any change to its bytes is found by the checksum.
func Decode(document []byte, v any) error {
	const digits = 2 * sha256.Size
	body, ok := bytes.CutSuffix(document, []byte(checksumTail))
	if !ok || len(body) < digits+len(checksumHead) {
		return errors.New("the checksum at its end is missing")
	}
	body, sum := body[:len(body)-digits], string(body[len(body)-digits:])
	if !bytes.HasSuffix(body, []byte(checksumHead)) {
		return errors.New("the checksum at its end is missing")
	}
	h := sha256.New()
	_, _ = h.Write(body) // a hash never fails
	_, _ = h.Write([]byte(checksumTail))
	if got := hex.EncodeToString(h.Sum(nil)); got != sum {
		return fmt.Errorf("checksum is %s, but its content has %s", sum, got)
	}
	return json.Unmarshal(document, v)
}
