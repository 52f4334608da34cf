package markup

import "testing"

func FuzzHTML(f *testing.F) {
	for _, unit := range hostile {
		f.Add([]byte(unit + "一"))
	}
	f.Add([]byte("<title>\xff</title><meta charset=gbk><pre>\n a</pre><td hidden><div hidden>x</div>&#xd800;"))
	f.Fuzz(func(t *testing.T, src []byte) {
		checkText(t, src)
		if label := Charset(src); len(label) > maxLabel {
			t.Fatal(label)
		}
	})
}

func FuzzMarkdown(f *testing.F) {
	for _, unit := range hostile {
		f.Add([]byte(unit + "一\n" + unit))
	}
	f.Add([]byte("---\na: b\n---\n# 一\n\n| a | b |\n|---|---|\n| `c` | \\| |\n\n1. x\n   - y\n\n<div>&lt;</div>\n\n[a]: b\n![a][a] `x\ny`"))
	f.Fuzz(func(t *testing.T, src []byte) { checkText(t, src) })
}
