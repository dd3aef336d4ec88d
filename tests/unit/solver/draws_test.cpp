// SPDX-License-Identifier: BSD-3-Clause
// Which uniforms a model gets (option `draws`): Latin hypercubes in training, row by row, and
// nowhere else; rows with equal draws, shifted ones too, the same.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/latin_hypercube.h"
#include "solver/training_plan.h"
#include "unit/core/core_testing.h"
#include "unit/solver/solver_testing.h"

namespace sagips {
namespace {

constexpr int64_t kWidth = 3;  // uniforms of an event of the model

struct Seen {
  bool is_training;
  int64_t n_rows, n_events;
  std::vector<double> uniforms;  // (N, E, kWidth)

  View<const double> row(int64_t n) const {
    return {uniforms.data() + n * n_events * kWidth, n_events * kWidth};
  }
};

struct Witness {
  std::vector<Seen> seen;
};

int32_t witnessed_forward(void* user, sagips_batch* b) {
  const double* u = b->uniforms;
  static_cast<Witness*>(user)->seen.push_back(
      {b->training == 1, b->n_rows, b->n_events, {u, u + b->n_rows * b->n_events * kWidth}});
  return gaussian_forward(nullptr, b);
}

int32_t plain_backward(void*, sagips_batch* b) { return gaussian_backward(nullptr, b); }

bool is_hypercube(const Seen& batch, int64_t n) {
  for (int64_t d = 0; d < kWidth; ++d) {
    std::vector<bool> is_hit(at(batch.n_events));
    for (int64_t e = 0; e < batch.n_events; ++e) {
      const double u = batch.row(n)[e * kWidth + d];
      is_hit[at(static_cast<int64_t>(u * static_cast<double>(batch.n_events)))] = true;
    }
    if (std::find(is_hit.begin(), is_hit.end(), false) != is_hit.end()) return false;
  }
  return true;
}

enum class Route { kVjp, kSmooth, kJumping, kSmoothed };

class Draws : public testing::TestWithParam<Route> {
 protected:
  Draws() : witness_(std::make_shared<Witness>()) {
    problem_ = gaussian_problem(3000);
    Stage stage = gaussian_stage(Form::kPlain, {});
    stage.forward = witnessed_forward;
    stage.user = witness_;
    if (GetParam() == Route::kVjp) stage.backward = plain_backward;
    stage.is_smooth = GetParam() == Route::kSmooth;
    if (GetParam() == Route::kSmoothed) stage.scheme = SAGIPS_SMOOTHED;
    problem_.datasets[0].pipeline = pipeline_of(stage);
  }
  std::vector<Seen> train(const std::string& draws, const Settings& changes = {}) {
    Settings all = {{"draws", draws},
                    {"epochs", "3"},
                    {"rows", "2"},
                    {"events", "50"},
                    {"generator.input", "noise"}};
    all.insert(all.end(), changes.begin(), changes.end());
    witness_->seen.clear();
    Solver solver(problem_, small_options(all));
    solver.step(3);
    solver.estimate();
    solver.assess(0);
    return witness_->seen;
  }
  std::shared_ptr<Witness> witness_;
  Problem problem_;
};

TEST_P(Draws, AreHypercubesInTrainingAndNowhereElse) {
  int64_t in_training = 0, elsewhere = 0;
  for (const Seen& batch : train("latin_hypercube"))
    for (int64_t n = 0; n < batch.n_rows; ++n) {
      EXPECT_EQ(is_hypercube(batch, n), batch.is_training);
      ++(batch.is_training ? in_training : elsewhere);
    }
  EXPECT_GE(in_training, 6);  // three epochs of two rows
  EXPECT_GT(elsewhere, 0);
}

TEST_P(Draws, AreNeverHypercubesWhereTheyAreIndependent) {
  for (const Seen& batch : train("independent"))
    for (int64_t n = 0; n < batch.n_rows; ++n) EXPECT_FALSE(is_hypercube(batch, n));
}

TEST_P(Draws, ShiftedRowsSeeTheNumbersOfTheirRow) {
  int64_t shifted = 0;
  for (const Seen& batch : train("latin_hypercube")) {
    if (!batch.is_training || batch.n_rows == 2) continue;  // rows of the generator
    const int64_t pair = GetParam() == Route::kSmoothed ? 2 : batch.n_rows / 2;
    for (int64_t n = 0; n < batch.n_rows; ++n) {
      const View<const double> one = batch.row(n), first = batch.row(n / pair * pair);
      EXPECT_TRUE(std::equal(one.begin(), one.end(), first.begin())) << n;
      ++shifted;
    }
    const View<const double> first = batch.row(0), last = batch.row(batch.n_rows - 1);
    EXPECT_FALSE(std::equal(first.begin(), first.end(), last.begin()));
  }
  EXPECT_EQ(shifted > 0, GetParam() != Route::kVjp);
}

TEST_P(Draws, AreTheIndependentOnesInOtherPlaces) {  // common random numbers of the two
  const std::vector<Seen> latin = train("latin_hypercube"), plain = train("independent");
  ASSERT_EQ(latin.size(), plain.size());
  for (size_t i = 0; i < latin.size(); ++i) {
    if (!latin[i].is_training) {
      EXPECT_EQ(latin[i].uniforms, plain[i].uniforms);
      continue;
    }
    const auto n = static_cast<double>(latin[i].n_events);
    for (size_t k = 0; k < plain[i].uniforms.size(); ++k) {
      const double scaled = latin[i].uniforms[k] * n;
      ASSERT_NEAR(scaled - std::floor(scaled), plain[i].uniforms[k], 1e-12);
    }
  }
}

TEST_P(Draws, DifferFromEpochToEpochAndRowToRow) {
  std::vector<std::vector<double>> orders;
  for (const Seen& batch : train("latin_hypercube")) {
    if (!batch.is_training || batch.n_rows != 2) continue;
    for (int64_t n = 0; n < 2; ++n) {
      orders.emplace_back();
      for (int64_t e = 0; e < batch.n_events; ++e)
        orders.back().push_back(std::floor(batch.row(n)[e * kWidth] * 50));
    }
  }
  ASSERT_GE(orders.size(), 6U);
  for (size_t i = 0; i < orders.size(); ++i)
    for (size_t j = 0; j < i; ++j) EXPECT_NE(orders[i], orders[j]);
}

TEST_P(Draws, OfSingleEventsAreTheIndependentOnes) {
  const Settings single = {{"rows", "3"}, {"events", "1"}};
  const std::vector<Seen> latin = train("latin_hypercube", single);
  const std::vector<Seen> plain = train("independent", single);
  ASSERT_EQ(latin.size(), plain.size());
  for (size_t i = 0; i < latin.size(); ++i) EXPECT_EQ(latin[i].uniforms, plain[i].uniforms);
}

std::string name_of(const testing::TestParamInfo<Route>& test) {
  const char* const names[] = {"Vjp", "Smooth", "Jumping", "Smoothed"};
  return names[static_cast<int>(test.param)];
}
INSTANTIATE_TEST_SUITE_P(Routes, Draws,
                         testing::Values(Route::kVjp, Route::kSmooth, Route::kJumping,
                                         Route::kSmoothed),
                         name_of);

TEST(DrawsOption, IsOneOfTwo) {
  Options options;
  EXPECT_EQ(options.text("draws"), "latin_hypercube");
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_RANGE, "latin_hypercube", options.set("draws", "sobol"));
  options.preset("paper");
  EXPECT_EQ(options.text("draws"), "independent");
  const Problem problem = gaussian_problem(100);
  EXPECT_TRUE(TrainingPlan(problem, small_options()).has_latin_draws);
  const Options independent = small_options({{"draws", "independent"}});
  EXPECT_FALSE(TrainingPlan(problem, independent).has_latin_draws);
}

}  // namespace
}  // namespace sagips
