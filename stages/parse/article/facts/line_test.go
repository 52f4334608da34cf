package facts

import (
	"strings"
	"testing"
)

// lineCases are lines near the text, and the facts that they are: published, modified, author, source and editor, each behind its letter.
var lineCases = []struct {
	line string
	want string
}{
	{"发布时间：2019-09-08 22:20", "P2019-09-08T22:20:00"},
	{"2019年9月8日 22:20　来源：新华网", "P2019-09-08T22:20:00 S新华网"},
	{"来源：新华网 2020-01-01", "P2020-01-01 S新华网"},
	{"2019-09-08 22:20:11 来源： 半月谈 作者：张三 李四 责任编辑：王五", "P2019-09-08T22:20:11 A张三, 李四 S半月谈 E王五"},
	{"日期：2020-1-5　作者：欧阳修　点击：12", "P2020-01-05 A欧阳修"},
	{"更新时间：2020-01-05 08:00", "M2020-01-05T08:00:00"},
	{"最后更新：2020年1月5日", "M2020-01-05"},
	{"发布：2020-01-04　更新：2020-01-05", "P2020-01-04 M2020-01-05"},
	{"文/张三", "A张三"},
	{"文丨李四", "A李四"},
	{"图/文丨李四", "A李四"},
	{"本报记者 张三 李四", "A张三, 李四"},
	{"（记者 张三 通讯员 李四）", "A张三"},
	{"记者：张三、李四", "A张三, 李四"},
	{"撰文：刘洋", "A刘洋"},
	{"【作者：涅阳城】", "A涅阳城"},
	{"作者：涅阳城 2020年01月12日18:32 浏览：272 收藏 我要赞赏", "P2020-01-12T18:32:00 A涅阳城"},
	{"(责编：赵六、钱七)", "E赵六、钱七"},
	{"编辑：荀建国_NN7379", "E荀建国"},
	{"稿源：中国日报网 编辑：严玉洁", "S中国日报网 E严玉洁"},
	{"來源：中央社", "S中央社"},
	{"于 2016-10-06 09:33:38 首次发布", "P2016-10-06T09:33:38"},
	{"最新推荐文章于 2016-10-06 09:33:38 发布", ""},
	{"posted @ 2024-05-09 22:10  某人  阅读(12)  评论(0)", "P2024-05-09T22:10:00"},
	{"（记者陆海、冯小川、韩冰）", "A陆海, 冯小川, 韩冰"},
	{"19 May 2015, by Newsroom", "P2015-05-19 ANewsroom"},
	{"2009年11月03日过期的域名", ""},
	{"会议将于2019年5月1日", ""},
	{"新华网2019-05-01 10:20", "P2019-05-01T10:20:00"},
	{"新华网 2019-05-01", "P2019-05-01"},
	{"January 2, 2020 was a cold day in Ohio", ""},
	{"施行日期：2008-06-01", ""},
	{"国务院2020年1月2日发布公告", ""},
	{"The new standard was published on January 2, 2020, and has been in force in all of the country since.", ""},
	{"记者 甲乙、\xe6", "A甲乙"},
	{"只看该作者|倒序浏览", ""},
	{"原创码路漫漫2020-12-09 23:41:08阅读量4862收藏 31", "P2020-12-09T23:41:08"},
	{"来源 | 综合某某报、某某日报", "S综合某某报、某某日报"},
	{"文｜贺知春　图｜秦岭南　编辑｜苏叶", "A贺知春 E苏叶"},
	{"截止日期：2020-01-05", ""},
	{"今天是2020年1月5日 星期日", ""},
	{"成立时间：2010年5月1日", ""},
	{"图片来源：视觉中国", ""},
	{"数据来源：国家统计局", ""},
	{"来源：网络", ""},
	{"作者：佚名", ""},
	{"作者：admin", ""},
	{"语文：张三", ""},
	{"市民怒斥记者：中国是我的国家", ""},
	{"记者从会上获悉，工程将于2020年1月5日开工。", ""},
	{"2020年1月5日，记者来到现场，看到工程已经开工。", ""},
	{"3小时前", ""},
	{"昨天 12:30", ""},
	{"刚刚", ""},
	{"9月8日 12:30", ""},
	{"来源：https://www.example.com/a.html", ""},
	{"电话：0351-3985088 邮编：030001", ""},

	{"By Jane Doe", "AJane Doe"},
	{"by Jane Doe and John Roe", "AJane Doe and John Roe"},
	{"By: Ludwig van Beethoven", "ALudwig van Beethoven"},
	{"BY JANE DOE", "AJANE DOE"},
	{"Written by José Ortega y Gasset | January 2, 2020", "P2020-01-02 AJosé Ortega y Gasset"},
	{"By Jane Doe, John Roe & Max Poe", "AJane Doe, John Roe & Max Poe"},
	{"By Jane Doe January 2, 2020 at 3:04 PM EST", "P2020-01-02T15:04:00-05:00 AJane Doe"},
	{"By Jane Doe Published 15:04 GMT, 2 January 2020", "P2020-01-02T15:04:00Z AJane Doe"},
	{"Posted by Jane Doe on 2 January 2020", "P2020-01-02 AJane Doe"},
	{"Published: Jan 2, 2020 3:04 PM EST", "P2020-01-02T15:04:00-05:00"},
	{"Published January 2, 2020 | Updated January 3, 2020", "P2020-01-02 M2020-01-03"},
	{"Posted: Fri 6:45 PM, Feb 16, 2018  |", "P2018-02-16T18:45:00"},
	{"First published on Thu 2 Jan 2020 15.04 GMT", "P2020-01-02"},
	{"Last updated: 2020-01-05", "M2020-01-05"},
	{"Updated 3:04 PM ET, Thu January 2, 2020", "M2020-01-02T15:04:00-05:00"},
	{"2 January 2020", "P2020-01-02"},
	{"January 2, 2020 · 5 min read", "P2020-01-02"},
	{"News | 02 Jan 2020", "P2020-01-02"},
	{"Source: Xinhua| 2020-01-02 15:04:05|Editor: huaxia", "P2020-01-02T15:04:05 SXinhua Ehuaxia"},
	{"Source: Ministry of Truth, October 25, 2019", "P2019-10-25 SMinistry of Truth"},
	{"Von Max Muster publiziert am 25. September 2018", "P2018-09-25 AMax Muster"},
	{"By the time we came, it was over", ""},
	{"By 2020 it will be done", ""},
	{"By train", ""},
	{"On January 2, 2020, a man was found dead in his house in Ohio.", ""},
	{"The company, founded on January 2, 2010 in Ohio, makes shoes", ""},
	{"Copyright © 2 January 2020 Example", ""},
	{"Retrieved January 2, 2020", ""},
	{"Event: January 2, 2020", ""},
	{"Joined January 2, 2020", ""},
	{"Deadline 2 January 2020", ""},
	{"3 hours ago", ""},
	{"Yesterday", ""},
	{"Updated 2 days ago", ""},
	{"2020", ""},
	{"Photo: Jane Doe/AP", ""},
	{"Resource: none", ""},
	{"Image source: Example", ""},
}

