package pii

// Kind is what a span is.
type Kind uint8

// The kinds. Their order is that of columns and counters: a new one goes to the end.
const (
	Email      Kind = iota // e-mail address
	Mobile                 // mobile number of the mainland
	Phone                  // landline with area code, 400 and 800 numbers of the mainland; international and North American numbers
	IDCard                 // identity card of the mainland (18 and 15 digits), Hong Kong, Macau, Taiwan; US social security number
	Passport               // passport, or permit to travel between the mainland and Hong Kong, Macau, Taiwan
	BankCard               // payment card, IBAN
	CreditCode             // unified social credit code
	Plate                  // licence plate of the mainland
	Chat                   // QQ number, WeChat account
	IP                     // public IP address, version 4 or 6
	URLUser                // user and password in a URL
	KindCount              // how many kinds there are
)

var names = [KindCount]string{
	"email", "mobile", "phone", "id_card", "passport", "bank_card", "credit_code", "plate", "chat", "ip", "url_user",
}

// String is the name of the kind in settings, columns and counters.
func (k Kind) String() string { return names[k] }

// KindOf is the kind of a name.
func KindOf(name string) (Kind, bool) {
	for k, n := range names {
		if n == name {
			return Kind(k), true
		}
	}
	return 0, false
}

// Names are those of all kinds, in their order.
func Names() []string { return append([]string(nil), names[:]...) }
