package hostile

import (
	"fmt"
	"strings"
)

// endless is a text that begins as its format does, and goes on for 4 GB before it ends. Most of it is a hole in the file, which
// takes no disk.
func endless(begin, end string) maker {
	return func(w *output) (int64, error) {
		if _, err := w.WriteString(begin); err != nil {
			return 0, err
		}
		if err := chunked(w, strings.Repeat("a", 1<<20), 4<<20); err != nil {
			return 0, err
		}
		if err := w.Flush(); err != nil {
			return 0, err
		}
		n, err := w.file.WriteAt([]byte(end), lineBytes)
		return lineBytes + int64(n), err
	}
}

// endlessWARC is a web archive of three records, of which the second has 4 GB.
func endlessWARC(w *output) (int64, error) {
	record := func(id, n int) string {
		return fmt.Sprintf("WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: http://example.com/%d\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"+
			"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-%012d>\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", id, id, n)
	}
	small := record(1, len(hanLine)) + hanLine + "\r\n\r\n"
	head := record(2, lineBytes)
	end := "\r\n\r\n" + record(3, len(hanLine)) + hanLine + "\r\n\r\n"
	if _, err := w.WriteString(small + head); err != nil {
		return 0, err
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	at := int64(len(small)+len(head)) + lineBytes
	n, err := w.file.WriteAt([]byte(end), at)
	return at + int64(n), err
}

// nested is something within something, 10^6 times.
func nested(begin, middle, end string) maker {
	return func(w *output) (int64, error) {
		return int64(nestLevels*(len(begin)+len(end)) + len(middle)), nest(w, begin, middle, end)
	}
}

func nest(w *output, begin, middle, end string) error {
	if err := chunked(w, begin, int64(nestLevels*len(begin))); err != nil {
		return err
	}
	if _, err := w.WriteString(middle); err != nil || end == "" {
		return err
	}
	return chunked(w, end, int64(nestLevels*len(end)))
}

// inMetadata is lines of which every second has a deep value beside its text.
func inMetadata(begin, end string) maker {
	return func(w *output) (n int64, err error) {
		end, numbered := strings.CutPrefix(end, "1")
		middle := ""
		if numbered {
			middle = "1"
		}
		for i := range 10 {
			k, err := fmt.Fprintf(w, "{\"text\":\"第%d行\",\"meta\":", i)
			if err != nil {
				return 0, err
			}
			if err := nest(w, begin, middle, end); err != nil {
				return 0, err
			}
			m, err := fmt.Fprintf(w, "}\n{\"text\":\"第%d行，之后\"}\n", i)
			if err != nil {
				return 0, err
			}
			n += int64(k + m + nestLevels*(len(begin)+len(end)))
		}
		return n, nil
	}
}

// repeated is a text n times.
func repeated(text string, n int) maker {
	return func(w *output) (int64, error) {
		size := int64(len(text)) * int64(n)
		return size, chunked(w, text, size)
	}
}

// longLines has a bomb made of lines that are nearly as long as a document may be.
func longLines(bomb func(text string, n int64) maker) maker {
	return func(w *output) (int64, error) { return bomb(strings.Repeat(" ", 63<<20-1)+"\n", bombBytes)(w) }
}

// largeDocuments is 2 GB of lines that are nearly as long as a document may be.
func largeDocuments(w *output) (int64, error) {
	return repeated(`{"text":"`+strings.Repeat(hanLine, 63_000_000/len(hanLine))+"\"}\n", 32)(w)
}
