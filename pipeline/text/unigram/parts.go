package unigram

// Parts calls each with the parts of a pre-token that no piece reaches over the ends of. A trainer with these options makes the same model of the parts as of
// the pre-tokens, and there are fewer different ones to count.
func (o *Options) Parts(pretoken []byte, each func(part []byte)) { o.cut(pretoken, each) }
