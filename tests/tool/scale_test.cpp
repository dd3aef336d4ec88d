// SPDX-License-Identifier: BSD-3-Clause
#include "tool/report/scale.h"

#include <gtest/gtest.h>

#include <cmath>
#include <ostream>

namespace sagips_tool {
namespace {

struct Case {
  ScaleKind kind;
  double low, high, bend;
};

void PrintTo(const Case& one, std::ostream* stream) {
  *stream << "kind " << static_cast<int>(one.kind) << " from " << one.low << " to " << one.high;
}

class Scales : public testing::TestWithParam<Case> {
 protected:
  Scale placed() const {
    Scale scale(GetParam().kind, GetParam().low, GetParam().high, GetParam().bend);
    scale.place(200.0, 20.0);
    return scale;
  }
};

TEST_P(Scales, EndsAreWhereTheyWerePlaced) {
  EXPECT_NEAR(placed()(GetParam().low), 200.0, 1e-9);
  EXPECT_NEAR(placed()(GetParam().high), 20.0, 1e-9);
}

TEST_P(Scales, LabelledTicksAreInsideAndApart) {
  constexpr double kGap = 20.0;
  const Scale scale = placed();
  const double slack = 1e-6 * (GetParam().high - GetParam().low);
  std::vector<double> pixels;
  for (const Tick& tick : scale.ticks(kGap)) {
    EXPECT_GE(tick.value, GetParam().low - slack);
    EXPECT_LE(tick.value, GetParam().high + slack);
    if (tick.label.empty()) continue;
    for (double other : pixels) EXPECT_GE(std::fabs(other - scale(tick.value)), kGap - 1e-6);
    pixels.push_back(scale(tick.value));
  }
  EXPECT_GE(pixels.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(All, Scales,
                         testing::Values(Case{ScaleKind::kLinear, 0, 3.1, 1},
                                         Case{ScaleKind::kLinear, -0.0021, 0.0007, 1},
                                         Case{ScaleKind::kLinear, 12345, 99999999, 1},
                                         Case{ScaleKind::kLog, 0.3, 140, 1},
                                         Case{ScaleKind::kLog, 1.2, 8, 1},
                                         Case{ScaleKind::kLog, 1e-9, 1e9, 1},
                                         Case{ScaleKind::kAsinh, -90, 250, 1.2},
                                         Case{ScaleKind::kAsinh, -0.3, 0.3, 0.1}));

TEST(ScaleLabels, AreShortAndHaveATrueMinus) {
  EXPECT_EQ(label_of(-0.5), "\u22120.5");
  EXPECT_EQ(label_of(1e6), "10\u2076");
  EXPECT_EQ(label_of(2e-5), "2\u00b710\u207b\u2075");
  EXPECT_EQ(label_of(0.0), "0");
  EXPECT_EQ(label_of(-1.234, 1), "\u22121.2");
}

}  // namespace
}  // namespace sagips_tool
