package parse

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/millrace/millrace/pipeline/ingest"
)

// TestSignatures holds that every kind in the table is found and named, plain, in gzip, and as a member of a zip file.
func TestSignatures(t *testing.T) {
	for i := range signatures {
		s := &signatures[i]
		data := make([]byte, 600)
		for k := range data {
			data[k] = 'a'
		}
		copy(data[s.at:], s.magic)
		copy(data[s.thenAt:], s.then)
		if s.weak {
			copy(data[300:], "\x00\x01\x02")
		}
		if !s.matches(data) {
			t.Fatalf("%s does not match what it describes", s.name)
		}
		for name, head := range map[string][]byte{"plain": data, "gzip": gzipped(t, string(data))} {
			if name == "gzip" && s.magic == "\x1f\x8b" {
				continue
			}
			d := Detect("a.txt", head, Default())
			if s.magic == "PK\x03\x04" && name == "plain" || s.magic == "PK\x05\x06" && name == "plain" || s.magic == "ustar" {
				continue // these are read, or found to be broken
			}
			if codecMagic(s.magic) && name == "plain" {
				continue
			}
			if s.name == "Parquet" || s.name == "Arrow" {
				if name == "gzip" && d.Reject != ingest.ReasonUnsupported {
					t.Errorf("%s, %s: %q", s.name, name, d.Reject)
				}
				continue
			}
			if d.Reject != s.kind().reason || !strings.Contains(d.Why, s.name) {
				t.Errorf("%s, %s: %q, %s", s.name, name, d.Reject, d.Why)
			}
		}
	}
}

func codecMagic(magic string) bool {
	return strings.HasPrefix(magic, "\x1f\x8b") || magic == "\x28\xb5\x2f\xfd" || magic == "\xfd7zXZ\x00" || magic == "\x04\x22\x4d\x18" || magic == "BZh"
}

// tokens are as many numbers below v as text has of its tokens: small ones often, large ones seldom.
func tokens(n, v int) []int {
	rng := rand.New(rand.NewPCG(1, uint64(v)))
	out := make([]int, n)
	for i := range out {
		if rng.IntN(10) < 3 {
			out[i] = v - 1 - rng.IntN(max(1, v/20))
			continue
		}
		out[i] = 40 + int(float64(v-50)*rng.Float64()*rng.Float64()*rng.Float64())
	}
	return out
}

func numbers(list []int, size int, order binary.AppendByteOrder) (out []byte) {
	for _, v := range list {
		switch size {
		case 2:
			out = order.AppendUint16(out, uint16(v))
		case 4:
			out = order.AppendUint32(out, uint32(v))
		default:
			out = order.AppendUint64(out, uint64(v))
		}
	}
	return out
}

func tfRecord(data string) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	sum := crc32.Checksum(out, crc32.MakeTable(crc32.Castagnoli))
	return append(binary.LittleEndian.AppendUint32(out, bits.RotateLeft32(sum, 17)+0xa282ead8), data...)
}

