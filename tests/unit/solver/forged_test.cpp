// SPDX-License-Identifier: BSD-3-Clause
// Checkpoints with right checksums that no training writes: numbers that are not finite, and counts
// below zero. They are refused, and the solver that was asked is as it was.
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "unit/solver/checkpoint_testing.h"

namespace sagips {
namespace {

class Forged : public testing::Test {
 protected:
  Forged() : solver_(gaussian_problem(31), options()) {
    Solver other(gaussian_problem(31), options());
    other.step(5);
    rank_ = saved_bytes(&other, scratch_ / "run");
    manifest_ = file_bytes(folder() + "/" + kManifestFile);
    whole_ = decode(rank_.data(), rank_.size());
    solver_.step(3);
    before_ = saved_bytes(&solver_, scratch_ / "mine");
  }
  static Options options() { return small_options({{"metric.kind", "pullback"}}); }
  std::string folder() const { return scratch_ / "run" + "/" + checkpoint_name(5); }

  /// The status of a load with element i of a tensor replaced.
  template <typename T>
  sagips_status status_with(size_t tensor, size_t i, T value) {
    TensorFile file = whole_;
    std::memcpy(file.tensors[tensor].bytes.data() + i * sizeof(T), &value, sizeof(T));
    const std::vector<uint8_t> bytes = encode(file);
    const std::string text(bytes.begin(), bytes.end());
    set_file_bytes(folder() + "/" + kRankFile, text);
    set_file_bytes(folder() + "/" + kManifestFile, forged_manifest(manifest_, text));
    return error_of([&] { solver_.load(folder()); }).status();
  }
  void expect_unchanged() {
    EXPECT_EQ(solver_.progress().epoch, 3);
    EXPECT_TRUE(saved_bytes(&solver_, scratch_ / "mine") == before_);
  }
  size_t index_of(const std::string& name) const {
    for (size_t i = 0; i < whole_.tensors.size(); ++i)
      if (whole_.tensors[i].name == name) return i;
    ADD_FAILURE() << "no tensor " << name;
    return 0;
  }

