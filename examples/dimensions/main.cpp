// SPDX-License-Identifier: MIT
// Prints and writes the tables and diagrams of the networks in models.hpp.

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "lamina/io/atomic_file.hpp"

#include "common/command_line.hpp"
#include "data.hpp"
#include "models.hpp"
#include "page.hpp"
#include "table.hpp"

namespace examples {
namespace {

namespace fs = std::filesystem;

struct DimensionsOptions {
  std::vector<std::string> model;  ///< empty: all
  std::string format = "text";
  std::string out;  ///< empty: no files
};

std::vector<std::string> names() {
  std::vector<std::string> all(models.size());
  std::ranges::transform(models, all.begin(), &ModelEntry::name);
  return all;
}

std::string formatted(std::span<const ModelEntry> chosen, std::string_view format) {
  if (format == "csv") return as_csv(chosen);
  if (format == "json") return as_json(chosen);
  if (format == "html") return as_page(chosen);
  if (format == "markdown") return as_markdown(chosen);
  return as_text(chosen);
}

void write_files(std::span<const ModelEntry> chosen, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw std::runtime_error("cannot create the folder " + folder.string() + ": " +
                             error.message() + "; choose another");
  for (const ModelEntry& model : chosen) {
    const std::span one(&model, 1);
    const auto write = [&](const char* extension, const std::string& text) {
      lamina::write_file_atomically(folder / (std::string(model.name) + extension), text);
    };
    write(".txt", as_text(one));
    write(".md", as_markdown(one));
    write(".csv", as_csv(one));
    write(".json", as_json(one));
    write(".svg", as_svg(model));
  }
  const fs::path page = folder / "dimensions.html";
  lamina::write_file_atomically(page, as_page(chosen));
  std::cerr << "tables and diagrams are in " << page.string() << " and the files beside it\n";
}

int run(const DimensionsOptions& options) {
  std::vector<ModelEntry> chosen;
  for (const ModelEntry& model : models)
    if (options.model.empty() ||
        std::ranges::find(options.model, model.name) != options.model.end())
      chosen.push_back(model);
  if (!options.out.empty()) write_files(chosen, options.out);
  std::cout << formatted(chosen, options.format) << std::flush;
  if (!std::cout) throw std::runtime_error("cannot write to standard output");
  return 0;
}

}  // namespace
}  // namespace examples

int main(int argc, char** argv) {
  examples::DimensionsOptions options;
  examples::CommandLine line(
      "Prints and writes the dimensions of networks: the compiler has computed them.",
      "dimensions");
  line.add("--model", options.model, "the network, or several (default: all)",
           examples::one_of(examples::names()));
  line.add_with_default("--format", options.format, "what is printed",
                        examples::one_of({"text", "markdown", "html", "csv", "json"}));
  line.add("--out", options.out,
           "folder for files: NAME.txt, .md, .csv, .json and .svg of each network, and "
           "dimensions.html with all of them");
  return line.run(argc, argv, [&] { return examples::run(options); });
}
