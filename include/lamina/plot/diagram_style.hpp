// SPDX-License-Identifier: MIT
#pragma once
// How diagrams look, light or dark as the reader prefers. Every rule says layer-diagram, as the rules
// of an SVG inside a page are the page's.

#include <string_view>

#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA::plot::detail {

inline constexpr std::string_view diagram_style = R"css(
.layer-diagram { font: 12px system-ui, "Liberation Sans", "DejaVu Sans", sans-serif; }
.layer-diagram text { fill: #262c36; }
.layer-diagram .title { font-size: 15px; font-weight: 600; }
.layer-diagram .label, .layer-diagram .layer, .layer-diagram .detail { text-anchor: middle; }
.layer-diagram .layer { font-weight: 600; }
.layer-diagram .detail, .layer-diagram .note { fill: #5d6673; }
.layer-diagram .paper { fill: #ffffff; }
.layer-diagram .front, .layer-diagram .top, .layer-diagram .side, .layer-diagram .vector {
  stroke: #1f4e79; stroke-linejoin: round;
}
.layer-diagram .front { fill: #8fbfe6; }
.layer-diagram .top { fill: #c9e0f4; }
.layer-diagram .side { fill: #5f97c6; }
.layer-diagram .vector { fill: #f0b860; stroke: #8a5a10; }
.layer-diagram .arrow { stroke: #5d6673; }
.layer-diagram .head { fill: #5d6673; }
.layer-diagram .scale { stroke: #262c36; stroke-width: 2px; }
@media screen and (prefers-color-scheme: dark) {
  .layer-diagram text { fill: #dfe3e8; }
  .layer-diagram .detail, .layer-diagram .note { fill: #9aa4b1; }
  .layer-diagram .paper { fill: #15181d; }
  .layer-diagram .front, .layer-diagram .top, .layer-diagram .side { stroke: #b5d8f7; }
  .layer-diagram .front { fill: #3f78ab; }
  .layer-diagram .top { fill: #5d97ca; }
  .layer-diagram .side { fill: #2a557f; }
  .layer-diagram .vector { fill: #b07a2a; stroke: #f5d193; }
  .layer-diagram .arrow { stroke: #9aa4b1; }
  .layer-diagram .head { fill: #9aa4b1; }
  .layer-diagram .scale { stroke: #dfe3e8; }
}
)css";

}  // namespace lamina::inline LAMINA_ISA::plot::detail
