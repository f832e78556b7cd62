// SPDX-License-Identifier: MIT
#pragma once
// A run's figures as CSV: a line of column names, then one row of numbers per epoch (or per N
// steps). The file is replaced as a whole with each row, so that a crash never leaves half a row
// behind.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lamina/core/isa.hpp"
#include "lamina/io/atomic_file.hpp"

namespace lamina::inline LAMINA_ISA::train {

/// Named columns of numbers. A figure that does not exist is NaN.
struct MetricsTable {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows;

  bool has_column(std::string_view name) const {
    return std::ranges::find(columns, name) != columns.end();
  }

  /// The column's figures from the first row to the last.
  std::vector<double> column(std::string_view name) const;

  /// The figure in the last row; NaN in an empty table.
  double last(std::string_view name) const;
};

/// errors run: no such file, other than a table of numbers (names file and line)
MetricsTable read_metrics(const std::filesystem::path& path);

/// The CSV text: 9 significant digits, which restore any float.
std::string to_csv(const MetricsTable& table);

/// The table of a run in progress, on disk after every row.
class MetricsFile {
 public:
  /// Starts an empty table; a file of this name is replaced.
  MetricsFile(std::filesystem::path path, std::vector<std::string> columns);

  /// Goes on with a table from an earlier run, whose columns must be the same. Rows whose first
  /// column (the epoch or step, which grows from row to row) is beyond `last_kept` came after the
  /// checkpoint and are dropped.
  static MetricsFile resume(std::filesystem::path path, std::vector<std::string> columns,
                            double last_kept);

  /// One figure per column.
  void append(std::span<const double> row);
  void append(std::initializer_list<double> row) { append(std::span{row.begin(), row.size()}); }

  const MetricsTable& table() const { return table_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  MetricsFile(std::filesystem::path path, MetricsTable table);
  void save() const { write_file_atomically(path_, to_csv(table_)); }

  std::filesystem::path path_;
  MetricsTable table_;
};

namespace detail {

inline std::vector<std::string> split_csv_line(std::string_view line) {
  std::vector<std::string> cells;
  std::size_t begin = 0;
  while (true) {
    const auto comma = line.find(',', begin);
    cells.emplace_back(line.substr(begin, comma - begin));
    if (comma == std::string_view::npos) return cells;
    begin = comma + 1;
  }
}

/// The number that fills the whole cell.
inline bool parse_number(std::string_view cell, double& number) {
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), number);
  return error == std::errc{} && end == cell.data() + cell.size();
}

inline std::string csv_number(double number) {
  if (std::isnan(number)) return "nan";  // to_chars would keep a sign
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::general, 9)
          .ptr;
  return {text.data(), end};
}

[[noreturn]] inline void bad_metrics(const std::filesystem::path& path, std::size_t line,
                                     const std::string& what) {
  throw std::runtime_error("'" + path.string() + "', line " + std::to_string(line) + ": " + what +
                           "; the file is damaged or was not written by a training run");
}

}  // namespace detail

inline std::vector<double> MetricsTable::column(std::string_view name) const {
  const auto found = std::ranges::find(columns, name);
  if (found == columns.end()) {
    std::string known;
    for (const auto& column : columns)
      known += (known.empty() ? "" : ", ") + column;
    throw std::runtime_error("these metrics have no column '" + std::string{name} +
                             "'; they have: " + known);
  }
  const auto index = static_cast<std::size_t>(found - columns.begin());
  std::vector<double> figures;
  figures.reserve(rows.size());
  for (const auto& row : rows)
    figures.push_back(row[index]);
  return figures;
}

inline double MetricsTable::last(std::string_view name) const {
  const auto figures = column(name);
  return figures.empty() ? std::nan("") : figures.back();
}

inline MetricsTable read_metrics(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in)
    throw std::runtime_error("cannot read '" + path.string() +
                             "'; is this the folder of a training run?");
  std::ostringstream buffer;
  buffer << in.rdbuf();
  const std::string text = std::move(buffer).str();

  MetricsTable table;
  std::size_t line_number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    ++line_number;
    const auto end = text.find('\n', begin);
    if (end == std::string::npos)
      detail::bad_metrics(path, line_number, "the last line is cut off");
    std::string_view line{text.data() + begin, end - begin};
    if (line.ends_with('\r')) line.remove_suffix(1);  // edited on Windows
    begin = end + 1;

    auto cells = detail::split_csv_line(line);
    if (line_number == 1) {
      if (std::ranges::any_of(cells, [](const std::string& name) { return name.empty(); }))
        detail::bad_metrics(path, 1, "expected the names of the columns");
      table.columns = std::move(cells);
      continue;
    }
    if (cells.size() != table.columns.size())
      detail::bad_metrics(path, line_number,
                          "expected " + std::to_string(table.columns.size()) + " figures, got " +
                              std::to_string(cells.size()));
    std::vector<double> row(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (!detail::parse_number(cells[i], row[i]))
        detail::bad_metrics(
            path, line_number,
            "expected a number for " + table.columns[i] + ", got '" + cells[i] + "'");
    table.rows.push_back(std::move(row));
  }
  if (line_number == 0) detail::bad_metrics(path, 1, "the file is empty");
  return table;
}

inline std::string to_csv(const MetricsTable& table) {
  std::string text;
  const auto add_line = [&text](const auto& cells, auto&& as_text) {
    for (std::size_t i = 0; i < cells.size(); ++i)
      (text += i == 0 ? "" : ",") += as_text(cells[i]);
    text += '\n';
  };
  add_line(table.columns, [](const std::string& name) { return name; });
  for (const auto& row : table.rows)
    add_line(row, detail::csv_number);
  return text;
}

inline MetricsFile::MetricsFile(std::filesystem::path path, MetricsTable table)
    : path_(std::move(path)), table_(std::move(table)) {
  save();
}

inline MetricsFile::MetricsFile(std::filesystem::path path, std::vector<std::string> columns)
    : MetricsFile(std::move(path), MetricsTable{std::move(columns), {}}) {}

inline MetricsFile MetricsFile::resume(std::filesystem::path path, std::vector<std::string> columns,
                                       double last_kept) {
  auto table = read_metrics(path);
  if (table.columns != columns)
    throw std::runtime_error(
        "'" + path.string() +
        "' has other columns than this version writes; start a new run instead of resuming");
  std::erase_if(table.rows, [last_kept](const auto& row) { return row.front() > last_kept; });
  return {std::move(path), std::move(table)};
}

inline void MetricsFile::append(std::span<const double> row) {
  if (row.size() != table_.columns.size())
    throw std::invalid_argument("a row of '" + path_.string() + "' has " +
                                std::to_string(table_.columns.size()) + " figures, got " +
                                std::to_string(row.size()));
  table_.rows.emplace_back(row.begin(), row.end());
  save();
}

}  // namespace lamina::inline LAMINA_ISA::train
