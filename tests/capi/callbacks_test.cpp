// SPDX-License-Identifier: BSD-3-Clause
// A callback that fails in epoch k: the status and the text tell what happened, the epoch never
// happened, and once the fault is cured the training ends with the bits of one that never failed.
#include <cmath>
#include <limits>
#include <stdexcept>

#include "testing.h"

namespace capi {
namespace {

constexpr int64_t kEpochs = 9;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();
const Settings kSettings{{"epochs", "9"}};

struct Fault {
  const char* name;
  sagips_status status;
  int32_t stage, request;
  int32_t (*act)(sagips_batch*);
  std::vector<const char*> words;  // in the text
};

const std::vector<Fault>& faults() {
  using B = sagips_batch*;
  static const std::vector<Fault> kFaults{
      {"ForwardReturnsNegative",
       SAGIPS_ERROR_CALLBACK,
       kSource,
       SAGIPS_FORWARD,
       [](B) { return -3; },
       {"source", "-3", "forward"}},
      {"BackwardReturnsNegative",
       SAGIPS_ERROR_CALLBACK,
       kDetector,
       SAGIPS_BACKWARD,
       [](B) { return -1; },
       {"detector", "-1", "backward"}},
      {"ForwardThrows",
       SAGIPS_ERROR_EXCEPTION,
       kDetector,
       SAGIPS_FORWARD,
       [](B) -> int32_t { throw std::runtime_error("crossed wires"); },
       {"detector", "crossed wires", "catch"}},
      {"BackwardThrows",
       SAGIPS_ERROR_EXCEPTION,
       kSource,
       SAGIPS_BACKWARD,
       [](B) -> int32_t { throw std::runtime_error("crossed wires"); },
       {"source", "crossed wires", "catch"}},
      {"ForwardThrowsInt",
       SAGIPS_ERROR_EXCEPTION,
       kSource,
       SAGIPS_FORWARD,
       [](B) -> int32_t { throw 7; },
       {"source", "unknown type"}},
      {"BackwardThrowsInt",
       SAGIPS_ERROR_EXCEPTION,
       kDetector,
       SAGIPS_BACKWARD,
       [](B) -> int32_t { throw 7; },
       {"detector", "unknown type"}},
      {"NanInOutputs",
       SAGIPS_ERROR_NONFINITE,
       kSource,
       SAGIPS_FORWARD,
       [](B b) { return b->outputs[3] = kNan, 0; },
       {"source", "nan", "output 1", "event 1"}},
      {"InfInOutputs",
       SAGIPS_ERROR_NONFINITE,
       kDetector,
       SAGIPS_FORWARD,
       [](B b) { return b->outputs[0] = -kInf, 0; },
       {"detector", "-inf", "output 0"}},
      {"NanInWeight",
       SAGIPS_ERROR_NONFINITE,
       kDetector,
       SAGIPS_FORWARD,
       [](B b) { return b->weight[5] = kNan, 0; },
       {"detector", "nan", "weight", "event 5"}},
      {"InfInWeight",
       SAGIPS_ERROR_NONFINITE,
       kSource,
       SAGIPS_FORWARD,
       [](B b) { return b->weight[0] = kInf, 0; },
       {"source", "inf", "weight"}},
      {"NanInAuxiliary",
       SAGIPS_ERROR_NONFINITE,
       kSource,
       SAGIPS_FORWARD,
       [](B b) { return b->auxiliary[2] = kNan, 0; },
       {"source", "auxiliary 0", "row 2"}},
      {"InfInAuxiliary",
       SAGIPS_ERROR_NONFINITE,
       kSource,
       SAGIPS_FORWARD,
       [](B b) { return b->auxiliary[0] = kInf, 0; },
       {"source", "auxiliary 0", "row 0"}},
      {"NanInGradParameters",
       SAGIPS_ERROR_NONFINITE,
       kSource,
       SAGIPS_BACKWARD,
       [](B b) { return b->grad_parameters[1] = kNan, 0; },
       {"source", "grad_parameters 1", "nan"}},
      {"InfInGradParameters",
       SAGIPS_ERROR_NONFINITE,
       kDetector,
       SAGIPS_BACKWARD,
       [](B b) { return b->grad_parameters[0] = kInf, 0; },
       {"detector", "grad_parameters 0"}},
      {"NanInGradInputs",
       SAGIPS_ERROR_NONFINITE,
       kDetector,
       SAGIPS_BACKWARD,
       [](B b) { return b->grad_inputs[2] = kNan, 0; },
       {"detector", "grad_inputs 0", "event 1"}},
      {"InfInGradInputs",
       SAGIPS_ERROR_NONFINITE,
       kDetector,
       SAGIPS_BACKWARD,
       [](B b) { return b->grad_inputs[1] = kInf, 0; },
       {"detector", "grad_inputs 1", "inf"}},
      {"RowFails",
       SAGIPS_ERROR_ROW,
       kSource,
       SAGIPS_FORWARD,
       [](B b) { return b->row_status[1] = 4, 0; },
       {"source", "failure 4", "row 1", "bounds"}},
  };
  return kFaults;
}

class Faults : public ::testing::TestWithParam<size_t> {
 protected:
  const Fault& fault() const { return faults()[GetParam()]; }
  /// Arm the fault in epoch k.
  void arm(int64_t k) {
    model_.after = [this, k](int32_t stage, sagips_batch* b) {
      const bool is_it = stage == fault().stage && b->request == fault().request && b->epoch == k;
      return is_it ? fault().act(b) : 0;
    };
  }
  Model model_;
};

TEST_P(Faults, LeaveTheLastCommittedEpochAndTheTrainingGoesOnWithTheSameBits) {
  const std::vector<Bits> wanted = bits_by_epoch(kEpochs, kSettings, true);
  for (const int64_t k : {0, 1, 7}) {
    SCOPED_TRACE("epoch " + std::to_string(k));
    const Solver solver = make_solver(&model_, kSettings, true);
    arm(k);
    sagips_progress progress{};
    progress.struct_size = sizeof(progress);
    for (int attempt = 0; attempt < 2; ++attempt) {  // it fails as often as it is tried
      const sagips_status status = sagips_solver_step(solver, kEpochs, &progress);
      EXPECT_FAILS(status, fault().status);
      for (const char* word : fault().words) EXPECT_FAILS(status, fault().status, {word});
      EXPECT_EQ(progress.epoch, k);
    }
    EXPECT_TRUE(is_finite(solver));
    EXPECT_EQ(bits_of(solver), wanted[static_cast<size_t>(k)]);
    int32_t condition = -1;
    EXPECT_OK(sagips_solver_condition(solver, &condition));
    EXPECT_EQ(condition, SAGIPS_READY);

    model_.after = nullptr;
    EXPECT_OK(sagips_solver_step(solver, kEpochs, nullptr));
    EXPECT_EQ(bits_of(solver), wanted.back());
  }
}

INSTANTIATE_TEST_SUITE_P(Callbacks, Faults, ::testing::Range(size_t{0}, faults().size()),
                         [](const auto& fault) { return faults()[fault.param].name; });

// Skipping teaches nothing, is counted, and is told.
class Skips : public ::testing::TestWithParam<int32_t> {};

TEST_P(Skips, AreCountedAndTeachNothing) {
  for (const int64_t k : {0, 1, 7}) {
    SCOPED_TRACE("epoch " + std::to_string(k));
    Model model;
    const Solver solver = make_solver(&model, kSettings, true);
    model.after = [k](int32_t stage, sagips_batch* b) {
      return stage == kSource && b->request == GetParam() && b->epoch == k ? 2 : 0;
    };
    std::string heard;
    EXPECT_OK(sagips_solver_set_log_callback(
        solver,
        [](void* user, int32_t level, const char* text) {
          *static_cast<std::string*>(user) += std::to_string(level) + " " + text;
        },
        &heard));
    EXPECT_OK(sagips_solver_step(solver, k, nullptr));
    EXPECT_EQ(heard.find("skipped"), std::string::npos) << heard;
    const Bits before = weights_of(solver);
    EXPECT_OK(sagips_solver_step(solver, 1, nullptr));
    const sagips_progress progress = progress_of(solver);
    EXPECT_EQ(progress.epoch, k + 1);
    EXPECT_EQ(progress.skipped, 1);
    EXPECT_EQ(weights_of(solver), before);
    EXPECT_NE(heard.find("0 epoch " + std::to_string(k) + " was skipped"), std::string::npos)
        << heard;
    EXPECT_OK(sagips_solver_step(solver, kEpochs, nullptr));
    EXPECT_EQ(progress_of(solver).skipped, 1);
  }
}
INSTANTIATE_TEST_SUITE_P(Callbacks, Skips, ::testing::Values(SAGIPS_FORWARD, SAGIPS_BACKWARD),
                         [](const auto& skip) { return skip.param == 0 ? "Forward" : "Backward"; });

TEST(Callbacks, SkippingMoreThanTheLimitIsAnErrorAndCommitsNothing) {
  Model model;
  const Solver solver = make_solver(&model, {{"epochs", "40"}, {"skip.limit", "0.1"}});
  model.after = [](int32_t, sagips_batch*) { return 1; };
  EXPECT_FAILS(sagips_solver_step(solver, 40, nullptr), SAGIPS_ERROR_SKIPPED,
               {"skip.limit", "source", "mend the model or raise"});
  EXPECT_EQ(progress_of(solver).epoch, 10);  // ten are forgiven
  EXPECT_EQ(progress_of(solver).skipped, 10);
  model.after = nullptr;
  EXPECT_OK(sagips_solver_step(solver, 40, nullptr));
  EXPECT_EQ(progress_of(solver).epoch, 40);
}

TEST(Callbacks, WithALimitOfZeroTheFirstSkipIsAnErrorAndChangesNoBit) {
  const Settings settings{{"epochs", "9"}, {"skip.limit", "0"}};
  const std::vector<Bits> wanted = bits_by_epoch(kEpochs, settings);
  Model model;
  const Solver solver = make_solver(&model, settings);
  model.after = [](int32_t, sagips_batch* b) { return b->epoch == 4 ? 1 : 0; };
  EXPECT_FAILS(sagips_solver_step(solver, kEpochs, nullptr), SAGIPS_ERROR_SKIPPED);
  EXPECT_EQ(bits_of(solver), wanted[4]);
  model.after = nullptr;
  EXPECT_OK(sagips_solver_step(solver, kEpochs, nullptr));
  EXPECT_EQ(bits_of(solver), wanted.back());
}

TEST(Callbacks, OutsideTrainingThereIsNoEpochToSkip) {
  Model model;
  const Solver solver = make_solver(&model);
  model.acts_always = true;
  model.after = [](int32_t, sagips_batch*) { return 1; };
  double mean[kP], covariance[kP * kP];
  EXPECT_FAILS(sagips_solver_estimate(solver, 0, kP, mean, covariance), SAGIPS_ERROR_CALLBACK,
               {"source", "no epoch"});
}

}  // namespace
}  // namespace capi
