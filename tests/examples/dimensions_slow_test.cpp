// SPDX-License-Identifier: MIT
// The dimension calculator as its users run it: every format can be read, all say the same, and what
// the tutorials print is what it prints.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "dimensions/models.hpp"
#include "support/program.hpp"
#include "support/temporary_folder.hpp"
#include "support/xml.hpp"

namespace dimensions_slow_test {

namespace fs = std::filesystem;
using nlohmann::json;
using support::expect_failure;
using support::Result;

const std::string program = std::string(LAMINA_EXAMPLES_DIR) + "/dimensions";

Result run(const std::string& arguments) {
  return support::run(program + " " + arguments);
}

/// What the program prints when all is well.
std::string printed(const std::string& arguments) {
  const Result result = run(arguments);
  EXPECT_EQ(result.code, 0) << result.output;
  return result.output;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

std::size_t occurrences(const std::string& text, const std::string& words) {
  std::size_t count = 0;
  for (auto at = text.find(words); at != text.npos; at = text.find(words, at + 1))
    ++count;
  return count;
}

/// The cells of a line of a CSV: commas separate them, but not inside quotes.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      cells.emplace_back();
    else
      cells.back() += c;
  }
  EXPECT_FALSE(quoted) << line;
  return cells;
}

json model_of(const std::string& name) {
  return json::parse(printed("--format json --model " + name)).at("models").at(0);
}

/// The shapes of the maps that layers of this kind put out.
std::vector<std::vector<int>> outputs(const json& model, const std::string& kind) {
  std::vector<std::vector<int>> shapes;
  for (const json& layer : model.at("layers"))
    if (layer.at("layer").get<std::string>().starts_with(kind))
      shapes.push_back(layer.at("output").get<std::vector<int>>());
  return shapes;
}

using Shapes = std::vector<std::vector<int>>;

TEST(Dimensions, PyTorchsTutorial) {
  // sum(p.numel() for p in net.parameters()) of the tutorial's netG and netD
  const json generator = model_of("pytorch64-generator");
  EXPECT_EQ(generator.at("parameters"), 3'576'704);
  EXPECT_EQ(outputs(generator, "ConvTranspose2d"),
            (Shapes{{512, 4, 4}, {256, 8, 8}, {128, 16, 16}, {64, 32, 32}, {3, 64, 64}}));
  const json discriminator = model_of("pytorch64-discriminator");
  EXPECT_EQ(discriminator.at("parameters"), 2'765'568);
  EXPECT_EQ(outputs(discriminator, "Conv2d"),
            (Shapes{{64, 32, 32}, {128, 16, 16}, {256, 8, 8}, {512, 4, 4}, {1, 1, 1}}));
  const json& first = discriminator.at("layers").at(0);
  EXPECT_EQ(first.at("layer"), "Conv2d<3, 64, 4, 2, 1>");
  EXPECT_EQ(first.at("kernel"), 4);
  EXPECT_EQ(first.at("stride"), 2);
  EXPECT_EQ(first.at("padding"), 1);
  EXPECT_EQ(first.at("input"), (std::vector<int>{3, 64, 64}));
  EXPECT_EQ(first.at("height_formula"), "(64 + 2*1 - 4)/2 + 1 = 32");
  EXPECT_EQ(first.at("multiply_adds"), 64 * 32 * 32 * 3 * 16);
  EXPECT_EQ(first.at("receptive_field"), 4);
}

