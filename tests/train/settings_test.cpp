// SPDX-License-Identifier: MIT
// Settings: JSON there and back, and sentences for what is missing, damaged or different.

#include "lamina/train/settings.hpp"

#include <cstdint>
#include <fstream>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace settings_test {

using lamina::train::Settings;
using support::content;
using support::message_of;
using support::TemporaryFolder;

Settings example() {
  Settings settings;
  settings.set("model", "cnn");
  settings.set("epochs", 10);
  settings.set("learning_rate", 1e-3F);
  settings.set("seed", (std::numeric_limits<std::uint64_t>::max)());
  settings.set("resized", false);
  return settings;
}

TEST(Settings, SurviveTheRoundTrip) {
  const TemporaryFolder folder;
  example().write(folder / "settings.json");
  const auto read = Settings::read(folder / "settings.json");
  EXPECT_EQ(read, example());
  EXPECT_EQ(read.get<std::string>("model"), "cnn");
  EXPECT_EQ(read.get<int>("epochs"), 10);
  EXPECT_EQ(read.get<float>("learning_rate"), 1e-3F);
  EXPECT_EQ(read.get<std::uint64_t>("seed"), (std::numeric_limits<std::uint64_t>::max)());
  EXPECT_FALSE(read.get<bool>("resized"));
  EXPECT_EQ(read.get_or("epochs", 3), 10);
  EXPECT_EQ(read.get_or("beta", 1.5), 1.5);
}

TEST(Settings, KeepTheirOrder) {
  const auto lines = example().as_text();
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[0], (std::pair<std::string, std::string>{"model", "cnn"}));
  EXPECT_EQ(lines[4], (std::pair<std::string, std::string>{"resized", "false"}));
}

TEST(Settings, AMissingNameOrAnotherTypeIsASentence) {
  const TemporaryFolder folder;
  std::ofstream{folder / "settings.json"}
      << R"({"model": 3, "epochs": -1, "seed": 1.5, "threads": true})";
  const auto settings = Settings::read(folder / "settings.json");
  EXPECT_NE(message_of([&] { settings.get<int>("batch"); }).find("settings.json' have no 'batch'"),
            std::string::npos);
  EXPECT_NE(message_of([&] { settings.get<std::string>("model"); }).find("'model' has the value 3"),
            std::string::npos);
  EXPECT_NE(message_of([&] { settings.get<std::uint64_t>("epochs"); }), "")
      << "a negative number wrapped around";
  EXPECT_NE(message_of([&] { settings.get<int>("seed"); }), "") << "a fraction was cut off";
  EXPECT_NE(message_of([&] { settings.get<int>("threads"); }), "");
}

TEST(Settings, ADamagedFileIsASentence) {
  const TemporaryFolder folder;
  for (const char* text : {"", "{\"model\":", "[1, 2]", "{} trailing"}) {
    std::ofstream{folder / "settings.json"} << text;
    EXPECT_NE(message_of([&] { Settings::read(folder / "settings.json"); }).find("is damaged"),
              std::string::npos)
        << text;
  }
  EXPECT_NE(message_of([&] { Settings::read(folder / "none"); }).find("cannot read"),
            std::string::npos);
}

TEST(Settings, ResumingNamesEveryDifference) {
  auto asked = example();
  EXPECT_EQ(message_of([&] { example().require_same(asked, {"model", "seed"}); }), "");
  asked.set("model", "fc");
  asked.set("seed", 2);
  const auto message =
      message_of([&] { example().require_same(asked, {"model", "epochs", "seed"}); });
  EXPECT_NE(message.find("model cnn (asked: fc), seed 18446744073709551615 (asked: 2)"),
            std::string::npos)
      << message;
  EXPECT_EQ(message.find("epochs"), std::string::npos) << message;
}

TEST(Settings, TextThatIsNoUtf8IsWrittenAnyway) {
  const TemporaryFolder folder;
  Settings settings;
  settings.set("data", std::string{"/data/\xff"});
  settings.write(folder / "settings.json");
  EXPECT_EQ(Settings::read(folder / "settings.json").get<std::string>("data"),
            "/data/\xEF\xBF\xBD");
}

}  // namespace settings_test
