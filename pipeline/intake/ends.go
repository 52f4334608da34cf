package intake

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/pipeline/store"
)

// elements are the names on the way to a place: of s3://bucket/a they are s3, bucket and a.
func elements(place string) (list []string) {
	if store.IsRemote(place) {
		place = strings.Replace(place, "://", "/", 1)
	}
	for e := range strings.SplitSeq(place, "/") {
		if e != "" {
			list = append(list, e)
		}
	}
	return list
}

// end is the last n names on the way to a place, or all of them.
func end(place string, n int) string {
	list := elements(place)
	return strings.Join(list[max(0, len(list)-n):], "/")
}

// hasEnd says whether the way to a place ends in a name, which may be of several elements.
func hasEnd(place, name string) bool {
	return strings.HasSuffix("/"+strings.Join(elements(place), "/"), "/"+name)
}

// freeEnd is the shortest end of a place, of n names at least, that is free. If none is it gets a number.
func freeEnd(place string, n int, free func(name string, n int) bool) string {
	list := elements(place)
	for ; n <= len(list)+1; n++ { // behind the last one it is all of a place that has no more
		if name := end(place, n); free(name, n) {
			return name
		}
	}
	for k := 2; ; k++ {
		if name := fmt.Sprintf("%s-%d", end(place, len(list)), k); free(name, len(list)+1) {
			return name
		}
	}
}
