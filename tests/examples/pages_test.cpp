// SPDX-License-Identifier: MIT
// The pages of the practical: marks in templates, and the runs whose figures they stand for.

#include "practical/pages.hpp"

#include <filesystem>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "support/error_text.hpp"
#include "support/temporary_folder.hpp"

namespace pages_test {

using examples::text_of;
using support::says;

class Pages : public testing::Test {
 protected:
  Pages() {
    for (const char* folder : {"templates", "runs/fc", "runs/cnn", "runs/study/setting-1"})
      std::filesystem::create_directories(folder_ / folder);
    folder_.write("runs/fc/metrics.csv", "epoch,test_mse,seconds\n1,0.04,2.5\n2,0.03,2.25\n");
    folder_.write("runs/cnn/metrics.csv", "epoch,test_mse,seconds\n1,0.02,9\n");
    folder_.write("runs/fc/settings.json", R"({"epochs": 2, "schedule": "cosine"})");
    folder_.write("runs/fc/result.json", R"({"verdict": "stable", "score": 31.4159})");
    folder_.write("runs/fc/loss.png", "no picture, but its bytes");
    folder_.write("runs/study/setting-1/settings.json",
                  R"({"learning_rate": 0.001, "beta1": 0.5, "width": 64, "batch_size": 128,
                      "label_smoothing": 0})");
    folder_.write("runs/study/setting-1/result.json",
                  R"({"verdict": "collapsed", "score": 99.96})");
  }

  /// The page made of a template.
  std::string filled(const std::string& text) {
    folder_.write("templates/page.md", text);
    const auto pages = examples::make_pages(
        {folder_ / "templates", folder_ / "runs", folder_ / "pages"}, {{"unet", 39'578'112}});
    EXPECT_EQ(pages.size(), 1U);
    return text_of(pages.at(0));
  }
  std::string error_of(const std::string& text) {
    return support::error_text<std::runtime_error>([&] { filled(text); });
  }

  support::TemporaryFolder folder_;
};

TEST_F(Pages, HoldFiguresOfRuns) {
  EXPECT_EQ(filled("no mark"), "no mark");
  EXPECT_EQ(filled("a {{last fc test_mse 3}} b {{first fc test_mse 2}}"), "a 0.030 b 0.04");
  EXPECT_EQ(filled("{{sum fc seconds 2}} s"), "4.75 s");
  EXPECT_EQ(filled("{{ratio fc test_mse cnn test_mse 1}}"), "1.5");
  EXPECT_EQ(filled("{{setting fc epochs}} {{setting fc schedule}}"), "2 cosine");
  EXPECT_EQ(filled("{{result fc verdict}} {{result fc score 1}}"), "stable 31.4");
  EXPECT_EQ(filled("{{multiply_adds unet}} million"), "39.6 million");
}

TEST_F(Pages, HoldTables) {
  EXPECT_EQ(filled("{{table fc epoch test_mse:3}}"),
            "| epoch | test_mse |\n|---:|---:|\n| 1 | 0.040 |\n| 2 | 0.030 |");
  const auto study = filled("{{study study}}");
  EXPECT_NE(study.find("| 1 | 0.001 | 0.5 | 64 | 128 | 0 | 100.0 | collapsed |"), std::string::npos)
      << study;
}

TEST_F(Pages, LieBesideTheirPictures) {
  EXPECT_EQ(filled("![loss]({{picture fc/loss.png}})"), "![loss](images/fc-loss.png)");
  EXPECT_EQ(text_of(folder_ / "pages/images/fc-loss.png"), "no picture, but its bytes");
}

TEST_F(Pages, NameTheMarkThatCannotBeFilledIn) {
  EXPECT_TRUE(says(error_of("{{lats fc test_mse 3}}"), "{{lats fc test_mse 3}}"));
  EXPECT_TRUE(says(error_of("{{multiply_adds vnet}}"), "vnet"));
  EXPECT_TRUE(says(error_of("{{setting fc colour}}"), "'fc'", "'colour'", "settings.json"));
  EXPECT_TRUE(says(error_of("{{last fc mse 3}}"), "mse"));
  EXPECT_TRUE(says(error_of("{{last gan mse 3}}"), "gan"));
  EXPECT_TRUE(says(error_of("{{last fc test_mse"), "not closed"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "pages/page.md"));
}

}  // namespace pages_test
