// SPDX-License-Identifier: BSD-3-Clause
// Checkpoints of an epoch by tickets with right checksums that no training writes: refused, or
// found out when the epoch begins again. Never a crash, a hang, or a number that nobody computed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "unit/solver/checkpoint_testing.h"

namespace sagips {
namespace {

constexpr int64_t kMany = int64_t{1} << 40, kLowest = std::numeric_limits<int64_t>::min(),
                  kLargest = std::numeric_limits<int64_t>::max();

Problem asked_problem() {
  Problem problem = gaussian_problem(31);
  Stage stage = problem.datasets[0].pipeline.stages()[0];
  stage.is_external = stage.has_external_backward = true;
  problem.datasets[0].pipeline = pipeline_of(stage);
  return problem;
}

Options asked_options() {
  return small_options(
      {{"epochs", "2"}, {"rows", "4"}, {"ask.rows", "1"}, {"ensemble.members", "2"}});
}

void serve(sagips_batch batch) {
  if (batch.request == SAGIPS_FORWARD)
    gaussian_forward(nullptr, &batch);
  else
    gaussian_backward(nullptr, &batch);
}

/// Train to the end. @return the statuses of calls that failed, each once
std::vector<sagips_status> train(Solver* solver) {
  std::vector<sagips_status> failures;
  const auto attempt = [&](const auto& body) {
    try {
      body();
    } catch (const Error& e) {
      if (std::find(failures.begin(), failures.end(), e.status()) == failures.end())
        failures.push_back(e.status());
    }
  };
  for (int i = 0; i < 1000; ++i) {
    attempt([&] {
      if (solver->ask() != nullptr) return;
      for (const uint64_t ticket : solver->outstanding_tickets()) {
        serve(solver->find_ticket(ticket));
        solver->tell(ticket, 0);
      }
    });
    if (solver->progress().epoch == 2 && solver->outstanding_tickets().empty()) return failures;
  }
  ADD_FAILURE() << "it goes on for ever";
  return failures;
}

class ForgedTickets : public testing::Test {
 protected:
  ForgedTickets() : solver_(asked_problem(), asked_options()) {
    Solver other(asked_problem(), asked_options());
    while (other.ask() != nullptr) continue;
    for (const uint64_t ticket : {1, 3, 4}) {  // rows 0, 2, 3 of the first member
      serve(other.find_ticket(ticket));
      other.tell(ticket, 0);
    }
    other.tell(6, 2);  // the second one skips
    rank_ = saved_bytes(&other, scratch_ / "run");
    manifest_ = file_bytes(folder() + "/" + kManifestFile);
    whole_ = decode(rank_.data(), rank_.size());
    EXPECT_EQ(train(&other), std::vector<sagips_status>());
    after_ = saved_bytes(&other, scratch_ / "after");
    before_ = saved_bytes(&solver_, scratch_ / "mine");
  }
  std::string folder() const { return scratch_ / "run" + "/" + checkpoint_name(0); }

  sagips_status load(const TensorFile& file) {
    const std::vector<uint8_t> bytes = encode(file);
    const std::string text(bytes.begin(), bytes.end());
    set_file_bytes(folder() + "/" + kRankFile, text);
    set_file_bytes(folder() + "/" + kManifestFile, forged_manifest(manifest_, text));
    try {
      solver_.load(folder());
      return SAGIPS_OK;
    } catch (const Error& e) {
      return e.status();
    }
  }
  Tensor* find(TensorFile* file, const std::string& name) const {
    for (Tensor& tensor : file->tensors)
      if (tensor.name == name) return &tensor;
    ADD_FAILURE() << "no tensor " << name;
    return nullptr;
  }
  template <typename T>
  TensorFile with(const std::string& name, size_t i, T value) const {
    TensorFile file = whole_;
    std::memcpy(find(&file, name)->bytes.data() + i * sizeof(T), &value, sizeof(T));
    return file;
  }
  void expect_unchanged() { EXPECT_TRUE(saved_bytes(&solver_, scratch_ / "mine") == before_); }

