// Package datatrove measures what the filters of datatrove 0.10.0 compare with their bounds, so that presets which are lists of bounds say of every
// document what those filters say, and for the same reason: GopherRepetitionFilter, GopherQualityFilter, FineWebQualityFilter,
// C4QualityFilter and C4ParagraphFilter (https://github.com/huggingface/datatrove). It is a port of their behaviour, oddities among it: what is
// better for Chinese is for other families.
//
// They compare quotients of integers in double precision with decimals. A quotient is rounded to the nearest double and so is the decimal, and
// rounding is monotonic; that a quotient which differs from a decimal of five digits is rounded to the same double takes a divisor of thousands of millions.
// So the verdicts are those of the fractions themselves, which is what signal.Share keeps.
//
// A document without a word makes some of the filters divide by zero, which ends their run. Here a part of nothing is 0, and such a document is too
// short, empty or has too few sentences.
//
// Words are those of spaCy's tokenizer for English, and for Chinese those of jieba. Characters have the classes of Python 3.11.
package datatrove