// TestNoTexts holds that files of numbers, bytes and mail are rejected whatever they are called.
func TestNoTexts(t *testing.T) {
	mail := "From: a@example.com\r\nTo: b@example.com\r\nSubject: =?utf-8?B?5paw6Ze7?=\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: text/plain; charset=\"utf-8\"\r\n\r\n" + simplified
	files := map[string]struct {
		data   []byte
		reason string
		what   string
	}{
		"tfrecord":   {tfRecord(simplified), ingest.ReasonBinary, "TFRecord"},
		"pickle":     {[]byte("\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00]\x94(" + simplified), ingest.ReasonBinary, "pickle"},
		"tensors":    {append(binary.LittleEndian.AppendUint64(nil, 30), `{"w":{"dtype":"F32"}}         `...), ingest.ReasonBinary, "safetensors"},
		"mail":       {[]byte(mail), ingest.ReasonUnsupported, "a mail"},
		"mail in LF": {[]byte(strings.ReplaceAll(mail, "\r", "")), ingest.ReasonUnsupported, "a mail"},
		"received":   {[]byte("Return-Path: <a@b.example>\nReceived: from x\n\tby y\nSubject: z\n\n" + simplified), ingest.ReasonUnsupported, "a mail"},
		"mailbox":    {[]byte("From a@b.example Mon Jan  1 10:00:00 2024\nFrom: a@b.example\n\n" + simplified), ingest.ReasonUnsupported, "mbox"},
		"mhtml": {[]byte("From: <Saved by Blink>\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/related;\n\tboundary=a\n\n" +
			"--a\nContent-Location: http://a.example/\n\n<html>"), ingest.ReasonUnsupported, "MHTML"},
		"uuencode":        {[]byte("begin 644 a.bin\nM5&AE(&-A=\n`\nend\n"), ingest.ReasonUnsupported, "uuencoded"},
		"a hash":          {[]byte("4665a5ea423c2713d436b5ee50593a9640e0018c\n"), ingest.ReasonUnsupported, "largefiles"},
		"base64":          {wrapped(base64.StdEncoding.EncodeToString(noise(2000)), 76), ingest.ReasonUnsupported, "base64"},
		"base64, a line":  {[]byte(base64.StdEncoding.EncodeToString(noise(2000))), ingest.ReasonUnsupported, "base64"},
		"base64, long":    {[]byte(base64.StdEncoding.EncodeToString(noise(2 * HeadBytes))), ingest.ReasonUnsupported, "base64"},
		"hex":             {wrapped(hex.EncodeToString(noise(2000)), 64), ingest.ReasonUnsupported, "hexadecimal"},
		"dump":            {[]byte(strings.ReplaceAll(hex.Dump(noise(2000)), "|", " ")), ingest.ReasonUnsupported, "hexadecimal"},
		"16 bits":         {numbers(tokens(3000, 50257), 2, binary.LittleEndian), ingest.ReasonBinary, "numbers"},
		"16 bits, few":    {numbers(tokens(300, 50257), 2, binary.LittleEndian), ingest.ReasonBinary, "numbers"},
		"16 bits, big":    {numbers(tokens(3000, 32000), 2, binary.BigEndian), ingest.ReasonBinary, "numbers"},
		"16 bits, more":   {numbers(tokens(60000, 65000), 2, binary.LittleEndian), ingest.ReasonBinary, "numbers"},
		"16 bits, marked": {append([]byte("\xfe\xff"), numbers(tokens(3000, 50257), 2, binary.BigEndian)...), ingest.ReasonBinary, "numbers"},
		"32 bits":         {numbers(tokens(3000, 50257), 4, binary.LittleEndian), ingest.ReasonBinary, "token ids"},
		"32 bits, larger": {numbers(tokens(3000, 200000), 4, binary.LittleEndian), ingest.ReasonBinary, "token ids"},
		"64 bits":         {numbers(tokens(3000, 50257), 8, binary.LittleEndian), ingest.ReasonBinary, "token ids"},
	}
	for name, f := range files {
		for _, file := range []string{"a.bin", "b.txt", "c", "d.dat"} {
			for _, head := range [][]byte{f.data[:min(len(f.data), HeadBytes)], gzipped(t, string(f.data))} {
				if len(head) > HeadBytes {
					continue
				}
				if d := Detect(file, head, Default()); d.Reject != f.reason || !strings.Contains(d.Why, f.what) {
					t.Errorf("%s in %s: %q, %s", name, file, d.Reject, d.Why)
				}
			}
		}
	}
	cfg := Default()
	cfg.Format = Text
	if d := Detect("a.eml", []byte(mail), cfg); d.Reject != "" || d.Format != Text {
		t.Errorf("mail that is asked for as text: %q, %s", d.Reject, d.Why)
	}
}

func wrapped(s string, width int) (out []byte) {
	for len(s) > 0 {
		n := min(width, len(s))
		out = append(append(out, s[:n]...), '\n')
		s = s[n:]
	}
	return out
}

// TestTextsThatLookLikeFiles holds that texts stay texts whatever letters they begin with.
func TestTextsThatLookLikeFiles(t *testing.T) {
	texts := []string{"{\\r is a command.", "From: all of us\nTo: you\n\n", "From the beginning, at 10:00:00 in 2024.\n", "To: b\nFrom: c\nSubject: d\n\ne\n"}
	for i := range signatures {
		if s := &signatures[i]; s.weak && s.at == 0 {
			texts = append(texts, strings.ToValidUTF8(s.magic, "")+" ")
		}
	}
	texts = append(texts, strings.Repeat("ACGTTGCA", 200), strings.Repeat("314159", 200), strings.Repeat("Donaudampfschiff\n", 100), "Path: a\nNewsgroups: b\nFrom: c@d.example\nLines: 3\n\n")
	for _, text := range texts {
		for _, data := range []string{text + simplified, inEncoding(t, simplifiedchinese.GB18030, text+simplified)} {
			if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' }) {
				continue
			}
			if d := Detect("a.txt", []byte(data), Default()); d.Reject != "" || d.Format != Text {
				t.Errorf("%q: %s, %q, %s", text, d.Format, d.Reject, d.Why)
			}
		}
	}
}

