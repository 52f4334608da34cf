package main

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// writeInput writes articles with duplicates and a few bad lines, of about the size asked for, into several files.
func writeInput(folder string, seed uint64, kilobytes int) (err error) {
	random := rand.New(rand.NewPCG(seed, 1))
	var texts []string
	for file, written := 0, 0; written < kilobytes<<10; file++ {
		name := filepath.Join(folder, fmt.Sprintf("%02d", file%4), fmt.Sprintf("part-%03d.jsonl", file))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		n, err := writeFile(name, random, &texts)
		if err != nil {
			return err
		}
		written += n
	}
	return nil
}

func writeFile(name string, random *rand.Rand, texts *[]string) (n int, err error) {
	f, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	w := bufio.NewWriter(f)
	defer func() { err = errors.Join(err, w.Flush(), f.Close()) }()
	for i := range 100 + random.IntN(300) {
		text := article(random)
		if len(*texts) > 0 && random.IntN(4) == 0 {
			text = revised(random, (*texts)[random.IntN(len(*texts))])
		}
		if len(*texts) < 1000 {
			*texts = append(*texts, text)
		}
		line := fmt.Sprintf("{\"text\":%q}\n", text)
		if i%97 == 50 {
			line = line[:len(line)/2] + "\n"
		}
		written, err := w.WriteString(line)
		if err != nil {
			return n, err
		}
		n += written
	}
	return n, nil
}

// changeFile takes lines away, revises some and adds others.
func changeFile(name string, random *rand.Rand) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var b strings.Builder
	for line := range strings.Lines(string(data)) {
		switch random.IntN(8) {
		case 0: // it goes
		case 1:
			text := strings.TrimSuffix(strings.TrimPrefix(line, `{"text":"`), "\"}\n")
			b.WriteString(`{"text":"` + revised(random, text) + "\"}\n")
		case 2:
			fmt.Fprintf(&b, "{\"text\":%q}\n%s", article(random), line)
		default:
			b.WriteString(line)
		}
	}
	if err := os.WriteFile(name+".new", []byte(b.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// article has the skew of real text: few common characters, many rare ones.
func article(random *rand.Rand) string {
	var b strings.Builder
	for i := range 100 + random.IntN(900) {
		if i%17 == 16 {
			b.WriteString("，")
			continue
		}
		b.WriteRune(rune(0x4E00 + int(3000*random.Float64()*random.Float64())))
	}
	return b.String()
}

// revised changes some characters, or none.
func revised(random *rand.Rand, text string) string {
	runes := []rune(text)
	for range random.IntN(1 + len(runes)/50) {
		runes[random.IntN(len(runes))] = rune(0x4E00 + random.IntN(3000))
	}
	return string(runes)
}
