// Package recipe says what a release is made of: which documents of a corpus, how often each, in what order and in which formats. It reads
// nothing but the recipe itself, and knows neither the corpus nor its signals: the names of presets, the conditions, the strata of a mixture
// and the tokenizer are held against them by the job.
//
// A recipe has no floats: shares and bounds are rule.Number, whole millionths, and amounts are whole numbers, so no platform reads another
// recipe (invariant 1). Its JSON, which stands in the plan, has the names of the YAML, and every value in effect: a default of a later program
// does not change what an earlier release was.
package recipe
