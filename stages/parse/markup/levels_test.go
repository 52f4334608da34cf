package markup

import (
	"strings"
	"testing"
)

// TestLevels: what is raised or lowered keeps its meaning.
func TestLevels(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"光速约为3×10<sup>8</sup>米每秒，水是H<sub>2</sub>O，面积20m<sup>2</sup>，见注<sup>[1]</sup>。", "光速约为3×10^8米每秒，水是H2O，面积20m^2，见注[1]。"},
		{"10<sup>-19</sup> 10<sup>−3</sup> 10<sup>+3</sup> 1.5<sup>0.5</sup>", "10^-19 10^−3 10^+3 1.5^0.5"},
		{"10<sup> 8 </sup>m, 10 <sup>8</sup>, 3×10\n<sup>8</sup>", "10^8 m, 10^8, 3×10^8"},
		{"10^<sup>8</sup> 10<SUP class=a>8</SUP>5", "10^8 10^8 5"},
		{
			"1<sup>st</sup> 2<sup>ND</sup> 19<sup>e</sup> 1<sup>er</sup> N<sup>o</sup> n<sup>o</sup> M<sup>me</sup> D<sup>r</sup> X<sup>TM</sup> Wort<sup>®</sup>",
			"1st 2ND 19e 1er No no Mme Dr XTM Wort®",
		},
		{"e<sup>x</sup> x<sup>n</sup> 2<sup>n</sup> 2<sup>n-1</sup> e<sup>iπ</sup> (a+b)<sup>2</sup> e<sup>−x²</sup>", "e^x x^n 2^n 2^(n-1) e^(iπ) (a+b)^2 e−x²"},
		{"e<sup>x</sup>y x<sub>i</sub>y<sub>j</sub> x<sup>2</sup>y", "e^x y x_i y_j x^2y"},
		{"Ca<sup>2+</sup> Na<sup>+</sup> SO<sub>4</sub><sup>2−</sup> H<sub>2</sub><sup>18</sup>O", "Ca^2+ Na^+ SO4^2− H2^18O"},
		{"the <sup>14</sup>C in (<sup>13</sup>C), 50 <sup>14</sup>C", "the 14C in (13C), 50 14C"},
		{"他说。<sup>12</sup>后来<sup>1,2</sup>又<sup>(3)</sup>、<sup>①</sup><sup>*</sup>", "他说。^12后来^1,2又(3)、①*"},
		{"a<sup><a href='#n1'>1</a></sup> 1998<sup>2</sup>", "a^1 1998^2"},
		{"<sup>1</sup>/<sub>2</sub> 3<sup>1</sup>/<sub>2</sub> 第<sup>3</sup>⁄<sub>4</sub> 10<sup>8</sup>/L", "1/2 3 1/2 第3⁄4 10^8/L"},
		{"CO<sub>2</sub> (CH<sub>2</sub>)<sub>3</sub> PM<sub>2.5</sub> NO<sub>x</sub> C<sub>6</sub>H<sub>12</sub>O<sub>6</sub>", "CO2 (CH2)3 PM2.5 NOx C6H12O6"},
		{
			"x<sub>i</sub> T<sub>max</sub> a<sub>n+1</sub> 101<sub>2</sub> log<sub>2</sub>8 x<sub>1,2</sub> C<sub>n</sub>H<sub>2n+2</sub>",
			"x_i T_max a_(n+1) 101_2 log_2 8 x_1,2 C_n H_(2n+2)",
		},
		{"∑<sub>i=1</sub><sup>n</sup>a<sub>i</sub> ∫<sub>0</sub><sup>1</sup>f x<sub>i</sub><sup>2</sup>", "∑_(i=1)^n a_i ∫_0^1f x_i^2"},
		{"甲<sub>乙</sub> 甲<sup>乙</sup>", "甲乙 甲乙"},
		{"2<sup>2<sup>n</sup></sup>", "2^(2^n)"},
		{"<p>x<sup>2<p>y</sup>3<sub>4", "x2\ny34"},
		{"</sup>x</sub><sup></sup><sup> </sup>y", "x y"},
		{"<td>1</td><td><sup>2</sup></td>", "1\t2"},
		{"x<sup>" + strings.Repeat("9", 60) + "</sup>", "x" + strings.Repeat("9", 60)},
		{"<ruby>汉<rt>hàn</rt>字<rt>zì</rt></ruby>很<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rp>(</rp><rt>じ</rt><rp>)</rp></ruby>", "汉字很漢字"},
		{"<ruby><rb>漢</rb><rb>字</rb><rt>かん<rt>じ</ruby>を", "漢字を"},
		{"<ruby>汉<rp>(<rt>hàn<rp>)<rb>字<rt>zì</ruby>。", "汉字。"},
		{"<ruby><ruby>汉<rt>a</rt></ruby><rt>b</rt></ruby><ruby>字<rtc><rt>x</rt><rt>y</rt></rtc></ruby>", "汉字"},
		{"<p>一<ruby>汉<rt>hàn<p>二<rt>三</rt>", "一汉\n二三"},
	} {
		if out, _ := HTML(nil, []byte(c.in)); string(out) != c.want {
			t.Errorf("%s:\ngot  %q\nwant %q", c.in, out, c.want)
		}
	}
	in := "10<sup>8</sup> H<sub>2</sub>O <ruby>汉<rt>hàn</rt></ruby>字\n\n| a<sup>2</sup> | b |\n|---|---|\n| <ruby>x<rt>y | z |\n\n1<sup>st</sup>"
	if got, want := string(Markdown(nil, []byte(in)).Out), "10^8 H2O 汉字\na^2 b\nx z\n1st"; got != want {
		t.Errorf("markdown: got %q, want %q", got, want)
	}
}

