// SPDX-License-Identifier: MIT
#pragma once
// How far an epoch is: on a terminal one line that is redrawn, elsewhere (a file, a pipe, CI) a
// plain line now and then, or nothing at all. POSIX.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/ioctl.h>
#include <unistd.h>

#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA::train {

enum class ProgressStyle { redrawn, lines, quiet };

/// A number to show beside the bar: {"loss", 0.0123}.
struct Figure {
  std::string_view name;
  double value;
};

using Figures = std::vector<Figure>;

/// Where and how progress is shown. The defaults look at what standard error is.
struct ProgressOutput {
  static ProgressStyle detect_style();
  static int detect_width();
  static bool detect_unicode();
  static double seconds_now();

  std::ostream* stream = &std::cerr;
  ProgressStyle style = detect_style();
  int width = detect_width();  // columns of the terminal
  bool unicode = detect_unicode();
  std::function<double()> clock = seconds_now;
};

/// The progress of one epoch (or of any counted work), from construction to `finish`.
class ProgressBar {
 public:
  /// `images_after`: how many images the epochs after this one have, for the time left of the whole
  /// run.
  ProgressBar(std::string label, std::size_t images, std::size_t images_after = 0,
              ProgressOutput output = {});
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// After each step; draws when it is time to. The clock of the epoch stops once all images are
  /// done.
  void update(std::size_t images_done, const Figures& figures);

  /// The line that stays, with the epoch's final figures.
  void finish(const Figures& figures);

  double seconds() const { return seconds_; }
  double images_per_second() const {
    return seconds_ > 0 ? static_cast<double>(done_) / seconds_ : 0;
  }

 private:
  void redraw(const std::string& line);
  std::string bar_line(const Figures& figures) const;
  std::string bar(int columns) const;
  std::string summary(const Figures& figures) const;
  std::string epoch_left() const;
  std::string run_left() const;  // what follows epoch_left, if more epochs do
  double share() const {
    return total_ == 0 ? 1 : static_cast<double>(done_) / static_cast<double>(total_);
  }

  static constexpr double redraw_interval = 0.1;  // seconds
  static constexpr double line_interval = 2, longest_silence = 30;

  std::string label_;
  std::size_t total_;
  std::size_t after_;
  ProgressOutput output_;
  double started_;
  double seconds_ = 0;
  double last_drawn_ = 0;  // seconds since the start
  std::size_t done_ = 0;
  int tenths_shown_ = 0;
  bool line_open_ = false;
};

namespace detail {

/// "0:42", "12:03", "1:02:03"
inline std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(std::lround((std::min)(seconds, 3.6e8)));
  std::array<char, 32> text{};
  if (whole < 3600)
    std::snprintf(text.data(), text.size(), "%ld:%02ld", whole / 60, whole % 60);
  else
    std::snprintf(text.data(), text.size(), "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60,
                  whole % 60);
  return text.data();
}

/// "12,345", and "4.2" below ten.
inline std::string rate_text(double rate) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), rate < 10 ? "%.1f" : "%.0f", rate);
  std::string digits = text.data();
  if (rate < 10) return digits;
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(digits.begin() + at, ',');
  return digits;
}

inline std::string figures_text(const Figures& figures, std::string_view separator) {
  std::string line;
  for (const auto& [name, value] : figures) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.4g", value);
    if (!line.empty()) line += separator;
    (line += name) += ' ';
    line += text.data();
  }
  return line;
}

}  // namespace detail

inline ProgressStyle ProgressOutput::detect_style() {
  const char* const terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view{terminal} == "dumb";
  return ::isatty(STDERR_FILENO) == 1 && !dumb ? ProgressStyle::redrawn : ProgressStyle::lines;
}

inline int ProgressOutput::detect_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

inline bool ProgressOutput::detect_unicode() {
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale{value};
    return locale.find("UTF-8") != locale.npos || locale.find("utf8") != locale.npos;
  }
  return false;
}

inline double ProgressOutput::seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline ProgressBar::ProgressBar(std::string label, std::size_t images, std::size_t images_after,
                                ProgressOutput output)
    : label_(std::move(label)),
      total_(images),
      after_(images_after),
      output_(std::move(output)),
      started_(output_.clock()) {
  if (output_.style == ProgressStyle::redrawn) redraw(bar_line({}));
}

