package manifest

import (
	"strconv"
	"strings"
)

// VersionRange writes ascending numbers for people: 1, 3 to 7.
func VersionRange(versions []int) string {
	var parts []string
	for i := 0; i < len(versions); {
		j := i
		for j+1 < len(versions) && versions[j+1] == versions[j]+1 {
			j++
		}
		switch j {
		case i:
			parts = append(parts, strconv.Itoa(versions[i]))
		case i + 1:
			parts = append(parts, strconv.Itoa(versions[i]), strconv.Itoa(versions[j]))
		default:
			parts = append(parts, strconv.Itoa(versions[i])+" to "+strconv.Itoa(versions[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}
