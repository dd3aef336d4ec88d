// SPDX-License-Identifier: BSD-3-Clause
// Checkpoints of other trainings, which of several is read, and how many are kept.
#include "core/simd.h"
#include "unit/solver/checkpoint_testing.h"

namespace sagips {
namespace {

namespace fs = std::filesystem;

class Checkpoint : public CheckpointTest {};

TEST_F(Checkpoint, OtherProblemsAreAMismatch) {
  using Change = void (*)(Problem*);
  const Change changes[] = {
      [](Problem* p) { p->parameters[0].upper = 3; },
      [](Problem* p) { p->parameters[1].scale = SAGIPS_LOGARITHMIC; },
      [](Problem* p) { p->parameters[0].name = "nu"; },
      [](Problem* p) { p->parameters[0].prior_sigma = 1; },
      [](Problem* p) { p->parameters[0].is_fixed = true; },
      [](Problem* p) { p->parameters.push_back(parameter_of("more", 0, 1)); },
      [](Problem* p) { p->datasets[0].weight = 2; },
      [](Problem* p) { p->datasets[0].name = "toys"; },
      [](Problem* p) {
        p->datasets[0].measurements = {{0, 1, 1, SAGIPS_GAUSSIAN}};
      },
      [](Problem* p) { p->datasets = gaussian_problem(31, Form::kVjp, 0, 2).datasets; },  // events
      [](Problem* p) { p->datasets = gaussian_problem(30).datasets; },
      [](Problem* p) {
        p->datasets.push_back(p->datasets[0]);
        p->datasets[1].name = "two";
      }};
  for (const Change change : changes) {
    Problem problem = gaussian_problem(31);
    change(&problem);
    Solver other(problem, tiny());
    const std::string before = saved_bytes(&other, scratch_ / "other");
    EXPECT_EQ(error_of([&] { other.load(folder()); }).status(), SAGIPS_ERROR_MISMATCH)
        << &change - changes;
    EXPECT_TRUE(saved_bytes(&other, scratch_ / "other") == before);
  }
}

TEST_F(Checkpoint, APenaltyOfAnotherKindIsAMismatch) {
  Problem problem = gaussian_problem(31);
  problem.datasets[0].measurements = {{0, 1, 1, SAGIPS_GAUSSIAN}};
  Solver gaussian(problem, tiny());
  gaussian.save(scratch_ / "gaussian");
  problem.datasets[0].measurements[0].penalty = SAGIPS_UPPER_LIMIT;
  Solver limit(problem, tiny());
  EXPECT_EQ(error_of([&] { limit.load(scratch_ / "gaussian"); }).status(), SAGIPS_ERROR_MISMATCH);
}

TEST_F(Checkpoint, OtherNetworksAreAMismatch) {
  for (const Settings& change :
       {Settings{{"generator.kind", "network"}}, Settings{{"lift.degree", "3"}},
        Settings{{"discriminator.hidden", "3"}}, Settings{{"metric.kind", "pullback"}}}) {
    Solver other(gaussian_problem(31), tiny(change));
    const std::string before = saved_bytes(&other, scratch_ / "other");
    EXPECT_EQ(error_of([&] { other.load(folder()); }).status(), SAGIPS_ERROR_MISMATCH)
        << change[0].first;
    EXPECT_TRUE(saved_bytes(&other, scratch_ / "other") == before);
  }
}

TEST_F(Checkpoint, OtherMembersAreAMismatchThatSaysWhatToDo) {
  Solver three(gaussian_problem(31), tiny({{"ensemble.members", "3"}}));
  three.step(4);
  three.save(scratch_ / "three");
  for (const Settings& change : {Settings{}, Settings{{"ensemble.members", "2"}},
                                 Settings{{"ensemble.members", "3"}, {"ensemble.first", "1"}}}) {
    Solver other(gaussian_problem(31), tiny(change));
    const std::string before = saved_bytes(&other, scratch_ / "other");
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_MISMATCH, "holds ensemble members 0 to 2",
                        other.load(scratch_ / "three"));
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_MISMATCH, "ensemble.first", other.load(scratch_ / "three"));
    EXPECT_TRUE(saved_bytes(&other, scratch_ / "other") == before);
  }
  Solver same(gaussian_problem(31), tiny({{"ensemble.members", "3"}}));
  same.load(scratch_ / "three");
  EXPECT_EQ(same.progress().epoch, 4);
}

TEST_F(Checkpoint, OtherOptionsAreTakenAndTold) {
  Solver other(gaussian_problem(31), tiny({{"generator.rate", "0.125"}, {"threads", "2"}}));
  std::string log;
  other.set_log_callback(
      [](void* to, int32_t, const char* text) { *static_cast<std::string*>(to) += text; }, &log);
  other.load(folder());
  EXPECT_NE(log.find("generator.rate was 0.001 in the checkpoint and is 0.125 now"),
            std::string::npos)
      << log;
  EXPECT_EQ(log.find("threads"), std::string::npos) << log;
  EXPECT_EQ(other.progress().epoch, 5);
}

