#!/usr/bin/env bash
# Writes the page of every cause, as operators and as visitors see it, and photographs each in light and dark, at desktop and phone width.
#   tests/gallery.sh [DIR] [--readme]      DIR: artifacts/gallery; --readme: refresh the README's pictures in docs/ too
# The pages need no browser; the pictures need Chromium and Python; contact sheets (DIR/sheets) need ImageMagick.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=artifacts/gallery readme=
for argument in "$@"; do
  case $argument in
    --readme) readme=1 ;;
    -*) printf 'usage: tests/gallery.sh [DIR] [--readme]\n' >&2; exit 2 ;;
    *) folder=$argument ;;
  esac
done

dotnet build src/ProxyGate -c Release -v quiet --nologo
program=src/ProxyGate/bin/Release/net10.0/proxygate
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
rm -rf "$folder/operator" "$folder/public" "$folder/pictures" "$folder/sheets"
"$program" demo --gallery "$folder"

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [[ -z $browser ]] || ! command -v python3 >/dev/null; then
  printf 'No pictures: Chromium and Python are needed for them.\n'
  exit 0
fi

shots=() # page, scheme, width, whole page or its beginning, picture
for view in operator public; do
  for page in "$folder/$view"/*.html; do
    name=$(basename "$page" .html)
    for scheme in light dark; do
      shots+=("$page $scheme 1100 whole $folder/pictures/$view/$name.desktop.$scheme.png" "$page $scheme 390 whole $folder/pictures/$view/$name.phone.$scheme.png")
    done
  done
done
if [[ -n $readme ]]; then
  shots+=("$folder/operator/connect_refused.html light 1000 1150 $PWD/docs/operator-page.png" "$folder/public/connect_refused.html light 1000 620 $PWD/docs/public-page.png")
fi

printf '%s\n' "${shots[@]}" | python3 tests/gallery.py "$browser"

if command -v montage >/dev/null; then
  mkdir -p "$folder/sheets"
  for view in operator public; do
    for kind in desktop.light desktop.dark phone.light phone.dark; do
      pictures=("$folder/pictures/$view"/*."$kind".png)
      # Fifteen at a time, each made small as it is read: whole pages are more than ImageMagick may keep in memory.
      for ((first = 0, sheet = 1; first < ${#pictures[@]}; first += 15, sheet++)); do
        some=("${pictures[@]:first:15}")
        montage -label '%t' "${some[@]/%/[400x]}" -tile 5x3 -geometry '400x1000>+6+6' -gravity north -background gray70 \
          "$folder/sheets/$view.$kind.$(printf %02d "$sheet").jpg"
      done
    done
  done
fi

if [[ -n $readme ]] && command -v convert >/dev/null; then
  for picture in docs/operator-page.png docs/public-page.png; do
    convert "$picture" -strip -colors 64 -define png:compression-level=9 "PNG8:$picture.small" && mv "$picture.small" "$picture"
  done
fi
printf 'Pictures: %s\n' "$folder/pictures"
