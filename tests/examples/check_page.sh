#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# check_page.sh BROWSER PAGE: opens a page in a headless Chromium, as wide as a phone, and says what is
# wrong with it: missing pictures, script errors, parts that are wider than the screen.
set -euo pipefail
browser=$1 page=$2

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
{
  cat <<'END'
<!DOCTYPE html>
<meta charset="utf-8">
<pre id="result">the page was not loaded</pre>
<script>
  var faults = [];  // the page reaches it as parent.faults
  function check(frame) {
    const page = frame.contentDocument;
    const root = page.documentElement;
    const drawings = page.querySelectorAll("svg");
    for (const image of page.images)
      if (!image.complete || image.naturalWidth === 0) faults.push("missing picture: " + image.alt);
    for (const drawing of drawings)
      if (drawing.getBoundingClientRect().height === 0) faults.push("an empty drawing");
    if (root.scrollWidth > root.clientWidth)
      faults.push("wider than a phone: " + root.scrollWidth + " of " + root.clientWidth);
    if (page.body.innerText.trim() === "") faults.push("no text");
    document.getElementById("result").textContent = faults.length > 0
      ? faults.join("\n")
      : "fine: " + (page.images.length + drawings.length) + " pictures";
  }
</script>
END
  printf '<iframe width="390" height="844" onload="check(this)" srcdoc="'
  sed -e 's|<head>|<head><script>onerror = (fault) => parent.faults.push("script: " + fault)</script>|' \
    -e 's/&/\&amp;/g' -e 's/"/\&quot;/g' "$page"
  printf '"></iframe>\n'
} >"$folder/check.html"

"$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
  --user-data-dir="$folder/profile" \
  --virtual-time-budget=20000 --dump-dom "file://$folder/check.html" 2>"$folder/log" >"$folder/dom" ||
  { cat "$folder/log"; exit 2; }
result=$(perl -0777 -ne 'print $1 if m|<pre id="result">(.*?)</pre>|s' "$folder/dom")
echo "$result"
[[ $result == fine:* ]]
