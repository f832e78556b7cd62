// SPDX-License-Identifier: MIT
// Fills the pages of docs/practical in: text from templates, every figure and picture from run folders.

#include <filesystem>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "common/program.hpp"
#include "dimensions/models.hpp"
#include "pages.hpp"

int main(int argc, char** argv) {
  examples::PageFolders folders;
  CLI::App app("Makes the pages of the practical from templates and finished runs.", "practical");
  app.add_option("--templates", folders.templates, "folder of *.md with marks to fill in")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--runs", folders.runs, "folder of the run folders that the marks name")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_option("--pages", folders.pages, "folder for the pages and their pictures")->required();
  return examples::run_program(app, argc, argv, [&] {
    examples::MultiplyAdds multiply_adds;
    for (const auto& model : examples::models)
      multiply_adds.emplace(model.name, model.multiply_adds());
    for (const auto& page : examples::make_pages(folders, multiply_adds))
      std::cout << page.string() << '\n';
    return 0;
  });
}
