package shingle

// A band key is the hash of some slots that follow each other: two texts that resemble each other by J share one with
// probability J^slots, and at least one of all with 1-(1-J^slots)^bands. Fewer slots a band find more pairs that resemble each
// other less, and cost more keys and more comparisons, so there are as many as the threshold allows.
const (
	// mostBandSlots are enough for every threshold from .73 on: 32 bands.
	mostBandSlots = 8

	// A pair this much above the threshold is found with this probability.
	foundAbove = 0.05
	foundLeast = 0.99

	// LeastThreshold is what the accuracy is known for. Below, documents resemble each other that have a subject in common.
	LeastThreshold = 0.5
)

// Bands returns how many band keys a text has where texts are near from a threshold on, and how many slots each of them
// covers.
func Bands(threshold float64) (count, slots int) {
	slots = mostBandSlots
	for slots > 1 && found(min(threshold+foundAbove, 1), slots) < foundLeast {
		slots--
	}
	return slotCount / slots, slots
}

// found is the probability that two texts of resemblance j share a band of so many slots. The conversions keep a compiler
// from fusing operations: the number of bands is part of what is stored.
func found(j float64, slots int) float64 {
	equal := 1.0
	for range slots {
		equal = float64(equal * j)
	}
	missed := 1.0
	for range slotCount / slots {
		missed = float64(missed * float64(1-equal))
	}
	return 1 - missed
}
