package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// readmeLine is what is done about a command of the README.
type readmeLine struct {
	before  string // commands that make what the line takes for granted
	instead string // is typed, where the line has names that stand for the reader's own; "": the line
	code    int
	why     string // it is not typed at all
}

// readme are the commands of the README that are not simply typed, without their comments, or that end otherwise than with 0.
var readme = map[string]readmeLine{
	`tar xzf dist/millrace-*-linux-amd64.tar.gz`:                           {why: "make dist-check unpacks it"},
	`pip install dist/millrace-*manylinux*x86_64*.whl`:                     {why: "make dist-check installs it"},
	`sudo dpkg -i dist/millrace_*_amd64.deb`:                               {why: "make dist-check installs it"},
	`make test`:                                                            {why: "it is what runs this"},
	`go run ./cmd/millrace run testdata/damaged --out out`:                 {code: exitRejected},
	`millrace inspect out --from ~/news`:                                   {before: "millrace run ~/news --out out"},
	`millrace explain out ID --show --from ~/news`:                         {instead: "millrace explain out $(last_id out) --show --from ~/news"},
	`millrace diff out 3 4`:                                                {before: "echo '{\"text\": \"第二天的新闻，说的是另外一件事情。\"}' > ~/news/02.jsonl; millrace run ~/news --out out"},
	`millrace cat out 0f3a5c9d`:                                            {instead: "millrace cat out $(last_id out | cut -c1-8)"},
	`millrace tokenizer train --from out --out mine/`:                      {instead: "millrace tokenizer train --from out --out mine/ --size 400"},
	`millrace tokenizer eval mine/ gpt4o.json --on out`:                    {before: "cp mine/tokenizer.json gpt4o.json"},
	`millrace decontaminate out --sets ceval.jsonl --sets gsm8k.jsonl`:     {before: evaluationSets},
	`millrace explain release ID`:                                          {instead: "millrace explain release $(last_id release)"},
	`millrace diff release-16 release-17`:                                  {before: "cp -r release release-16; cp -r release release-17"},
	`millrace serve --config configs/nightly.yaml`:                         {why: "it does not end: TestServe and others start it"},
	`millrace run --config configs/nightly.yaml --date 2026-11-23 --wait`:  {before: "mkdir -p inbox/news inbox/archive; cp ~/news/02.jsonl inbox/news"},
	`millrace drop out 7`:                                                  {instead: "millrace drop out 4"},
	`millrace remove out --path 'forum/2019/**' --reason "no licence"`:     {instead: `millrace remove out --path 'news/2024/**' --reason "no licence"`},
	`millrace lines out --top 20`:                                          {before: "millrace signals out --add lines"},
	`millrace serve --config configs/cluster.yaml`:                         {why: "TestCompose has a cluster"},
	`millrace worker --config configs/cluster.yaml`:                        {why: "TestCompose has a cluster"},
	`millrace publish --config configs/cluster.yaml /data/news/2026/11/23`: {why: "TestCompose has a cluster"},
	`millrace start --config configs/cluster.yaml --wait`:                  {why: "TestCompose has a cluster"},
	`millrace status --config configs/cluster.yaml --watch`:                {why: "TestCompose has a cluster"},
	`millrace dead list --config configs/cluster.yaml`:                     {why: "TestCompose has a cluster"},
}

// evaluationSets are two small ones, by the fields of their names.
const evaluationSets = `printf '%s\n' '{"id": 1, "question": "中国历史上第一个统一的封建王朝建立于哪一年，都城设在什么地方？", "A": "公元前221年，咸阳", "B": "公元前202年，长安", "C": "公元25年，洛阳", "D": "公元581年，大兴", "answer": "A"}' > ceval.jsonl
printf '%s\n' '{"question": "A farmer sells 48 clips in April and half as many in May. How many clips did the farmer sell altogether in April and May?", "answer": "48/2 = 24; 48+24 = 72 #### 72"}' > gsm8k.jsonl`

// TestReadme types what the README has, line by line, in a folder with what comes with the program. A line that is added is typed, too,
// unless the table above says something else of it.
func TestReadme(t *testing.T) {
	ofPrograms(t)
	t.Parallel()
	binary, err := built()
	if err != nil {
		t.Fatal(err)
	}
	root, home := filepath.Join("..", ".."), t.TempDir()
	at := filepath.Join(home, "millrace")
	path := filepath.Join(home, "bin")
	for _, folder := range []string{at, path, filepath.Join(home, "news", "2024", "05")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(binary, filepath.Join(path, "millrace")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"testdata", "configs"} {
		if err := os.CopyFS(filepath.Join(at, name), os.DirFS(filepath.Join(root, name))); err != nil {
			t.Fatal(err)
		}
	}
	news := `{"text": "荆楚大地春意浓，各地农民抓紧时节春耕备耕，田间一派繁忙景象。"}` + "\n" + `{"title": "没有正文的一条"}` + "\n"
	if err := os.WriteFile(filepath.Join(home, "news", "2024", "05", "01.jsonl"), []byte(news), 0o644); err != nil {
		t.Fatal(err)
	}
	typing := func(script string) (code int, said string) {
		cmd := exec.CommandContext(t.Context(), "bash", "-c", "last_id() { millrace export \"$1\" | grep -o '\"id\":\"[0-9a-f]*' | tail -1 | cut -d'\"' -f4; }\n"+script)
		cmd.Dir = at
		cmd.Env = append(os.Environ(), "HOME="+home, "PATH="+path+":"+os.Getenv("PATH"), "MILLRACE_LOG_FORMAT=text")
		out, err := cmd.CombinedOutput()
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return exit.ExitCode(), string(out)
		}
		if err != nil {
			t.Fatal(err)
		}
		return 0, string(out)
	}
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	met := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		line, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), "    ")
		command, _, _ := strings.Cut(line, " # ")
		command = strings.TrimSpace(command)
		word, _, _ := strings.Cut(command, " ")
		if !ok || word != "millrace" && word != "go" && word != "make" && word != "tar" && word != "pip" && word != "sudo" {
			continue
		}
		met[command] = true
		how := readme[command]
		if how.why != "" {
			continue
		}
		if how.before != "" {
			if code, said := typing(how.before); code != 0 && code != exitRejected {
				t.Errorf("before %s: exit %d\n%s", command, code, said)
			}
		}
		if how.instead != "" {
			command = how.instead
		}
		command = strings.Replace(command, "go run ./cmd/millrace", "millrace", 1)
		if code, said := typing(command); code != how.code {
			t.Errorf("%s: exit %d, not %d\n%s", command, code, how.code, tail(said))
		}
	}
	for command := range readme {
		if !met[command] {
			t.Errorf("the README has no line %s any more", command)
		}
	}
	if len(met) < 40 {
		t.Errorf("only %d commands were found", len(met))
	}
}
