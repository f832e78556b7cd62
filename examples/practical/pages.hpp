// SPDX-License-Identifier: MIT
#pragma once
// Marks in templates and what they stand for:
//   {{last RUN COLUMN DIGITS}}   the column's figure in the last row of RUN/metrics.csv
//   {{first RUN COLUMN DIGITS}}  in its first row
//   {{sum RUN COLUMN DIGITS}}    the sum of the column
//   {{ratio RUN COLUMN RUN COLUMN DIGITS}}  the last figure of one run over that of another
//   {{setting RUN NAME}}         a value of RUN/settings.json
//   {{result RUN NAME}}          a value of RUN/result.json
//   {{result RUN NAME DIGITS}}   a figure there
//   {{multiply_adds NETWORK}}    what an image costs in one pass, in millions
//   {{table RUN COLUMN:DIGITS ...}}  the columns as a table
//   {{study RUN}}                a table of a study: each setting's values, score and verdict
//   {{picture RUN/FILE}}         copies the picture to the pages' folder and gives its new name

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lamina/io/atomic_file.hpp"
#include "lamina/train/metrics.hpp"
#include "lamina/train/run_folder.hpp"
#include "lamina/train/settings.hpp"

#include "common/numbers.hpp"
#include "common/run_report.hpp"

namespace examples {

struct PageFolders {
  std::filesystem::path templates, runs, pages;
};

using MultiplyAdds = std::map<std::string, std::int64_t, std::less<>>;

/// errors run: no such file
inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read '" + path.string() + "'");
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

class PageFiller {
 public:
  PageFiller(const PageFolders& folders, const MultiplyAdds& multiply_adds)
      : folders_{folders}, multiply_adds_{multiply_adds} {}

  /// The text with all marks filled in.
  /// errors run: a mark that is none, a run or column that is not there
  std::string fill(const std::string& text) const {
    std::string page;
    std::size_t at = 0;
    while (true) {
      const std::size_t begin = text.find("{{", at);
      page += text.substr(at, begin - at);
      if (begin == std::string::npos) return page;
      const std::size_t end = text.find("}}", begin);
      if (end == std::string::npos)
        throw std::runtime_error("a mark is not closed: " + text.substr(begin, 40));
      page += value_of(text.substr(begin + 2, end - begin - 2));
      at = end + 2;
    }
  }

 private:
  using Words = std::vector<std::string>;

  std::string value_of(const std::string& mark) const {
    std::istringstream in(mark);
    Words words{std::istream_iterator<std::string>(in), {}};
    const std::string kind = words.empty() ? "" : words.front();
    if (kind == "table" && words.size() >= 3) return table(words);
    if (kind == "study" && words.size() >= 2) return study(words[1]);
    if (kind == "picture" && words.size() == 2) return picture(words[1]);
    if (kind == "setting" && words.size() == 3)
      return value_in(lamina::train::RunFolder::settings_name, words[1], words[2]);
    if (kind == "result" && words.size() == 3) return value_in(result_name, words[1], words[2]);
    if (kind == "multiply_adds" && words.size() == 2 && multiply_adds_.contains(words[1]))
      return with_digits(1e-6 * static_cast<double>(multiply_adds_.at(words[1])), 1);
    if (kind == "ratio" && words.size() == 6)
      return with_digits(last(words[1], words[2]) / last(words[3], words[4]), std::stoi(words[5]));
    if (words.size() == 4) {
      const int digits = std::stoi(words[3]);
      if (kind == "result") return with_digits(result_of(words[1]).get<double>(words[2]), digits);
      if (kind == "last") return with_digits(last(words[1], words[2]), digits);
      const auto column = metrics(words[1]).column(words[2]);
      if (kind == "first") return with_digits(column.at(0), digits);
      if (kind == "sum") {
        double sum = 0.0;
        for (const double value : column)
          sum += value;
        return with_digits(sum, digits);
      }
    }
    throw std::runtime_error("no mark that can be filled in: {{" + mark + "}}");
  }

  lamina::train::MetricsTable metrics(const std::string& run) const {
    return lamina::train::read_metrics(folders_.runs / run / "metrics.csv");
  }
  double last(const std::string& run, const std::string& column) const {
    return metrics(run).last(column);
  }