TEST_F(Checkpoint, OptionsThatThisVersionDoesNotKnowAreTold) {
  TensorFile file = decode(rank_.data(), rank_.size());
  file.metadata["options"] += "\n[later]\nnonsense = 1\n";
  const std::vector<uint8_t> bytes = encode(file);
  const std::string text(bytes.begin(), bytes.end());
  set_file_bytes(rank_path(), text);
  set_file_bytes(manifest_path(), forged_manifest(manifest_, text));
  EXPECT_EQ(status_of_load(folder()), SAGIPS_OK);
  EXPECT_NE(log_.find("later.nonsense"), std::string::npos) << log_;
}

// --------------------------------------------------------------------------- several checkpoints

TEST_F(Checkpoint, DamagedAndNewestIsPassedOverAndTold) {
  for (int kind = 0; kind < 3; ++kind) {
    const std::string run = scratch_ / ("several" + std::to_string(kind));
    Solver writer(gaussian_problem(31), tiny());
    for (int i = 0; i < 3; ++i) {
      writer.step(1);
      writer.save(run);
    }
    const std::string newest = run + "/" + checkpoint_name(3);
    if (kind == 0) fs::resize_file(newest + "/" + kRankFile, 100);
    if (kind == 1) fs::remove(newest + "/" + kManifestFile);
    if (kind == 2) set_file_bytes(newest + "/" + kManifestFile, "{");
    Solver reader(gaussian_problem(31), tiny());
    log_.clear();
    reader.set_log_callback(
        [](void* log, int32_t, const char* text) { *static_cast<std::string*>(log) += text; },
        &log_);
    reader.load(run);
    EXPECT_EQ(reader.progress().epoch, 2);
    EXPECT_NE(log_.find(newest), std::string::npos) << log_;
    EXPECT_NE(log_.find("passed over"), std::string::npos) << log_;
    reader.step(1);
    EXPECT_TRUE(saved_bytes(&reader, run) == saved_bytes(&writer, scratch_ / "good"));
    EXPECT_NO_THROW(Solver(gaussian_problem(31), tiny()).load(newest));  // replaced by a whole one
  }
}

TEST_F(Checkpoint, DamageOfAllIsRefused) {
  fs::copy(folder(), scratch_ / "run" + "/" + checkpoint_name(4));
  set_file_bytes(rank_path(), "");
  set_file_bytes(scratch_ / "run" + "/" + checkpoint_name(4) + "/" + kRankFile, "");
  EXPECT_EQ(status_of_load(scratch_ / "run"), SAGIPS_ERROR_FORMAT);
  expect_unchanged();
}

TEST_F(Checkpoint, AMismatchOfTheNewestIsNotPassedOver) {
  Solver other(gaussian_problem(30), tiny());
  other.step(9);
  other.save(scratch_ / "run");
  EXPECT_EQ(status_of_load(scratch_ / "run"), SAGIPS_ERROR_MISMATCH);
  expect_unchanged();
}

TEST(CheckpointKeep, LeavesTheNewestByNumberAndNotByName) {
  for (const int64_t keep : {0, 1, 3}) {
    const FastFolder scratch;
    Solver solver(gaussian_problem(31), small_options({{"checkpoint.keep", to_text(keep)},
                                                       {"checkpoint.every", "2"},
                                                       {"checkpoint.folder", scratch / "run"}}));
    solver.step(11);
    const std::vector<std::string> left = list_folders(scratch / "run", "epoch-");
    std::vector<std::string> expected;
    for (int64_t epoch = keep == 0 ? 2 : 12 - 2 * keep; epoch <= 10; epoch += 2)
      expected.push_back(checkpoint_name(epoch));
    EXPECT_EQ(left, expected) << keep;
  }
}

TEST(CheckpointLoad, TellsOfAnotherInstructionSet) {
  const FastFolder scratch;
  Solver portable(gaussian_problem(31), small_options({{"simd", "portable"}}));
  portable.step(3);
  portable.save(scratch.path());
  for (const Simd simd : supported_simd()) {
    Solver solver(gaussian_problem(31), small_options({{"simd", simd_name(simd)}}));
    std::string log;
    solver.set_log_callback(
        [](void* to, int32_t, const char* text) { *static_cast<std::string*>(to) += text; }, &log);
    solver.load(scratch.path());
    EXPECT_EQ(solver.progress().epoch, 3);
    EXPECT_EQ(log.find("another device ('cpu portable')") != std::string::npos,
              simd != Simd::kPortable)
        << log;
  }
}

TEST(CheckpointKeep, NeverRemovesTheOneJustWritten) {
  const FastFolder scratch;
  const Options options = small_options({{"checkpoint.keep", "1"}});
  Solver ahead(gaussian_problem(31), options), behind(gaussian_problem(31), options);
  ahead.step(9);
  ahead.save(scratch.path());
  behind.step(4);
  behind.save(scratch.path());
  EXPECT_TRUE(is_folder(scratch / checkpoint_name(4)));
}

TEST(CheckpointFailure, LeavesTheEpochCommitted) {
  const FastFolder scratch;
  set_file_bytes(scratch / "file", "not a folder");
  Solver solver(gaussian_problem(31), small_options({{"checkpoint.every", "1"},
                                                     {"checkpoint.folder", scratch / "file"}}));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_IO, "file", solver.step(5));
  EXPECT_EQ(solver.progress().epoch, 1);
  EXPECT_EQ(file_bytes(scratch / "file"), "not a folder");
}

}  // namespace
}  // namespace sagips
