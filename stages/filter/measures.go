package filter

import (
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/text"
)

// measure is a figure of a text.
type measure struct {
	unit    rule.Unit
	counted string // what people are told behind the figure: 5 characters; 2 of 4 characters are Han
	note    string // what they read beside a bound in configs/example.yaml
	take    func(d *document) rule.Figure
}

// document is what measures see, and what they keep from one text to the next, so that nothing is allocated for each.
type document struct {
	text  []byte // valid UTF-8
	chars int    // its code points
	lines lineSet
}

// chars is the number of code points.
var chars = measure{
	unit: rule.Count, counted: "characters", note: "code points",
	take: func(d *document) rule.Figure { return rule.Figure{Part: int64(d.chars), All: 1} },
}

// hanShare is code points of the Han script (ideographs, 々, 〇; no punctuation) by code points that are not white space.
var hanShare = measure{
	unit: rule.Share, counted: "characters are Han", note: "of the code points that are not white space",
	take: func(d *document) rule.Figure { return share(text.CountHan(d.text)) },
}

// duplicateLineShare is code points in lines that repeat an earlier line of the same text by code points in all lines. Blanks, tabs and
// CR at the edges of a line do not count, nor do lines of nothing else. The first of several equal lines is not a repetition, so a text
// of two equal lines has share one half.
var duplicateLineShare = measure{
	unit: rule.Share, counted: "characters are in repeated lines", note: "code points in repeated lines",
	take: func(d *document) rule.Figure { return share(d.lines.count(d.text)) },
}

func share(part, all int) rule.Figure { return rule.Figure{Part: int64(part), All: int64(all)} }
