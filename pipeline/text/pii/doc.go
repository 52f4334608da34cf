// Package pii finds personal data in texts: e-mail addresses, telephone numbers, identity cards, bank cards and the like, by rules with
// validators (check digits, dates, region codes, ranges, borders), Chinese and Western. It never guesses names or street addresses.
//
// A number is one only if nothing beside it says that it is something else: more digits, a unit of money, the word for an order number. What
// has no check digit and no telling shape, such as QQ numbers and passports, is found only behind its keyword. Full-width letters, digits and
// signs count as ASCII; mobile numbers and identity cards are found in Chinese numerals too.
//
// Where two would overlap, the one that begins first wins, except that e-mail addresses and the user information of URLs win over the numbers
// in them. Of several kinds that the same place could be, the order is: identity card of 18 digits, credit code, payment card, identity card of
// 15 digits, mobile number, other telephone number, social security number, IP address, passport, account of a messenger.
//
// What consists of nothing but zeros and x is a mask and never found, so that masking twice is masking once.
//
// Time is linear whatever the text is: a rule looks at some sixty characters around its place at most.
package pii
