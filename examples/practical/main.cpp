// SPDX-License-Identifier: MIT
// Fills the pages of docs/practical in: text from templates, every figure and picture from run folders.

#include <iostream>

#include "common/command_line.hpp"
#include "dimensions/models.hpp"
#include "pages.hpp"

int main(int argc, char** argv) {
  examples::PageFolders folders;
  examples::CommandLine line("Makes the pages of the practical from templates and finished runs.",
                             "practical");
  line.add("--templates", folders.templates, "folder of *.md with marks to fill in",
           examples::required(examples::existing_folder()));
  line.add("--runs", folders.runs, "folder of the run folders that the marks name",
           examples::required(examples::existing_folder()));
  line.add("--pages", folders.pages, "folder for the pages and their pictures",
           examples::required());
  return line.run(argc, argv, [&] {
    examples::MultiplyAdds multiply_adds;
    for (const auto& model : examples::models)
      multiply_adds.emplace(model.name, model.multiply_adds());
    for (const auto& page : examples::make_pages(folders, multiply_adds))
      std::cout << page.string() << '\n';
    return 0;
  });
}