// TestTables: cells stay in their column.
func TestTables(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{
			"<table><tr><th>姓名</th><th>年龄</th></tr><tr><td>张</td><td></td><td>3</td></tr><tr><td><table><tr><td>内1</td><td>内2</td></tr></table></td><td>外</td></tr></table>",
			"姓名\t年龄\n张\t\t3\n内1\t内2\n外",
		},
		{"一<table><tr><td></td><td>甲<td>乙</tr><tr><td>1<td> <td>&nbsp;</table>二", "一\n\t甲\t乙\n1\t\t\u00a0\n二"},
		{"<table><tr><td></td><td>甲</table>", "\t甲"},
		{"<tr><td>1<td><td><td>2<tr><td>3", "1\t\t\t2\n3"},
		{"<tr><td><p>张</p></td><td><div>3</div></td><td><br>4</td></tr><tr><td>5", "张\t3\t4\n5"},
		{"<tr><td><p>一</p><p>二</p></td><td>三</td><td>四", "一\n二\n三\t四"},
		{"<tr><td colspan=2>合计</td><td>9</td></tr><tr><td>a<td>b<td>c</tr>", "合计\t\t9\na\tb\tc"},
		{"<tr><td rowspan='2'>甲</td><td>1<td>2</tr><tr><td>3<td>4</tr><tr><td>5<td>6<td>7", "甲\t1\t2\n\t3\t4\n5\t6\t7"},
		{"<tr><td>1<td rowspan=3>2<td>3</tr><tr><td>4<td>6</tr><tr><td>7<td>9</tr><tr><td>a<td>b", "1\t2\t3\n4\t\t6\n7\t\t9\na\tb"},
		{"<tr><td>1</td><td><table><tr><td>2</td></tr></table></td><td>3</td></tr>", "1\n2\n3"},
		{"<tr><td/><td>2", "\t2"},
		{"<table><caption>表</caption><thead><tr><th>a<th>b</thead><tbody><tr><td>1<td>2</tbody></table>", "表\na\tb\n1\t2"},
		{"<tr><td colspan=x>1<td colspan=-3>2<td colspan=99999999999999999999>3<td rowspan=0>4", "1\t2\t3\t4"},
	} {
		if out, _ := HTML(nil, []byte(c.in)); string(out) != c.want {
			t.Errorf("%s:\ngot  %q\nwant %q", c.in, out, c.want)
		}
	}
	wide := strings.Repeat("<td colspan=1000>1", 1000)
	if out, _ := HTML(nil, []byte(wide)); len(out) > len(wide) {
		t.Errorf("%d bytes of %d", len(out), len(wide))
	}
}