// brief writes facts as in lineCases.
func brief(f Facts) string {
	var b strings.Builder
	for _, v := range []struct{ letter, value string }{{"P", f.Published}, {"M", f.Modified}, {"A", f.Author}, {"S", f.Source}, {"E", f.Editor}} {
		if v.value != "" {
			b.WriteString(" " + v.letter + v.value)
		}
	}
	return strings.TrimPrefix(b.String(), " ")
}

func TestLines(t *testing.T) {
	var c Collector
	for _, tc := range lineCases {
		if got := brief(page{head: []string{tc.line}}.facts(&c)); got != tc.want {
			t.Errorf("%s: %q, not %q", tc.line, got, tc.want)
		}
	}
}

// What stands anywhere on a page is taken for less.
func TestPlaces(t *testing.T) {
	for _, tc := range []struct {
		name string
		page page
		want string
	}{
		{"near wins over far", page{far: []string{"发布时间：2018-01-01"}, head: []string{"2019-09-08 22:20"}}, "P2019-09-08T22:20:00"},
		{"no label, far", page{far: []string{"2018-01-01", "January 3, 2018"}}, ""},
		{"one label, far", page{far: []string{"发布时间：2018-01-01", "2019-01-01"}}, "P2018-01-01"},
		{"labels of several days, far", page{far: []string{"发布时间：2018-01-01", "发布时间：2018-01-02"}}, ""},
		{"a byline far away", page{far: []string{"By Jane Doe"}}, ""},
		{"the label of an author far away", page{far: []string{"作者：张三"}}, "A张三"},
		{"the title itself", page{title: "2009-11-03 的过期域名_某网", head: []string{"2009-11-03 的过期域名"}}, ""},
		{"behind the title", page{title: "某地发现新矿_某网", far: []string{"首页", "2018-01-01", "某地发现新矿", "2019-09-08 22:20", "分享"}}, "P2019-09-08T22:20:00"},
		{"a time alone behind the text", page{foot: []string{"2019-09-08 22:20:01", "举报"}}, "P2019-09-08T22:20:01"},
		{"the time of a comment", page{foot: []string{"分享", "最新评论", "2019-09-08 22:20:01"}}, ""},
		{"a day alone behind the text", page{foot: []string{"2019-09-08"}}, ""},
		{"in several lines", page{head: []string{"November 20", "15:23 2019", "Print"}}, "P2019-11-20T15:23:00"},
		{"in many lines", page{head: []string{"Dec", "28", "Sat", "2013", "16:57"}}, "P2013-12-28T16:57:00"},
		{"a box", page{head: []string{"21", "2024年02月", "分享"}}, "P2024-02-21"},
		{"a box of figures", page{head: []string{"12", "2024", "5", "3"}}, ""},
		{"an editor is no author", page{meta: []string{"author", "李四"}, foot: []string{"责任编辑：李四"}}, "E李四"},
		{"the nearest line of several", page{head: []string{"2018/06/22", "2018/06/21", "2017-04-06 17:46 宣传部"}}, "P2017-04-06T17:46:00"},
	} {
		var c Collector
		if got := brief(tc.page.facts(&c)); got != tc.want {
			t.Errorf("%s: %q, not %q", tc.name, got, tc.want)
		}
	}
}

func FuzzLine(f *testing.F) {
	for _, tc := range lineCases {
		f.Add(tc.line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		var c Collector
		a := page{head: []string{line}, far: []string{line}, foot: []string{line}}.facts(&c)
		checkFacts(t, a)
		if b := (page{head: []string{line}, far: []string{line}, foot: []string{line}}).facts(&c); a != b {
			t.Fatalf("%+v, then %+v", a, b)
		}
	})
}

func FuzzDate(f *testing.F) {
	for _, tc := range dateCases {
		f.Add(tc.in)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, machine := range []bool{false, true} {
			for i := 0; ; {
				d, start, end, ok := findDate([]byte(s), i, machine)
				if !ok {
					break
				}
				if start < i || end <= start || end > len(s) {
					t.Fatalf("from %d to %d of %d, looked for from %d on", start, end, len(s), i)
				}
				checkDate(t, string(d.append(nil)))
				i = end
			}
		}
	})
}
