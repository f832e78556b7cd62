// SPDX-License-Identifier: MIT
#pragma once
// What charts show and say, without what draws them: this header does not need CImg.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/plot/color.hpp"

namespace lamina::inline LAMINA_ISA::plot {

struct ChartOptions {
  std::string title{};
  std::string x_label{};
  std::string y_label{};
  bool log_y = false;
  std::optional<std::pair<double, double>> y_range{};  // otherwise the data's
  int width = 880;
  int height = 480;
};

/// One curve. Where y (or x) is NaN or infinite it has a gap; a point alone between gaps is a dot.
struct Series {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;
  std::optional<Color> color{};  // otherwise the palette's next
  bool dashed = false;
};

}  // namespace lamina::inline LAMINA_ISA::plot
