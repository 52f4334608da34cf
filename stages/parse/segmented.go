package parse

// segmentedFormat is text in words with spaces between them: one, two, U+3000, any number. The words may have tags, 迈向/v
// or 迈向_VV, and lines the paragraph ids of the People's Daily corpus. A line becomes a paragraph; words are joined as in
// chars.
var segmentedFormat = format{
	name:     Segmented,
	rule:     RuleFile,
	rules:    []string{RuleFile, RuleLine, RuleBlankLine, RuleID},
	suffixes: []string{".seg", ".wordpos"},
	sniff:    sniffSegmented,
	ruleOf:   segmentedRule,
	frame:    func(in *stream) framer { return &articleFramer{in: in} },
	decode:   decodeSegmented,
}

// segmentedRule is the article where lines have ids.
func segmentedRule(s sample) string {
	if line, _ := s.firstLine(); len(articleID(line)) > 0 {
		return RuleID
	}
	return RuleFile
}

func decodeSegmented(s *Stage, rec []byte) (reason, detail string) {
	start := len(s.out)
	s.words.begin(s.cfg.KeepWords)
	tag := tagSeparator(rec)
	for len(rec) > 0 {
		var line []byte
		line, rec = cutLine(rec)
		if tag == 0 {
			if line = trimSeparators(line); len(line) > 0 {
				s.paragraph(line, start)
			}
			continue
		}
		mark := len(s.out)
		if mark > start {
			s.out = append(s.out, '\n')
		}
		begun := len(s.out)
		s.joinTagged(trimSeparators(line), tag)
		if len(s.out) == begun {
			s.out = s.out[:mark]
		}
	}
	return "", ""
}

// joinTagged appends the words of a line without their tags.
func (s *Stage) joinTagged(line []byte, tag byte) {
	var before token
	lineStart := len(s.out)
	lastWord := lineStart
	for i := 0; i < len(line); {
		if n := separator(line, i); n > 0 {
			i += n
			continue
		}
		start := i
		i = tokenEnd(line, i)
		if start == 0 && isLineLabel(line[:i], line[i:]) {
			continue
		}
		word, marks := cutTag(line[start:i], tag)
		s.count.annotation += marks
		if len(word) == 0 {
			// A tag alone belongs to the word before, which was set apart with brackets: [某] /r.
			if last := s.out[lastWord:]; len(last) > 2 && last[0] == '[' && last[len(last)-1] == ']' {
				copy(last, last[1:len(last)-1])
				s.out = s.out[:len(s.out)-2]
				s.words.shorten(len(s.out))
				s.count.annotation += 2
			}
			continue
		}
		t := tokenOf(word, 0, len(word))
		if before.last && t.first && (before.several || t.several) {
			s.out = append(s.out, ' ')
		}
		lastWord = len(s.out)
		s.out = append(s.out, word...)
		s.words.add(s.out, len(word))
		before = t
	}
}

// isLineLabel recognises the first token of a line that is no word: a paragraph id, or a line's number with a tab behind.
func isLineLabel(token, behind []byte) bool {
	if len(articleID(token)) > 0 {
		return true
	}
	for _, c := range token {
		if !isDigit(c) {
			return false
		}
	}
	return len(behind) > 0 && behind[0] == '\t'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// articleLayout is an id, YYYYMMDD-PP-AAA-NNN: date, page, article, paragraph. The first three are the article's.
const articleLayout = "00000000-00-000-000"

// articleID returns the id of the article in front of a line, nil if there is none.
func articleID(line []byte) []byte {
	const article = len("00000000-00-000")
	if len(line) < len(articleLayout) {
		return nil
	}
	for i := range len(articleLayout) {
		if c := line[i]; isDigit(c) != isDigit(articleLayout[i]) || !isDigit(c) && c != '-' {
			return nil
		}
	}
	if rest := line[len(articleLayout):]; len(rest) > 0 && rest[0] != '/' && rest[0] != '\r' && rest[0] != '\n' && separator(rest, 0) == 0 {
		return nil
	}
	return line[:article]
}
