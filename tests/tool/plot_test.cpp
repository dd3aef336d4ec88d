// SPDX-License-Identifier: BSD-3-Clause
#include "tool/report/plot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace sagips_tool {
namespace {

TEST(Svg, EscapesWhatWouldBeMarkup) {
  Svg svg("id", "a < b", "\"quoted\" & more", 10, 10);
  svg.text({1, 2}, Anchor::kStart, "key", "<script>");
  const std::string text = svg.finish();
  EXPECT_NE(text.find("a &lt; b"), std::string::npos);
  EXPECT_NE(text.find("&quot;quoted&quot; &amp; more"), std::string::npos);
  EXPECT_EQ(text.find("<script>"), std::string::npos);
}

TEST(Plot, ThinningKeepsExtremesAndOrder) {
  std::vector<Point> points;
  for (int i = 0; i < 10000; ++i) points.push_back({double(i), std::sin(0.01 * i)});
  points[4567].y = 9.0;
  points[1234].y = -9.0;
  const std::vector<Point> kept = thinned(points, 100);
  EXPECT_LE(kept.size(), 202u);
  const auto by_y = [](const Point& left, const Point& right) { return left.y < right.y; };
  EXPECT_EQ(std::max_element(kept.begin(), kept.end(), by_y)->x, 4567.0);
  EXPECT_EQ(std::min_element(kept.begin(), kept.end(), by_y)->x, 1234.0);
  EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end(), [](const Point& left, const Point& right) {
    return left.x < right.x;
  }));
  EXPECT_EQ(kept.back().x, 9999.0);
}

TEST(Plot, ShortCurvesAreKeptWhole) {
  EXPECT_EQ(thinned({{0, 1}, {1, 2}, {2, 3}}, 2).size(), 3u);
  EXPECT_TRUE(thinned({}, 5).empty());
}

}  // namespace
}  // namespace sagips_tool