inline ProgressBar::~ProgressBar() {
  if (line_open_) *output_.stream << std::endl;  // what comes next starts on a line of its own
}

inline void ProgressBar::update(std::size_t images_done, const Figures& figures) {
  if (done_ < total_) seconds_ = output_.clock() - started_;
  done_ = (std::min)(images_done, total_);
  const double silence = seconds_ - last_drawn_;
  switch (output_.style) {
    case ProgressStyle::quiet:
      return;
    case ProgressStyle::redrawn:
      if (silence < redraw_interval && done_ < total_) return;
      redraw(bar_line(figures));
      break;
    case ProgressStyle::lines: {
      const int tenths = static_cast<int>(share() * 10);
      const bool due =
          (tenths > tenths_shown_ && silence >= line_interval) || silence >= longest_silence;
      if (!due || done_ == total_) return;  // finish has the last word
      tenths_shown_ = tenths;
      std::array<char, 16> percent{};
      std::snprintf(percent.data(), percent.size(), "%3.0f %%", 100 * share());
      *output_.stream << label_ << "  " << percent.data() << "  "
                      << detail::figures_text(figures, "  ") << "  "
                      << detail::rate_text(images_per_second()) << " images/s  " << epoch_left()
                      << run_left() << std::endl;
    }
  }
  last_drawn_ = seconds_;
}

inline void ProgressBar::finish(const Figures& figures) {
  switch (output_.style) {
    case ProgressStyle::quiet:
      return;
    case ProgressStyle::redrawn:
      *output_.stream << '\r' << summary(figures) << "\x1b[K" << std::endl;
      break;
    case ProgressStyle::lines:
      *output_.stream << summary(figures) << std::endl;
  }
  line_open_ = false;
}

inline void ProgressBar::redraw(const std::string& line) {
  *output_.stream << '\r' << line << "\x1b[K" << std::flush;
  line_open_ = true;
}

/// The label, a bar and as many of the other facts as there is room for; the least important go
/// first. The bar's length depends on the terminal only, so that it does not jump about.
inline std::string ProgressBar::bar_line(const Figures& figures) const {
  const auto room =
      static_cast<std::size_t>((std::max)(output_.width - 1, 0));  // a full last column would wrap
  const int columns = output_.width >= 100 ? 24 : 12;
  std::array<char, 16> percent{};
  std::snprintf(percent.data(), percent.size(), " %3.0f %%", 100 * share());

  std::string loss, rate, left, run;
  if (figures.size() > 0) loss = "  " + detail::figures_text(figures, "  ");
  if (done_ > 0) {
    rate = "  " + detail::rate_text(images_per_second()) + " images/s";
    left = "  " + epoch_left();
    run = run_left();
  }
  const auto length = [&] {
    return label_.size() + 1 + static_cast<std::size_t>(columns) +
           std::string_view{percent.data()}.size() + loss.size() + rate.size() + left.size() +
           run.size();
  };
  for (std::string* const least : {&run, &rate, &left, &loss})
    if (length() > room) least->clear();
  if (length() > room) return (label_ + percent.data()).substr(0, room);
  return label_ + " " + bar(columns) + percent.data() + loss + rate + left + run;
}

inline std::string ProgressBar::bar(int columns) const {
  const int full = static_cast<int>(std::lround(share() * columns));
  std::string text;
  for (int column = 0; column < columns; ++column) {
    if (column < full)
      text += output_.unicode ? "━" : "#";
    else
      text += output_.unicode ? "─" : ".";
  }
  return text;
}

inline std::string ProgressBar::summary(const Figures& figures) const {
  std::string line = label_;
  if (figures.size() > 0) line += "  " + detail::figures_text(figures, "  ");
  return line + "  " + detail::rate_text(images_per_second()) + " images/s  " +
         detail::clock_text(seconds_);
}

inline std::string ProgressBar::epoch_left() const {
  const double rate = images_per_second();
  return rate > 0 ? detail::clock_text(static_cast<double>(total_ - done_) / rate) + " left" : "";
}

inline std::string ProgressBar::run_left() const {
  const double rate = images_per_second();
  if (rate <= 0 || after_ == 0) return "";
  return ", run " + detail::clock_text(static_cast<double>(total_ - done_ + after_) / rate);
}

}  // namespace lamina::inline LAMINA_ISA::train