  std::string value_in(std::string_view file, const std::string& run,
                       const std::string& name) const {
    for (const auto& [key, value] :
         lamina::train::Settings::read(folders_.runs / run / file).as_text())
      if (key == name) return value;
    throw std::runtime_error("the run '" + run + "' has no '" + name + "' in " + std::string(file));
  }
  lamina::train::Settings result_of(const std::string& run) const {
    return lamina::train::Settings::read(folders_.runs / run / result_name);
  }

  /// A row of a table; g++ 12 warns wrongly of "| " + text.
  static std::string row_of(const Words& cells) {
    std::string row = "|";
    for (const auto& cell : cells)
      row.append(" ").append(cell).append(" |");
    return row;
  }
  static std::string rule_of(std::size_t columns, const char* last = "---:|") {
    std::string rule = "|";
    for (std::size_t i = 1; i < columns; ++i)
      rule += "---:|";
    return rule + last;
  }

  std::string table(const Words& words) const {
    const auto metrics_of_run = metrics(words[1]);
    Words names;
    std::vector<std::vector<double>> columns;
    std::vector<int> digits;
    for (std::size_t i = 2; i < words.size(); ++i) {
      const std::size_t colon = words[i].find(':');
      names.push_back(words[i].substr(0, colon));
      digits.push_back(colon == std::string::npos ? 0 : std::stoi(words[i].substr(colon + 1)));
      columns.push_back(metrics_of_run.column(names.back()));
    }
    std::string text = row_of(names) + "\n" + rule_of(names.size());
    for (std::size_t row = 0; row < metrics_of_run.rows.size(); ++row) {
      Words cells;
      for (std::size_t i = 0; i < columns.size(); ++i)
        cells.push_back(std::isnan(columns[i][row]) ? "" : with_digits(columns[i][row], digits[i]));
      text.append("\n").append(row_of(cells));
    }
    return text;
  }

  /// Settings 1, 2, ... of a study, as far as there are any.
  std::string study(const std::string& run) const {
    const Words settings{"learning_rate", "beta1", "width", "batch_size", "label_smoothing"};
    Words names{"setting"};
    names.insert(names.end(), settings.begin(), settings.end());
    names.insert(names.end(), {"score", "verdict"});
    std::string text = row_of(names) + "\n" + rule_of(names.size(), "---|");
    for (int number = 1;; ++number) {
      const std::string folder = run + "/setting-" + std::to_string(number);
      if (!std::filesystem::exists(folders_.runs / folder / result_name)) break;
      const auto result = result_of(folder);
      Words cells{std::to_string(number)};
      for (const auto& name : settings)
        cells.push_back(value_in(lamina::train::RunFolder::settings_name, folder, name));
      const double score = result.get_or("score", not_taken);
      cells.push_back(std::isnan(score) ? "-" : with_digits(score, 1));
      cells.push_back(result.get<std::string>("verdict"));
      text.append("\n").append(row_of(cells));
    }
    return text;
  }

  std::string picture(const std::string& file) const {
    std::string name = file;
    std::ranges::replace(name, '/', '-');
    const auto folder = folders_.pages / "images";
    std::filesystem::create_directories(folder);
    lamina::write_file_atomically(folder / name, text_of(folders_.runs / file));
    return "images/" + name;
  }

  PageFolders folders_;
  MultiplyAdds multiply_adds_;
};

/// Fills every template in and returns the pages' paths. Nothing is written before all are filled.
inline std::vector<std::filesystem::path> make_pages(const PageFolders& folders,
                                                     const MultiplyAdds& multiply_adds) {
  const PageFiller filler(folders, multiply_adds);
  std::vector<std::pair<std::filesystem::path, std::string>> pages;
  for (const auto& entry : std::filesystem::directory_iterator(folders.templates))
    if (entry.path().extension() == ".md")
      pages.emplace_back(folders.pages / entry.path().filename(),
                         filler.fill(text_of(entry.path())));
  std::ranges::sort(pages);
  std::filesystem::create_directories(folders.pages);
  std::vector<std::filesystem::path> written;
  for (const auto& [path, text] : pages) {
    lamina::write_file_atomically(path, text);
    written.push_back(path);
  }
  return written;
}

}  // namespace examples
