#!/bin/sh
# How the corpora beside this file were made: once, by the programs of their time, and never again. It is kept to be read.
#
#   make.sh CODE-2 CODE-3 CODE-4 CODE-6 CODE-7
#
# names the programs, built from the commits that README.md says. It was run in an empty folder, /srv/millrace, on a host that
# was called millrace for as long; told.py put what the programs said into the files format-1.json and so on.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
code2=$1 code3=$2 code4=$3 code6=$4 code7=$5

printf 'filter: [{min_chars: 12}]\n' >settings.yaml
printf 'filter: [{min_chars: 12}]\nsinks: {use: [parquet, arrow]}\n' >both.yaml

# begin CORPUS: a corpus of this name is made next, from an inbox where no file has come yet.
begin() {
	corpus=$1 version=0
	mkdir -p told inbox
	rm -r inbox
}

# did PROGRAM COMMAND...: one version more, and what the program said of it and of the live files. Exit code 4 is that
# something was rejected.
did() {
	program=$1
	shift
	version=$((version + 1))
	"$program" "$@" --json >"told/$corpus.$version.said.json" || test $? -eq 4
	"$program" files "$corpus" --json >"told/$corpus.$version.files.json"
	"$program" log "$corpus" --json >"told/$corpus.$version.log.json"
	# Code version 6 asks of manifests what 2 and 3 did not count yet.
	"$program" verify "$corpus" || test "$corpus" = formats-1-2-3
}

# night PROGRAM NUMBER [SETTINGS]: the files of a night come into the inbox, over those of the same name, and a run takes what is new.
night() {
	mkdir -p inbox
	cp -R "$here/nights/$2/." inbox
	(cd "$here/nights/$2" && find . -type f) | while read -r file; do touch -d "2024-05-0$2T22:00:00Z" "inbox/$file"; done
	did "$1" run inbox --out "$corpus" --config "${3-settings}.yaml"
}

begin format-1
night "$code2" 1
night "$code2" 2 both
night "$code2" 3

begin format-2
night "$code4" 1
night "$code4" 2
night "$code4" 3
night "$code4" 4
night "$code4" 5                  # and the index of the four before becomes one run
did "$code4" drop format-2 5
did "$code4" compact format-2
did "$code4" run inbox --out format-2 --config settings.yaml # the night that was dropped, again

begin format-3
night "$code7" 1
night "$code7" 2 both
night "$code7" 3
did "$code7" drop format-3 3
did "$code7" run inbox --out format-3 --config settings.yaml
did "$code7" compact format-3
night "$code7" 4
night "$code7" 5                  # and the index of the four runs before becomes one

begin formats-1-2-3
night "$code2" 1
night "$code3" 2
night "$code6" 3
did "$code6" compact formats-1-2-3

rm -rf ./*/.millrace
