package article

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/millrace/millrace/pipeline/pipelinetest"
	"github.com/millrace/millrace/stages/parse/markup"
)

// TestHostile: nothing that repeats, nests or is large has more of the work and of the memory than its size. A test that hangs says
// so; memory is counted.
func TestHostile(t *testing.T) {
	pipelinetest.Long(t)
	large, small := 2<<20, 1<<17
	if testing.Short() {
		large, small = 1<<19, 1<<16
	}
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			for _, o := range []Options{{}, {Comments: true}, {Markdown: true, Comments: true}} {
				src := []byte(c.page(small))
				if o == (Options{}) {
					src = []byte(c.page(large))
				}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				var e Extractor
				out, p := e.Extract(nil, src, o)
				runtime.ReadMemStats(&after)
				// All that is allocated, with what is left behind when memory grows: several times what is held at once.
				if used := after.TotalAlloc - before.TotalAlloc; used > uint64(maxMemory+perByte*len(src)) {
					t.Errorf("%+v: %d MB for %d kB", o, used>>20, len(src)>>10)
				}
				if !utf8.Valid(out) || len(out) > 4*len(src) || p.Taken > p.Blocks || p.TakenChars > p.Chars || len(p.Where) > maxWhere {
					t.Errorf("%+v: %d bytes, %+v", o, len(out), p)
				}
				if o.Markdown { // memory that was used for one page shows nothing in the next
					checkPage(t, &e, []byte(around("<p>"+first+"</p><p>"+second+"</p>")))
				}
			}
		})
	}
}

// Bounds of what is allocated for a page.
const (
	maxMemory = 128 << 20
	perByte   = 24
)

// TestHostileIsLinear: twice the page has twice the blocks and containers, or fewer; what the extractor does is bounded by these and
// by the size, but for climbing, which the depth of an outline bounds.
func TestHostileIsLinear(t *testing.T) {
	const size = 1 << 16
	for _, c := range hostile {
		var e Extractor
		e.Extract(nil, []byte(c.page(size)), Options{})
		blocks, containers := len(e.blocks), len(e.outline.Containers)
		e.Extract(nil, []byte(c.page(2*size)), Options{})
		if len(e.blocks) > 3*blocks+1000 || len(e.outline.Containers) > 3*containers+1000 {
			t.Errorf("%s: %d and %d blocks, %d and %d containers", c.name, blocks, len(e.blocks), containers, len(e.outline.Containers))
		}
		for i := range e.outline.Containers {
			if up := e.outline.Containers[i].Parent; up >= int32(i) {
				t.Fatalf("%s: container %d is in %d", c.name, i, up)
			}
		}
	}
}

// TestManyBlocks: a page of more lines than there are blocks comes out whole, and what is taken of it in its order.
func TestManyBlocks(t *testing.T) {
	text := strings.Repeat("It was so, they said, and went home.\n", maxBlocks+100)
	var e Extractor
	out, p := e.Extract(nil, []byte("<title>x</title><p><a href=a>b</a></p><pre>"+text+"</pre>"), Options{})
	if p.Blocks > maxBlocks+1 || p.None || string(out) != strings.TrimSpace(text) {
		t.Errorf("%+v, %d bytes of %d", p, len(out), len(text))
	}
}

// checkPage takes a page apart in all ways: what comes out is made of lines of the page, in their order, and depends on nothing
// but the page.
func checkPage(t *testing.T, used *Extractor, src []byte) {
	t.Helper()
	whole, _ := markup.HTML(nil, src)
	valid := utf8.Valid(src)
	for _, o := range []Options{{}, {Comments: true}, {Markdown: true}, {Markdown: true, Comments: true}} {
		out, p := used.Extract([]byte("一"), src, o)
		out, ok := bytes.CutPrefix(out, []byte("一"))
		if !ok {
			t.Fatalf("%+v: what was there before is not", o)
		}
		var e Extractor
		if again, q := e.Extract(nil, src, o); !bytes.Equal(out, again) || p != q {
			t.Fatalf("%+v: a new extractor gives %q, %+v; one that was used gives %q, %+v", o, again, q, out, p)
		}
		if valid && !utf8.Valid(out) || p.Taken > p.Blocks || p.TakenChars > p.Chars || p.LinkChars > p.Chars || len(p.Where) > maxWhere {
			t.Fatalf("%+v: %q, %+v", o, out, p)
		}
		taken, blocks := 0, 0
		for b := range used.Blocks() {
			blocks++
			if b.Taken != (b.Why == "") && !p.None {
				t.Fatalf("%+v: %q taken %t, why %q", o, b.Text, b.Taken, b.Why)
			}
			if b.Taken {
				taken++
			}
		}
		if blocks != p.Blocks || taken != p.Taken && !p.None {
			t.Fatalf("%+v: %d blocks, %d taken, but %+v", o, blocks, taken, p)
		}
		switch {
		case o.Markdown:
		case len(out) > len(whole):
			t.Fatalf("%+v: %d bytes of a page of %d", o, len(out), len(whole))
		case !o.Comments:
			checkLines(t, whole, out)
		}
	}
}

// checkLines wants lines of a page in their order, or cells of them.
func checkLines(t *testing.T, whole, out []byte) {
	t.Helper()
	rest := whole
	for line := range bytes.Lines(out) {
		for cell := range bytes.SplitSeq(bytes.TrimSuffix(line, []byte("\n")), []byte("\t")) {
			i := bytes.Index(rest, cell)
			if i < 0 {
				t.Fatalf("%q is not where it is in the page:\n%q\n%q", cell, out, whole)
			}
			rest = rest[i+len(cell):]
		}
	}
}

// TestUsedBefore: text before any tag of a block is in no container that has names, whatever was read before.
func TestUsedBefore(t *testing.T) {
	var used Extractor
	used.Extract(nil, []byte("<p>x</p><div class=sidebar>y</div><p class=comment>"), Options{})
	checkPage(t, &used, []byte(first+"<a class=sidebar href=x>x</a><p>"+second))
}
