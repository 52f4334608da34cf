package contamination

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Fields say which members of an object are what. A name with points leads into objects: choices.text.
type Fields struct {
	// Question are the members that an item is told by, joined.
	Question []string `json:"question,omitempty" yaml:"question"`
	// Choices are the answers to choose from: one a member, or lists of them. They are joined to a question that says little without them.
	Choices []string `json:"choices,omitempty" yaml:"choices"`
	// Answer are the members with the answer. With choices it may be the number of one, from 0, or its letter, from A.
	Answer []string `json:"answer,omitempty" yaml:"answer"`
	// Passage are the members with the text that the question is about.
	Passage []string `json:"passage,omitempty" yaml:"passage"`
	// ID is the member that names an item; else, or where it is missing, an item is named by its number.
	ID string `json:"id,omitempty" yaml:"id"`
}

// given says whether somebody said what is what.
func (f *Fields) given() bool {
	return len(f.Question)+len(f.Choices)+len(f.Answer)+len(f.Passage) > 0
}

// String says for people what is what: question, with A, B if it is short, answer a.
func (f *Fields) String() string {
	text := strings.Join(f.Question, " and ")
	if len(f.Choices) > 0 {
		text += ", with " + strings.Join(f.Choices, ", ") + " if it is short"
	}
	if len(f.Answer) > 0 {
		text += "; the answer is " + strings.Join(f.Answer, " and ")
	}
	if len(f.Passage) > 0 {
		text += "; the passage is " + strings.Join(f.Passage, " and ")
	}
	return text
}

// SetConfig names an evaluation set.
type SetConfig struct {
	// Path is a file of JSON Lines, or of one JSON array, as it is or in gzip or zstd.
	Path string `json:"path" yaml:"path"`
	// Name is what results call it: that of the file without its endings, if it is empty.
	Name string `json:"name,omitempty" yaml:"name"`
	// Fields are recognised by the first item if none but the id is given: see Shapes.
	Fields `yaml:",inline"`
	// AnswerAlone has documents found by an answer that stands without its question, if it has the weight of two n-grams. Answers that are
	// passages of a law or of an encyclopedia are found wherever these are.
	AnswerAlone bool `json:"answer_alone,omitempty" yaml:"answer_alone"`
}

// Validate returns every problem of the settings.
func (c *SetConfig) Validate() error {
	var errs []error
	if c.Path == "" {
		errs = append(errs, errors.New("path: it is missing"))
	}
	if c.given() && len(c.Question) == 0 {
		errs = append(errs, errors.New("question: it is missing, and other fields are given; documents are found by the question"))
	}
	for _, list := range []struct {
		key   string
		names []string
	}{{"question", c.Question}, {"choices", c.Choices}, {"answer", c.Answer}, {"passage", c.Passage}} {
		if slices.Contains(list.names, "") {
			errs = append(errs, fmt.Errorf("%s: a name is empty", list.key))
		}
	}
	return errors.Join(errs...)
}

// name is what results call the set.
func (c *SetConfig) name() string {
	base, _, _ := strings.Cut(path.Base(filepath.ToSlash(c.Path)), ".")
	return cmp.Or(c.Name, base, c.Path)
}

// Set is an evaluation set that was read.
type Set struct {
	Name        string
	Shape       string // what its fields were recognised by; empty: they were given
	Fields      Fields
	AnswerAlone bool
	Items       []Item
}

// Item is one of a set, as texts.
type Item struct {
	Line     int // in the file, or the number in its array, from 1
	ID       string
	Question string
	Choices  []string
	Answer   string
	Passage  string
}

// shape is what files of a kind look like.
type shape struct {
	name   string
	fields Fields
}

// shapes are the known ones. An item is of the first whose fields it has all, but for the id.
func shapes() []shape {
	one := func(name string) []string { return []string{name} }
	abcd := []string{"A", "B", "C", "D"}
	return []shape{
		{"ceval", Fields{Question: one("question"), Choices: abcd, Answer: one("answer")}},
		{"cmmlu", Fields{Question: one("Question"), Choices: abcd, Answer: one("Answer")}},
		{"ceval", Fields{Question: one("question"), Choices: abcd}},
		{"arc", Fields{Question: one("question"), Choices: one("choices.text"), Answer: one("answerKey")}},
		{"mmlu", Fields{Question: one("question"), Choices: one("choices"), Answer: one("answer")}},
		{"mmlu", Fields{Question: one("question"), Choices: one("options"), Answer: one("answer")}},
		{"hellaswag", Fields{Question: one("ctx"), Choices: one("endings"), Answer: one("label")}},
		{"squad", Fields{Question: one("question"), Answer: one("answers.text"), Passage: one("context")}},
		{"boolq", Fields{Question: one("question"), Answer: one("answer"), Passage: one("passage")}},
		{"gsm8k", Fields{Question: one("question"), Answer: one("answer")}},
		{"math", Fields{Question: one("problem"), Answer: one("solution")}},
		{"math", Fields{Question: one("problem"), Answer: one("answer")}},
		{"humaneval", Fields{Question: one("prompt"), Answer: one("canonical_solution")}},
		{"instructions", Fields{Question: []string{"instruction", "input"}, Answer: one("output")}},
		{"completions", Fields{Question: one("prompt"), Answer: one("completion")}},
		{"completions", Fields{Question: one("prompt"), Answer: one("response")}},
		{"completions", Fields{Question: one("input"), Answer: one("target")}},
		{"completions", Fields{Question: one("query"), Answer: one("label")}},
		{"questions", Fields{Question: one("question")}},
		{"questions", Fields{Question: one("prompt")}},
		{"texts", Fields{Question: one("text")}},
	}
}

// ids are the members that name items, in the order in which they are looked for.
var ids = []string{"id", "task_id", "question_id", "unique_id", "idx"}

// recognise sets the fields by the first item.
func (s *Set) recognise(first object) error {
	for _, sh := range shapes() {
		f := sh.fields
		if !slices.ContainsFunc(slices.Concat(f.Question, f.Choices, f.Answer, f.Passage), func(name string) bool { return !first.has(name) }) {
			id := s.Fields.ID
			s.Shape, s.Fields = sh.name, f
			s.Fields.ID = id
			return nil
		}
	}
	return fmt.Errorf("its fields are %s: no question is known among them", strings.Join(first.names(), ", "))
}

// item makes an item of an object.
func (s *Set) item(o object, line int) (it Item, err error) {
	f := &s.Fields
	it.Line, it.ID = line, o.id(f.ID)
	if it.Question, err = o.joined(f.Question); err != nil {
		return it, err
	}
	if it.Passage, err = o.joined(f.Passage); err != nil {
		return it, err
	}
	if it.Choices, err = o.list(f.Choices); err != nil {
		return it, err
	}
	if it.Answer, err = o.joined(f.Answer); err != nil {
		return it, err
	}
	if i := chosen(it.Answer); i >= 0 && i < len(it.Choices) {
		it.Answer = it.Choices[i]
	}
	return it, nil
}

// chosen is the number of a choice by what an answer says, or -1.
func chosen(answer string) int {
	answer = strings.Trim(answer, " ().")
	switch {
	case len(answer) != 1:
		return -1
	case answer[0] >= '0' && answer[0] <= '9':
		return int(answer[0] - '0')
	case answer[0]|0x20 >= 'a' && answer[0]|0x20 <= 'z':
		return int(answer[0] | 0x20 - 'a')
	}
	return -1
}