// TestMath: a formula is there once.
func TestMath(t *testing.T) {
	const (
		shown   = "<mrow><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></mrow>"
		formula = "<math xmlns='http://www.w3.org/1998/Math/MathML'><semantics>" + shown + "<annotation encoding='application/x-tex'> E=mc^2\n</annotation></semantics></math>"
		glyphs  = "<span class='base'><span class='mord mathnormal'>E</span>=m<span class='msupsub'>c<span>2</span></span></span>"
	)
	for _, c := range []struct{ name, in, want string }{
		{"annotation", "设" + formula + "，则", "设E=mc^2，则"},
		{"nothing but it", formula, "E=mc^2"},
		{"presentation", "设<math>" + shown + "</math>。", "设E=mc^2。"},
		{"presentation with white space", "设 <math> <mrow> <mi>x</mi> <mo>=</mo> <msup> <mi>y</mi> <mn>2</mn> </msup> </mrow> </math> 。", "设 x = y^2 。"},
		{"other annotations", "<math><semantics><mi>x</mi><annotation encoding='MathType-MTEF'>AAAA</annotation><annotation-xml encoding='MathML-Content'><ci>x</ci></annotation-xml></semantics></math>。", "x。"},
		{"annotation behind another", "<math><semantics><mi>x</mi><annotation encoding='text/plain'>ex</annotation><annotation encoding='LaTeX'>\\chi</annotation><annotation encoding=TeX>no</annotation></semantics></math>。", "\\chi。"},
		{"empty annotation", "<math><semantics><mi>x</mi><annotation encoding='application/x-tex'> </annotation></semantics></math>。", "x。"},
		{"structure", "<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mn>2</mn></mfrac><mo>=</mo><msqrt><mi>x</mi></msqrt><msub><mi>x</mi><mrow><mi>n</mi><mo>+</mo><mn>1</mn></mrow></msub>" +
			"<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover></math>", "(a+b)/2=√(x)x_(n+1)∑_(i=1)^n"},
		{"KaTeX", "由<span class='katex'><span class='katex-mathml'>" + formula + "</span><span class='katex-html' aria-hidden='true'>" + glyphs + "</span></span>得", "由E=mc^2得"},
		{"KaTeX without MathML", "由<span class='katex'><span class='katex-html' aria-hidden='true'>" + glyphs + "</span></span>得", "由E=mc2得"},
		{"MathJax 2", "由<span class='MathJax_Preview'>E=mc2</span><span class='MathJax' id='MathJax-Element-1-Frame'><nobr aria-hidden='true'>" + glyphs +
			"</nobr><span class='MJX_Assistive_MathML' role='presentation'><math>" + shown + "</math></span></span><script type='math/tex' id='MathJax-Element-1'>E=mc^2</script>得", "由E=mc^2得"},
		{"MathJax 2 without MathML", "由<span class='MathJax'><nobr>" + glyphs + "</nobr></span><script type='math/tex'>E=mc^2</script>得", "由E=mc2得"},
		{"MathJax 2, CHTML", "由<span class='mjx-chtml MathJax_CHTML'><span class='mjx-math' aria-hidden='true'>" + glyphs +
			"</span><span class='MJX_Assistive_MathML'><math>" + shown + "</math></span></span><script type='math/tex'>E=mc^2</script>得", "由E=mc^2得"},
		{"MathJax 3", "由<mjx-container jax='CHTML'><mjx-math aria-hidden='true'><mjx-mi>E</mjx-mi></mjx-math><mjx-assistive-mml><math>" + shown + "</math></mjx-assistive-mml></mjx-container>得", "由E=mc^2得"},
		{"MathJax that has not run", "由<script type='math/tex; mode=display'>E=mc^2</script>得<script>x</script>", "由E=mc^2得"},
		{"MediaWiki", "由<span class='mwe-math-element'><span class='mwe-math-mathml-inline mwe-math-mathml-a11y' style='display: none;'>" + formula + "</span><img alt='E=mc^2'></span>得", "由E=mc^2得"},
		{"formula without end", "<p>由<math><mi>x</mi><annotation>y<p>得<annotation>z", "由x\n得z"},
		{"two", formula + "与" + formula, "E=mc^2与E=mc^2"},
	} {
		if out, _ := HTML(nil, []byte(c.in)); string(out) != c.want {
			t.Errorf("%s:\ngot  %q\nwant %q", c.name, out, c.want)
		}
	}
}