  FastFolder scratch_;
  Solver solver_;
  std::string rank_, manifest_, before_;
  TensorFile whole_;
};

TEST_F(Forged, NothingIsSeenInTheSameNumbersAgain) {  // or none of the tests below says anything
  const size_t cursors = index_of("cursors");
  EXPECT_EQ(status_with<int64_t>(cursors, 0, 5 * 22), SAGIPS_OK);
  EXPECT_TRUE(saved_bytes(&solver_, scratch_ / "mine") == rank_);
}

template <typename T>
constexpr T kNotFinite[] = {std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity(),
                            -std::numeric_limits<T>::infinity()};

TEST_F(Forged, NumbersThatAreNotFiniteAreRefusedWhereverTheTrainingGoesOnFromThem) {
  int n_tensors = 0;
  for (size_t t = 0; t < whole_.tensors.size(); ++t) {
    const Tensor& tensor = whole_.tensors[t];
    if (tensor.bytes.empty() || tensor.name == "values") continue;  // mostly what is shown
    const size_t last_float = tensor.bytes.size() / sizeof(float) - 1;
    for (size_t i = 0; i < 3; ++i) {  // of a history that is not full, the first number
      const sagips_status status =
          tensor.dtype == "F32"   ? status_with(t, last_float, kNotFinite<float>[i])
          : tensor.dtype == "F64" ? status_with(t, 0, kNotFinite<double>[i])
                                  : SAGIPS_ERROR_FORMAT;
      EXPECT_EQ(status, SAGIPS_ERROR_FORMAT) << tensor.name << " " << kNotFinite<double>[i];
    }
    n_tensors += tensor.dtype[0] == 'F' ? 1 : 0;
  }
  // Three of each network, the average, the metric, the history; five of a discriminator's inputs.
  EXPECT_EQ(n_tensors, 14);
  expect_unchanged();
}

TEST_F(Forged, AMetricWithoutAFiniteWeightIsRefused) {
  for (const double v : kNotFinite<double>)
    EXPECT_EQ(status_with(index_of("values"), 0, v), SAGIPS_ERROR_FORMAT) << v;
  expect_unchanged();
}

TEST_F(Forged, CountsBelowZeroAreRefused) {
  const int64_t kLowest = std::numeric_limits<int64_t>::min();
  for (const int64_t v : {int64_t{-1}, kLowest}) {
    EXPECT_EQ(status_with(index_of("cursors"), 0, v), SAGIPS_ERROR_FORMAT) << v;
    for (size_t i = 0; i < 5; ++i)  // epoch, skipped, events, length of the history, averaged
      EXPECT_EQ(status_with(index_of("counts"), i, v), SAGIPS_ERROR_FORMAT) << i << " " << v;
    for (const char* name : {"generator.updates", "discriminator.0.updates"})
      EXPECT_EQ(status_with(index_of(name), 0, v), SAGIPS_ERROR_FORMAT) << name << " " << v;
  }
  expect_unchanged();
}

TEST_F(Forged, AScaleThatIsNotPositiveIsRefused) {
  for (const double v : {0.0, -1.0})
    EXPECT_EQ(status_with(index_of("discriminator.0.scale"), 0, v), SAGIPS_ERROR_FORMAT) << v;
  expect_unchanged();
}

TEST_F(Forged, PartsThatAreNotThoseOfTheDataAreRefused) {
  for (const int64_t v : {int64_t{-1}, int64_t{1}, int64_t{1} << 62})
    EXPECT_EQ(status_with(index_of("data.0.runs"), 0, v), SAGIPS_ERROR_FORMAT) << v;
  for (const int64_t v : {int64_t{-1}, int64_t{0}, int64_t{30}, int64_t{1} << 62})
    EXPECT_EQ(status_with(index_of("data.0.runs"), 1, v), SAGIPS_ERROR_FORMAT) << v;
  EXPECT_EQ(status_with(index_of("data.0.epochs"), 0, int64_t{-1}), SAGIPS_ERROR_FORMAT);
  expect_unchanged();
}

TEST(ForgedEnsemble, RowsOfLaterMembersAreLookedAtToo) {
  const FastFolder scratch;
  const Options options = small_options({{"ensemble.members", "3"}});
  Solver other(gaussian_problem(31), options), solver(gaussian_problem(31), options);
  other.step(5);
  const std::string rank = saved_bytes(&other, scratch.path());
  const std::string folder = scratch / checkpoint_name(5);
  const std::string manifest = file_bytes(folder + "/" + kManifestFile);
  const auto status_with = [&](const std::string& name, size_t i, auto value) {
    TensorFile file = decode(rank.data(), rank.size());
    for (Tensor& tensor : file.tensors)
      if (tensor.name == name)
        std::memcpy(tensor.bytes.data() + i * sizeof(value), &value, sizeof(value));
    const std::vector<uint8_t> bytes = encode(file);
    const std::string text(bytes.begin(), bytes.end());
    set_file_bytes(folder + "/" + kRankFile, text);
    set_file_bytes(folder + "/" + kManifestFile, forged_manifest(manifest, text));
    return error_of([&] { solver.load(folder); }).status();
  };
  const size_t n = solver.weights(SAGIPS_GENERATOR, 0).size();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(status_with("generator.parameters", 3 * n - 1, nan), SAGIPS_ERROR_FORMAT);
  EXPECT_EQ(status_with("counts", 10, int64_t{4}), SAGIPS_ERROR_FORMAT);  // epoch of member 2
  EXPECT_EQ(status_with("counts", 13, int64_t{1}), SAGIPS_ERROR_FORMAT);  // length of its history
  EXPECT_EQ(status_with("counts", 14, int64_t{-1}), SAGIPS_ERROR_FORMAT);
  EXPECT_EQ(solver.progress().epoch, 0);
  EXPECT_EQ(status_with("counts", 10, int64_t{5}), SAGIPS_OK);
  EXPECT_EQ(solver.progress().epoch, 5);
}

}  // namespace
}  // namespace sagips