  FastFolder scratch_;
  Solver solver_;
  std::string rank_, manifest_, before_, after_;
  TensorFile whole_;
};

TEST_F(ForgedTickets, TheSameNumbersAgainGoOnAsIfNothingHadHappened) {
  EXPECT_EQ(load(whole_), SAGIPS_OK);
  EXPECT_EQ(solver_.outstanding_tickets(), std::vector<uint64_t>{2});
  EXPECT_EQ(train(&solver_), std::vector<sagips_status>());
  EXPECT_TRUE(saved_bytes(&solver_, scratch_ / "mine") == after_);
}

TEST_F(ForgedTickets, AnyWholeNumberOfThemIsRefusedOrFoundOut) {
  int n_refused = 0;
  for (const char* name : {"tickets.counts", "tickets.answers", "tickets.status", "tickets.out"}) {
    TensorFile file = whole_;
    const size_t size = find(&file, name)->bytes.size() / sizeof(int64_t);
    ASSERT_GT(size, 0U) << name;
    for (size_t i = 0; i < size; ++i) {
      int64_t old = 0;
      std::memcpy(&old, find(&file, name)->bytes.data() + i * sizeof(old), sizeof(old));
      for (const int64_t v : {int64_t{-1}, int64_t{0}, int64_t{1}, int64_t{2}, old + 1, kMany,
                              kLowest, kLargest, kLargest - 1}) {
        SCOPED_TRACE(concatenate(name, " ", i, " is ", v, ", was ", old));
        const sagips_status status = load(with(name, i, v));
        if (status != SAGIPS_OK) {
          ++n_refused;
          EXPECT_TRUE(status == SAGIPS_ERROR_FORMAT || status == SAGIPS_ERROR_MISMATCH) << status;
          continue;
        }
        for (const sagips_status failure : train(&solver_))
          EXPECT_TRUE(failure == SAGIPS_ERROR_MISMATCH || failure == SAGIPS_ERROR_ROW ||
                      failure == SAGIPS_ERROR_NOT_FOUND)
              << failure;
        EXPECT_EQ(solver_.progress().epoch, 2);
        if (HasFailure()) return;
      }
    }
  }
  EXPECT_GT(n_refused, 100);
}

TEST_F(ForgedTickets, ThatAreRefusedChangeNothing) {
  for (const int64_t v : {kLowest, int64_t{-1}, kLargest}) {
    EXPECT_NE(load(with("tickets.counts", 1, v)), SAGIPS_OK) << v;
    EXPECT_EQ(load(with("tickets.answers", 0, v)), SAGIPS_ERROR_FORMAT) << v;  // member
    EXPECT_EQ(load(with("tickets.answers", 3, v)), SAGIPS_ERROR_FORMAT) << v;  // rows
    EXPECT_EQ(load(with("tickets.answers", 5, v)), SAGIPS_ERROR_FORMAT) << v;  // values
    EXPECT_EQ(load(with("tickets.out", 4, v)), SAGIPS_ERROR_FORMAT) << v;      // number
  }
  expect_unchanged();
}

TEST_F(ForgedTickets, RowsOfTwoAnswersAreFoundOut) {
  EXPECT_EQ(load(with("tickets.answers", 6 + 2, int64_t{0})), SAGIPS_OK);  // the second: row 0
  EXPECT_EQ(train(&solver_), std::vector<sagips_status>{SAGIPS_ERROR_MISMATCH});
}

TEST_F(ForgedTickets, AnAnswerThatIsNotFiniteEndsTheEpochAndNotTheTraining) {
  EXPECT_EQ(load(with("tickets.values", 0, std::numeric_limits<double>::quiet_NaN())), SAGIPS_OK);
  EXPECT_EQ(train(&solver_), std::vector<sagips_status>{SAGIPS_ERROR_NONFINITE});
  EXPECT_EQ(solver_.progress().epoch, 2);
}

TEST_F(ForgedTickets, ATensorThatIsMissingOrOfAnotherShapeIsRefused) {
  for (const char* name : {"tickets.answers", "tickets.values", "tickets.status", "tickets.out"}) {
    TensorFile file = whole_;
    file.tensors.erase(file.tensors.begin() + (find(&file, name) - file.tensors.data()));
    EXPECT_EQ(load(file), SAGIPS_ERROR_MISMATCH) << name;
    file = whole_;
    Tensor* tensor = find(&file, name);
    tensor->shape = {static_cast<int64_t>(tensor->bytes.size() / 8), 1};
    EXPECT_EQ(load(file), SAGIPS_ERROR_MISMATCH) << name;
  }
  expect_unchanged();
}

}  // namespace
}  // namespace sagips