// TestWithoutEnd: what is hidden and has no end neither takes the rest of the page with it nor is shown.
func TestWithoutEnd(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"<body><p>前</p><div hidden>藏<p>正文</p><p>二</p></body>", "前\n正文\n二"},
		{"<div>前</div><div hidden>藏<div>正文</div><div>二</div></body></html>", "前\n正文\n二"},
		{"<section>前<div style='display:none'>藏<p>也藏</p></section><p>正文</p>", "前\n正文"},
		{"<table><tr><td><div hidden>藏<p>也藏</td><td>正文</td></tr></table>", "\t正文"},
		{"<div STYLE='Color:red; DISPLAY : None'>藏</div><span style='display:none!important'>藏</span>正文", "正文"},
		{"<td><select><option>藏<td>正文</table><noscript>藏</noscript>二", "\t正文\n二"},
		{"<head><noscript><link href=x><title>题</title></head><body><p>正文", "正文"},
		{"<p>前<noscript><iframe src=x>藏</noscript><p>正文<iframe>藏", "前\n正文"},
		{"<p>前<span hidden>藏</p><p>正文</p>", "前\n正文"},
		{"<ul><li>前<a hidden>藏</li><li>正文</ul>", "前\n正文"},
		{"<p>前<noscript>藏<p>正文</p>", "前\n正文"},
		{"<p>前<noscript><img src=x><p>正文</p></body>", "前\n正文"},
		{"<p>前<iframe src=x>藏<p>正文</p>", "前\n正文"},
		{"<p>前<template>藏<p>正文</p>", "前\n正文"},
		{"<p>前<svg><text>藏</text><p>正文</p>", "前\n正文"},
		{"<p>前<select><option>藏<option>藏<p>正文</p>", "前\n正文"},
		{"<p>前<select><option>藏<option>藏", "前"},
		{"<p>前<video>藏<p>正文<object>藏<h1>二</h1>", "前\n正文\n二"},
		{"<p>前<script>var a = 1;\n<p>正文</p>", "前\n正文"},
		{"<p>前<script>document.write('<p>藏</p>'); a<b; // <p>\n/* <p> */ `\n<p>`;\n</div><p class='x'>正文</p>", "前\n正文"},
		{"<p>前<script>var a = 1; /* <p>藏", "前"},
		{"<p>前<style>p > a { content: '<p>' } /* <p> */\n<div id=a>正文</div>", "前\n正文"},
		{"<head><style>p{}\n</head><body>正文", "正文"},
		{"<head><script src=a.js>\n<meta charset=utf-8><title>题</title></head><body>正文", "正文"},
		{"<div hidden>藏<script>x<p>也藏</p></div>正文", "正文"},
		{"<script><!-- document.write('<script>x</script>'); --></script>正文", "'); -->正文"},
		{"<script><!-- if (a) <script> </script>正文", "正文"},
		{"<title>题<body>正文", "正文"},
		{"<title>题</head><body><p>正文", "正文"},
		{"<textarea>字<p>正文", "字\n正文"},
		{"前<!-- 藏 ->\n<p>正文</p></body></html>", "前\n正文"},
		{"前<!-- 藏 <p>二</p></body><!-- 三 <p>四</p></html>", "前二\n四"},
		{"前<!-- 藏 <p>二</p>", "前"},
		{"前<div hidden>藏</div><div hidden>藏", "前"},
	} {
		if out, _ := HTML(nil, []byte(c.in)); string(out) != c.want {
			t.Errorf("%s:\ngot  %q\nwant %q", c.in, out, c.want)
		}
	}
	if _, title := HTML(nil, []byte("<title>题<body>正文")); title != "题" {
		t.Errorf("title %q", title)
	}
}