TEST(Dimensions, TensorFlowsTutorial) {
  // Keras's summary says 2,330,944, of which 25,472 are running statistics.
  const json generator = model_of("tensorflow28-generator");
  EXPECT_EQ(generator.at("parameters"), 2'305'472);
  EXPECT_EQ(outputs(generator, "Unflatten"), (Shapes{{256, 7, 7}}));
  EXPECT_EQ(outputs(generator, "ConvTranspose2d"),
            (Shapes{{128, 7, 7}, {64, 14, 14}, {1, 28, 28}}));
  EXPECT_TRUE(generator.at("layers").at(0).at("kernel").is_null());
  EXPECT_TRUE(generator.at("layers").at(0).at("receptive_field").is_null());
  const json discriminator = model_of("tensorflow28-discriminator");
  EXPECT_EQ(discriminator.at("parameters"), 212'865);
  EXPECT_EQ(outputs(discriminator, "Conv2d"), (Shapes{{64, 14, 14}, {128, 7, 7}}));
  EXPECT_EQ(outputs(discriminator, "Linear"), (Shapes{{1}}));
}

TEST(Dimensions, TheRepositorysOwnModels) {
  EXPECT_EQ(model_of("cnn-encoder").at("parameters"), 435'104);
  EXPECT_EQ(model_of("cnn-decoder").at("parameters"), 434'977);
  EXPECT_EQ(model_of("fc-encoder").at("parameters"), 566'144);
  EXPECT_EQ(model_of("fc-decoder").at("parameters"), 566'800);
  // 32 (9 + 1) + 64 (9 * 32 + 1) + 128 (3136 + 1) + 10 (128 + 1)
  EXPECT_EQ(model_of("classifier").at("parameters"), 421'642);
  EXPECT_EQ(outputs(model_of("classifier"), "MaxPool2d"), (Shapes{{32, 14, 14}, {64, 7, 7}}));
  EXPECT_EQ(outputs(model_of("vae-encoder"), "Flatten"), (Shapes{{256}}));
  EXPECT_EQ(outputs(model_of("grey64-generator"), "Tanh"), (Shapes{{1, 64, 64}}));
  const json unet = model_of("unet");
  EXPECT_EQ(unet.at("layers").back().at("output"), (std::vector<int>{1, 28, 28}));
  EXPECT_EQ(outputs(unet, "Concat"), (Shapes{{64, 14, 14}, {32, 28, 28}}));
  EXPECT_EQ(outputs(model_of("dcgan28-generator"), "ConvTranspose2d"),
            (Shapes{{256, 7, 7}, {128, 14, 14}, {1, 28, 28}}));
  EXPECT_EQ(outputs(model_of("dcgan28-discriminator"), "Conv2d"),
            (Shapes{{64, 14, 14}, {128, 7, 7}, {1, 1, 1}}));
}

TEST(Dimensions, JsonHasEveryLayerOfEveryModel) {
  const json entries = json::parse(printed("--format json")).at("models");
  ASSERT_EQ(entries.size(), examples::models.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(entries[i].at("name"), examples::models[i].name);
    EXPECT_EQ(entries[i].at("layers").size(), examples::models[i].rows.size());
    std::int64_t parameters = 0, multiply_adds = 0;
    for (const json& layer : entries[i].at("layers")) {
      parameters += layer.at("parameters").get<std::int64_t>();
      multiply_adds += layer.at("multiply_adds").get<std::int64_t>();
    }
    EXPECT_EQ(entries[i].at("parameters"), parameters);
    EXPECT_EQ(entries[i].at("multiply_adds"), multiply_adds);
  }
}

TEST(Dimensions, CsvHasAsManyCellsInEveryLine) {
  const auto lines = lines_of(printed("--format csv"));
  std::size_t layers = 0;
  for (const auto& model : examples::models)
    layers += model.rows.size();
  ASSERT_EQ(lines.size(), layers + 1);
  for (const std::string& line : lines)
    EXPECT_EQ(cells_of(line).size(), 14U) << line;
  const auto header = cells_of(lines[0]);
  const auto first = cells_of(lines_of(printed("--format csv --model cnn-encoder")).at(1));
  const auto cell = [&](const char* name) {
    return first.at(static_cast<std::size_t>(std::ranges::find(header, name) - header.begin()));
  };
  EXPECT_EQ(cell("model"), "cnn-encoder");
  EXPECT_EQ(cell("layer"), "Conv2d<1, 32, 4, 2, 1>");
  EXPECT_EQ(cell("output"), "32 x 14 x 14");
  EXPECT_EQ(cell("width_formula"), "(28 + 2*1 - 4)/2 + 1 = 14");
  EXPECT_EQ(cell("parameters"), "544");
}

TEST(Dimensions, MarkdownHasTablesOfAsManyCells) {
  const std::string text = printed("--format markdown");
  EXPECT_EQ(occurrences(text, "\n|---|"), examples::models.size());
  for (const std::string& line : lines_of(text))
    EXPECT_EQ(std::ranges::count(line, '|'), line.starts_with('|') ? 12 : 0) << line;
  EXPECT_NE(text.find("| `(7 - 1)*2 - 2*1 + 4 = 14` |"), text.npos)
      << "formulas are code, as * means emphasis";
}

TEST(Dimensions, TextHasAlignedColumns) {
  const auto lines = lines_of(printed("--model pytorch64-generator"));
  const std::string& header = lines.at(3);
  EXPECT_TRUE(header.starts_with("path  layer ")) << header;
  const auto at = [&](const char* name) { return header.find(name); };
  const std::string& second = lines.at(7);
  EXPECT_EQ(second.substr(at("layer"), 15), "ConvTranspose2d");
  EXPECT_EQ(second.substr(at("filter"), 5), "4 x 4");
  EXPECT_EQ(second.substr(at("stride"), 2), "2 ");
  EXPECT_EQ(second.substr(at("padding"), 2), "1 ");
  EXPECT_EQ(second.substr(at("input"), 12), "512 x 4 x 4 ");
  EXPECT_EQ(second.substr(at("output"), 12), "256 x 8 x 8 ");
  EXPECT_EQ(second.substr(at("formula"), 23), "(4 - 1)*2 - 2*1 + 4 = 8");
  EXPECT_EQ(second.substr(at("parameters"), 10), " 2,097,152");
  EXPECT_EQ(second.substr(at("multiply-adds"), 13), "   33,554,432");
  EXPECT_NE(lines.at(18).find("3,576,704    104,628,224"), std::string::npos) << lines.at(18);
}

TEST(Dimensions, PageHasAllTablesAndDrawingsAndNeedsNothingElse) {
  const std::string page = printed("--format html");
  EXPECT_EQ(occurrences(page, "<table"), examples::models.size());
  EXPECT_EQ(occurrences(page, "</table>"), examples::models.size());
  std::size_t drawings = 0;
  for (auto at = page.find("<svg"); at != page.npos; at = page.find("<svg", at + 1)) {
    const auto svg = support::read_xml(page.substr(at, page.find("</svg>", at) + 6 - at));
    EXPECT_EQ(svg.all("title").at(0).text, examples::models.at(drawings++).title);
  }
  EXPECT_EQ(drawings, examples::models.size());
  for (const char* const word : {"<script", "<link", "<img", "src=", "href=", "@import", "url("})
    EXPECT_EQ(page.find(word), page.npos) << word;
}

TEST(Dimensions, FilesHoldWhatIsPrinted) {
  const support::TemporaryFolder folder;
  const fs::path out = folder / "a/b";
  const Result result = run("--out " + out.string());
  ASSERT_EQ(result.code, 0) << result.output;
  std::size_t files = 1;
  for (const auto& model : examples::models) {
    const std::string name(model.name);
    for (const auto& [extension, format] :
         {std::pair{".txt", "text"}, {".md", "markdown"}, {".csv", "csv"}, {".json", "json"}}) {
      EXPECT_EQ(support::content(out / (name + extension)),
                printed("--model " + name + " --format " + format));
      ++files;
    }
    const auto svg = support::read_xml(support::content(out / (name + ".svg")));
    EXPECT_EQ(svg.all("rect", "front").size() + svg.all("rect", "vector").size(),
              svg.all("text", "layer").size() + 1);
    ++files;
  }
  EXPECT_EQ(support::content(out / "dimensions.html"), printed("--format html"));
  EXPECT_EQ(static_cast<std::size_t>(std::distance(fs::directory_iterator(out), {})), files);
}

TEST(Dimensions, OnlyChosenModelsAreWritten) {
  const support::TemporaryFolder folder;
  ASSERT_EQ(run("--model cnn-decoder fc-encoder --out " + folder.path().string()).code, 0);
  EXPECT_EQ(folder.file_count(), 11U);
  EXPECT_TRUE(fs::exists(folder / "cnn-decoder.svg"));
  EXPECT_EQ(occurrences(support::content(folder / "dimensions.html"), "<svg"), 2U);
}

TEST(Dimensions, TheDocumentShowsItsDrawing) {
  const support::TemporaryFolder folder;
  ASSERT_EQ(run("--model pytorch64-generator --out " + folder.path().string()).code, 0);
  const fs::path image = fs::path(LAMINA_TEST_DATA) / "../../docs/images/pytorch64-generator.svg";
  EXPECT_EQ(support::content(folder / "pytorch64-generator.svg"), support::content(image));
}

TEST(DimensionsErrors, WrongUsageIsExitCode2) {
  expect_failure(run("--model dcgan65"), 2, "--model");
  expect_failure(run("--format pdf"), 2, "--format");
  expect_failure(run("--out"), 2, "--out");
  expect_failure(run("--no-such-option"), 2, "--no-such-option");
}

TEST(DimensionsErrors, WhatCannotBeWrittenIsExitCode1) {
  const support::TemporaryFolder folder;
  folder.write("file", "not a folder");
  expect_failure(run("--out " + (folder / "file").string()), 1, "file");
  expect_failure(run("--out " + (folder / "file/below").string()), 1, "file");
  fs::create_directories(folder / "out/cnn-encoder.md");
  expect_failure(run("--model cnn-encoder --out " + (folder / "out").string()), 1,
                 "cnn-encoder.md");
  expect_failure(support::run("(" + program + " > /dev/full)"), 1, "standard output");
}

}  // namespace dimensions_slow_test
