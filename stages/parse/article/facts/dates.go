package facts

// origin is what a date was taken from, the one to be trusted most first.
type origin uint8

const (
	fromArticle  origin = iota // JSON-LD of an article
	fromMeta                   // meta elements of Open Graph
	fromOther                  // other meta elements that name the time of publication
	fromItem                   // itemprop=datePublished
	fromLabel                  // printed near the text, and called the time of publication
	fromTime                   // the first <time> near the text
	fromLine                   // printed near the text
	fromNear                   // printed behind a line that is the title
	fromFoot                   // the first line behind the text, which is nothing but a time
	fromWeak                   // meta elements that do not say which date they mean
	fromPage                   // JSON-LD of the page
	fromURL                    // in the address of the page
	fromFarLabel               // printed elsewhere, called the time of publication
	fromFarTime                // the only <time> of the page
	origins
)

// dates are the candidates for one time, the first of each origin.
type dates struct {
	of    [origins]date
	clash [origins]bool // another one of the origin is of another day
}

func (s *dates) add(from origin, d date) {
	switch first := &s.of[from]; {
	case first.precision == unknown:
		*first = d
	case !first.sameDay(d):
		s.clash[from] = true
	case first.precision < d.precision:
		*first = d
	}
}

// choose returns the date of the best origin. Dates elsewhere on the page that are not of one day are of other things. Where another origin
// has the time or the zone of the same day, that is taken over.
func (s *dates) choose(order order) date {
	for from := range origins {
		if (from == fromFarLabel || from == fromFarTime) && s.clash[from] {
			continue
		}
		d := s.of[from]
		if d.precision == unknown {
			continue
		}
		if d.either {
			var ok bool
			if d, ok = s.settle(d, order); !ok {
				continue
			}
		}
		for _, o := range s.of {
			if o.precision > d.precision && !o.either && o.sameDay(d) && (d.precision == toDay || o.hour == d.hour && o.minute == d.minute) {
				d = o
			}
		}
		return d
	}
	return date{}
}

// settle decides which number of a date is the month.
func (s *dates) settle(d date, order order) (settled date, ok bool) {
	for _, o := range s.of {
		if o.precision == unknown || o.either {
			continue
		}
		switch {
		case o.sameDay(d):
			d.either = false
			return d, true
		case o.sameDay(d.swapped()):
			d = d.swapped()
			d.either = false
			return d, true
		}
	}
	d.either = false
	switch order {
	case monthFirst:
		return d.swapped(), true
	case dayFirst:
		return d, true
	case noOrder:
	}
	return d, false
}

// machineDate takes a value that a program wrote.
func (c *Collector) machineDate(to *dates, from origin, value []byte) {
	if len(value) > 4*maxWritten {
		return
	}
	if d, start, _, ok := findDate(value, 0, true); ok && start <= maxWritten {
		to.add(from, d)
		c.note(d)
	}
}

// maxWritten is how far behind the start of such a value its date may begin, in bytes.
const maxWritten = 32

// note remembers in which order the page writes numbers.
func (c *Collector) note(d date) {
	c.monthFirst = c.monthFirst || d.order == monthFirst
	c.dayFirst = c.dayFirst || d.order == dayFirst
}

// order is in which order the page writes the numbers of a date: as it does elsewhere, else as is usual in its language.
func (c *Collector) order(language string) order {
	switch {
	case c.monthFirst && !c.dayFirst:
		return monthFirst
	case c.dayFirst && !c.monthFirst:
		return dayFirst
	case c.monthFirst:
		return noOrder
	}
	return orderIn(language)
}