// TestZipKinds holds that documents which are zip files are named, whatever they are called and in whatever order they were
// packed, and that a folder which has a part of theirs is not taken for one.
func TestZipKinds(t *testing.T) {
	for _, c := range []struct {
		what    string
		entries []entry
	}{
		{"Office", []entry{{name: "word/document.xml", data: "<x/>", method: zip.Deflate}, {name: "[Content_Types].xml", data: "<x/>"}}},
		{"Office", []entry{{name: "_rels/.rels", data: "<x/>"}}},
		{"EPUB", []entry{{name: "mimetype", data: "application/epub+zip"}, {name: "a.xhtml", data: "<html>"}}},
		{"EPUB", []entry{{name: "a.xhtml", data: "<html>"}, {name: "META-INF/container.xml", data: "<x/>"}}},
		{"OpenDocument", []entry{{name: "mimetype", data: "application/vnd.oasis.opendocument.text"}}},
		{"program", []entry{{name: "META-INF/MANIFEST.MF", data: "Manifest-Version: 1.0"}}},
		{"NumPy", []entry{{name: "arr_0.npy", data: "\x93NUMPY"}}},
		{"PyTorch", []entry{{name: "archive/data.pkl", data: "\x80\x02}"}}},
	} {
		data := zipped(t, c.entries...)
		for _, name := range []string{"a", "a.zip", "a.bin"} {
			if d := Detect(name, data, Default()); d.Reject != ingest.ReasonBinary || !strings.Contains(d.Why, c.what) {
				t.Errorf("%s: %q, %s", c.what, d.Reject, d.Why)
			}
		}
		if d := Detect("a", gzipped(t, string(data)), Default()); d.Reject != ingest.ReasonBinary || !strings.Contains(d.Why, c.what) {
			t.Errorf("%s in gzip: %q, %s", c.what, d.Reject, d.Why)
		}
	}
	folder := zipped(t, entry{name: "mimetype", data: "what a mimetype is"}, entry{name: "word/list.txt", data: "甲"}, entry{name: "b.npy", data: "乙"})
	if d := Detect("a.zip", folder, Default()); d.Reject != "" || d.Format != Zip {
		t.Errorf("a folder: %s, %q", d.Format, d.Reject)
	}
}

// TestMembersThatAreNoText holds that what is in a container is told as what lies beside it.
func TestMembersThatAreNoText(t *testing.T) {
	data := zipped(t, entry{name: "a.pdf", data: "%PDF-1.4\n"}, entry{name: "b.txt", data: "{\\rtf1 x"}, entry{name: "c.txt", data: "一"})
	documents, _, rejects, _ := one(Zip, RuleMember, "", data).documents(t)
	if len(documents) != 1 || len(rejects) != 2 || !strings.Contains(rejects[0].Detail, "a PDF") || !strings.Contains(rejects[1].Detail, "RTF") {
		t.Errorf("%d documents, rejects %v", len(documents), rejects)
	}
}

func FuzzSignature(f *testing.F) {
	f.Add(tfRecord("x"))
	f.Add(zipped(f, entry{name: "mimetype", data: "application/epub+zip"}))
	f.Add([]byte("From: a@b\nMIME-Version: 1.0\n\n"))
	f.Add(bytes.Repeat([]byte("00000000: 3e00 50c3 fb00\n"), 9))
	f.Add(numbers(tokens(40, 50257), 4, binary.LittleEndian))
	f.Fuzz(func(t *testing.T, head []byte) {
		for _, k := range []*kind{signatureOf(head, true), signatureOf(head, false), zipKind("", head), writtenKind(sample{head: head, cut: len(head) > 600})} {
			if k != nil && (k.what == "" || k.reason != ingest.ReasonBinary && k.reason != ingest.ReasonUnsupported) {
				t.Errorf("%+v", k)
			}
		}
	})
}
