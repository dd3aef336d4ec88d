// SPDX-License-Identifier: BSD-3-Clause
// The report: complete, made again from checkpoints alone, and fetching nothing.

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "command.h"

namespace tool_test {
namespace {

int count(const std::string& text, const std::string& word) {
  int found = 0;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

void expect_self_contained(std::string html) {
  const std::string svg = "http://www.w3.org/2000/svg";
  for (size_t at; (at = html.find(svg)) != std::string::npos;) html.erase(at, svg.size());
  for (const char* word : {"http:", "https:", "src=", "<link", "<script", "@import", "<iframe",
                           "url(\"", "url('", "url(/", "data:"}) {
    EXPECT_EQ(html.find(word), std::string::npos) << word;
  }
  EXPECT_EQ(count(html, "url("), count(html, "url(#"));
}

// Every picture has a title and a description of its own.
void expect_accessible(const std::string& html) {
  const int pictures = count(html, "<svg ");
  EXPECT_EQ(count(html, "role=\"img\""), pictures);
  EXPECT_EQ(count(html, "-desc\">"), 2 * pictures);  // where it is named, and where it stands
  std::set<std::string> ids;
  const std::string before = " id=\"";
  for (size_t at = 0; (at = html.find(before, at)) != std::string::npos;) {
    at += before.size();
    const std::string id = html.substr(at, html.find('"', at) - at);
    EXPECT_TRUE(ids.insert(id).second) << "twice: " << id;
  }
}

std::string closing_table(const std::string& html) {
  const size_t begin = html.find("The estimate against the truth");
  return begin == std::string::npos ? "" : html.substr(begin, html.find("</table>", begin) - begin);
}

class Report : public testing::Test {
 protected:
  void run(const Words& words) {
    const Result result = call(tiny_run(folder_ / "run", words));
    ASSERT_EQ(result.code, 0) << result.err;
  }
  std::string html() const { return read(folder_ / "run/report.html"); }

  TemporaryFolder folder_;
};

TEST_F(Report, IsSelfContainedAndAccessible) {
  run({"--epochs", "60"});
  expect_self_contained(html());
  expect_accessible(html());
  EXPECT_EQ(count(html(), "<svg "),
            16);  // mean, pulls, 6 residuals, 2 spectra, 4 small, 2 matrices
}

TEST_F(Report, ShowsEverySection) {
  run({"--problem", "kuma6", "--epochs", "60"});
  for (const char* heading :
       {"Accuracy", "Residuals against training time", "Data and synthetic events", "Training",
        "Correlations", "Checkpoints", "Options", "Provenance"}) {
    EXPECT_EQ(count(html(), std::string("<h2>") + heading + "</h2>"), 1) << heading;
  }
  EXPECT_NE(html().find("<tr class=\"changed\"><th scope=\"row\"><code>generator.hidden</code>"),
            std::string::npos);
  EXPECT_NE(html().find("sagips run --events 20000"), std::string::npos);
  EXPECT_NE(html().find("run, none failed"), std::string::npos);
}

TEST_F(Report, IsMadeAgainFromCheckpointsAlone) {
  run({"--epochs", "60"});
  const std::string before = html();
  for (const char* part : {"report.html", "metrics.csv", "summary.json"}) {
    std::filesystem::remove(folder_ / ("run/" + std::string(part)));
  }
  const Result result = call({"report", folder_ / "run"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, (folder_ / "run/report.html") + "\n");
  expect_self_contained(html());
  EXPECT_FALSE(closing_table(before).empty());
  EXPECT_EQ(closing_table(html()), closing_table(before));
}

TEST_F(Report, GoesWhereItIsTold) {
  run({"--epochs", "4"});
  ASSERT_EQ(call({"report", folder_ / "run", "--output", folder_ / "other.html"}).code, 0);
  EXPECT_GT(read(folder_ / "other.html").size(), 10000u);
  EXPECT_EQ(call({"report", folder_ / "run", "--output", folder_ / "none/other.html"}).code, 1);
}

TEST_F(Report, LeavesOutADamagedCheckpointAndSaysSo) {
  run({"--epochs", "40"});
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(checkpoint_of(folder_ / "run", 20))) {
    if (entry.is_regular_file()) std::filesystem::resize_file(entry.path(), 10);
  }
  const Result result = call({"report", folder_ / "run"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(count(html(), "Left out: "), 1);
}

TEST_F(Report, SaysThatAnEstimateWhereItStartedDoesNotFit) {
  run({"--epochs", "1"});
  EXPECT_NE(html().find("\u2717 does not fit"), std::string::npos);
  EXPECT_EQ(html().find("\u2713 fits"), std::string::npos);
}

TEST_F(Report, NeedsACheckpoint) {
  run({"--epochs", "2"});
  std::filesystem::remove_all(folder_ / "run/checkpoints");
  const Result result = call({"report", folder_ / "run"});
  EXPECT_EQ(result.code, 1);
  EXPECT_NE(result.err.find("no checkpoint"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace tool_test
