package pii

import (
	"github.com/millrace/millrace/pipeline/rule"
	"github.com/millrace/millrace/pipeline/signal"
	"github.com/millrace/millrace/pipeline/text"
	"github.com/millrace/millrace/pipeline/text/pii"
)

// notes say in a line what the kinds are.
var notes = [pii.KindCount]string{
	pii.Email:      "e-mail addresses",
	pii.Mobile:     "mobile numbers of the mainland",
	pii.Phone:      "other telephone numbers: with area code, 400 and 800, international, North American",
	pii.IDCard:     "identity cards (mainland, Hong Kong, Macau, Taiwan) and US social security numbers",
	pii.Passport:   "passports and travel permits behind their keyword",
	pii.BankCard:   "payment cards and IBAN",
	pii.CreditCode: "unified social credit codes",
	pii.Plate:      "licence plates",
	pii.Chat:       "QQ numbers and WeChat accounts behind their keyword",
	pii.IP:         "public IP addresses",
	pii.URLUser:    "user and password in URLs",
}

// Family is the family of signals pii: how many pieces of personal data of every kind there are, and the share of the characters that they cover. It is
// safe for concurrent use.
func Family() signal.Family {
	f := signal.Family{Name: "pii", New: func() signal.Measurer { return &measurer{} }}
	for k, name := range pii.Names() {
		f.Columns = append(f.Columns, signal.Column{Name: "pii_" + name, Unit: rule.Count, Note: notes[k]})
	}
	f.Columns = append(f.Columns, signal.Column{Name: "pii_chars", Unit: rule.Share, Note: "share of the characters that are personal data of any kind"})
	return f
}

type measurer struct {
	finder pii.Finder
	spans  []pii.Span
}

// Measure implements signal.Measurer.
func (m *measurer) Measure(d *signal.Document, out []int64) {
	clear(out)
	m.spans = m.finder.Find(m.spans[:0], d.Text)
	chars := 0
	for _, s := range m.spans {
		out[s.Kind]++
		chars += text.CountRunes(d.Text[s.From:s.To])
	}
	out[pii.KindCount] = signal.Share(int64(chars), int64(d.Chars))
}
