// SPDX-License-Identifier: MIT
#pragma once
// How reports look: one column that fits a phone, light or dark as the reader prefers, ink-saving
// on paper.

#include <string_view>

#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA::plot::detail {

inline constexpr std::string_view report_style = R"css(
:root {
  --paper: #ffffff; --ink: #262c36; --faded: #5d6673; --line: #e1e5ea; --band: #f5f7f9;
  --accent: #2f7fc4; --card: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181d; --ink: #dfe3e8; --faded: #9aa4b1; --line: #2f3640; --band: #1d2229;
    --accent: #63aef0; --card: #ffffff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.6 system-ui, "Segoe UI", Roboto, "Liberation Sans", "DejaVu Sans", sans-serif;
}
main { max-width: 66rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
header { border-bottom: 3px solid var(--accent); padding-bottom: .9rem; margin-bottom: 1.6rem; }
h1 { font-size: clamp(1.5rem, 5vw, 2.1rem); line-height: 1.2; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 2.6rem 0 .7rem; }
.subtitle { color: var(--faded); margin: .4rem 0 0; overflow-wrap: anywhere; }
p, li { max-width: 46rem; }
p { margin: .7rem 0; overflow-wrap: break-word; }
.note {
  background: var(--band); border-left: 4px solid var(--accent); border-radius: 0 .4rem .4rem 0;
  padding: .7rem 1rem; margin: 1.1rem 0;
}
figure { margin: 1.3rem 0 1.7rem; }
.picture img {
  display: block; max-width: 100%; height: auto; background: var(--card);
  border: 1px solid var(--line); border-radius: .5rem;
}
.picture { overflow-x: auto; }
.picture svg { display: block; border: 1px solid var(--line); border-radius: .5rem; }
/* On a phone pictures scroll, so that the texts in them stay legible. */
@media (max-width: 40rem) { .picture img { max-width: 38rem; } }
figcaption { color: var(--faded); font-size: .92rem; margin-top: .5rem; max-width: 46rem; }
.table { overflow-x: auto; margin: 1.1rem 0; }
table { border-collapse: collapse; font-size: .93rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--faded); padding-bottom: .4rem; }
th, td { text-align: left; vertical-align: top; padding: .38rem .9rem .38rem .55rem; }
.close { font-size: .8rem; }
.close th, .close td { padding: .3rem .55rem .3rem .3rem; white-space: nowrap; }
thead th { border-bottom: 2px solid var(--line); white-space: nowrap; }
tbody tr { border-bottom: 1px solid var(--line); }
tbody tr:nth-child(even) { background: var(--band); }
.number { text-align: right; white-space: nowrap; }
pre {
  overflow-x: auto; background: var(--band); border-radius: .5rem; padding: .9rem 1rem;
  font: .85rem/1.45 ui-monospace, "DejaVu Sans Mono", "Liberation Mono", Consolas, monospace;
}
@media print {
  :root { --paper: #ffffff; --ink: #000000; --faded: #444444; --line: #bbbbbb; --band: #ffffff; }
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  figure, tr, .note { break-inside: avoid; }
  h2 { break-after: avoid; }
  pre { white-space: pre-wrap; border: 1px solid var(--line); }
}
)css";

}  // namespace lamina::inline LAMINA_ISA::plot::detail
