package hostile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, in := range Inputs {
		if in.Name == "" || in.File == "" || in.make == nil || seen[in.Name] {
			t.Errorf("input %q is not whole, or not the only one of its name", in.Name)
		}
		seen[in.Name] = true
	}
}

// TestSmall makes those inputs that take a moment: each is a file, and says what it decodes to.
func TestSmall(t *testing.T) {
	made := 0
	for _, in := range Inputs {
		switch in.Name {
		case "zstd, window of 2 GB", "json, arrays 10^6 deep", "parquet, 2^60 rows", "parquet, 2 GB of equal pages", "jsonl, 5·10^6 bad lines":
		default:
			continue
		}
		made++
		name := filepath.Join(t.TempDir(), in.File)
		decoded, err := in.Write(name)
		if err != nil {
			t.Errorf("%s: %v", in.Name, err)
			continue
		}
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() == 0 || decoded == 0 || info.Size() > 64<<20 {
			t.Errorf("%s: %d bytes, which decode to %d", in.Name, info.Size(), decoded)
		}
	}
	if made != 5 {
		t.Errorf("%d inputs are known by name, want 5", made)
	}
}
