// SPDX-License-Identifier: BSD-3-Clause
// Checkpoints that are damaged, foreign or not there: each is refused with the status of its cause,
// and the solver that was asked to load it is as it was, to the byte of its next save.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>

#include "core/files.h"
#include "core/safetensors.h"
#include "core/text.h"
#include "unit/core/core_testing.h"
#include "unit/solver/solver_testing.h"

namespace sagips {
namespace {

namespace fs = std::filesystem;

constexpr const char* kManifestFile = "manifest";

/// The manifest of a rank file of these bytes, with a right checksum, and anything else changed.
template <typename Change>
std::string forged_manifest(const std::string& manifest, const std::string& rank_bytes,
                            const Change& change) {
  nlohmann::json json = nlohmann::json::parse(manifest);
  json.erase("checksum");
  json["files"][kRankFile] = to_hex(checksum(rank_bytes.data(), rank_bytes.size()));
  change(&json);
  const std::string body = json.dump(2);
  json["checksum"] = to_hex(checksum(body.data(), body.size()));
  return json.dump(2) + "\n";
}
std::string forged_manifest(const std::string& manifest, const std::string& rank_bytes) {
  return forged_manifest(manifest, rank_bytes, [](nlohmann::json*) {});
}

class Damage : public testing::Test {
 protected:
  Damage() : solver_(gaussian_problem(31), tiny()) {
    Solver other(gaussian_problem(31), tiny());
    other.step(5);
    other.save(scratch_ / "run");
    rank_ = file_bytes(rank_path());
    manifest_ = file_bytes(manifest_path());
    solver_.step(3);
    before_ = saved_bytes(&solver_, scratch_ / "mine");
    solver_.set_log_callback(
        [](void* log, int32_t, const char* text) { *static_cast<std::string*>(log) += text; }, &log_);
  }
  static Options tiny(const Settings& changes = {}) {
    Settings all = {{"generator.kind", "direct"}, {"lift.degree", "1"}, {"lift.cross_degree", "0"}};
    all.insert(all.end(), changes.begin(), changes.end());
    return small_options(all);
  }
  std::string folder() const { return scratch_ / "run" + "/" + checkpoint_name(5); }
  std::string rank_path() const { return folder() + "/" + kRankFile; }
  std::string manifest_path() const { return folder() + "/" + kManifestFile; }

  sagips_status status_of_load(const std::string& path) {
    return error_of([&] { solver_.load(path); }).status();
  }
  void expect_unchanged() {
    EXPECT_EQ(solver_.progress().epoch, 3);
    EXPECT_TRUE(saved_bytes(&solver_, scratch_ / "mine") == before_);
  }
  void repair() {
    set_file_bytes(rank_path(), rank_);
    set_file_bytes(manifest_path(), manifest_);
  }

  FastFolder scratch_;
  Solver solver_;
  std::string rank_, manifest_, before_, log_;
};

TEST_F(Damage, IsNotSeenInAWholeCheckpoint) {  // or none of the tests below says anything
  set_file_bytes(manifest_path(), forged_manifest(manifest_, rank_));
  EXPECT_EQ(file_bytes(manifest_path()), manifest_);
  EXPECT_EQ(status_of_load(folder()), SAGIPS_OK);
  EXPECT_EQ(solver_.progress().epoch, 5);
  EXPECT_TRUE(saved_bytes(&solver_, scratch_ / "mine") == rank_);
}

TEST_F(Damage, TruncatedAtAnyLengthItIsRefused) {
  for (size_t size = rank_.size(); size-- > 0;) {
    fs::resize_file(rank_path(), size);
    ASSERT_EQ(status_of_load(folder()), SAGIPS_ERROR_FORMAT) << size;
  }
  repair();
  for (size_t size = manifest_.size(); size-- > 0;) {
    fs::resize_file(manifest_path(), size);
    ASSERT_EQ(status_of_load(folder()), SAGIPS_ERROR_FORMAT) << size;
  }
  expect_unchanged();
}

TEST_F(Damage, TruncatedWithAManifestThatFitsItIsRefused) {
  for (size_t size = rank_.size(); size-- > 0;) {
    fs::resize_file(rank_path(), size);
    set_file_bytes(manifest_path(), forged_manifest(manifest_, rank_.substr(0, size)));
    ASSERT_EQ(status_of_load(folder()), SAGIPS_ERROR_FORMAT) << size;
  }
  expect_unchanged();
}

TEST_F(Damage, WithAnyBitFlippedItIsRefused) {
  std::mt19937 random(3);
  for (const bool is_manifest : {false, true})
    for (int i = 0; i < 500; ++i) {
      std::string bytes = is_manifest ? manifest_ : rank_;
      const size_t place = random() % bytes.size();
      const auto bit = static_cast<int>(random() % 8);
      bytes[place] = static_cast<char>(bytes[place] ^ (1 << bit));
      set_file_bytes(is_manifest ? manifest_path() : rank_path(), bytes);
      ASSERT_EQ(status_of_load(folder()), SAGIPS_ERROR_FORMAT)
          << (is_manifest ? "manifest" : "rank") << ", bit " << bit << " of byte " << place;
      repair();
    }
  expect_unchanged();
}

TEST_F(Damage, WithABitFlippedUnderAManifestThatFitsItIsRefused) {
  std::mt19937 random(4);
  for (int i = 0; i < 500; ++i) {
    std::string bytes = rank_;
    const size_t place = random() % bytes.size();
    bytes[place] = static_cast<char>(bytes[place] ^ (1 << (random() % 8)));
    set_file_bytes(rank_path(), bytes);
    set_file_bytes(manifest_path(), forged_manifest(manifest_, bytes));
    ASSERT_EQ(status_of_load(folder()), SAGIPS_ERROR_FORMAT) << place;
  }
  expect_unchanged();
}

TEST_F(Damage, AForgedManifestIsRefused) {
  using Change = void (*)(nlohmann::json*);
  const std::pair<Change, sagips_status> forgeries[] = {
      {[](nlohmann::json* j) { (*j)["epoch"] = 6; }, SAGIPS_ERROR_FORMAT},
      {[](nlohmann::json* j) { (*j)["epoch"] = "5"; }, SAGIPS_ERROR_FORMAT},
      {[](nlohmann::json* j) { (*j)["ranks"] = 2; }, SAGIPS_ERROR_FORMAT},
      {[](nlohmann::json* j) { (*j)["files"]["rank-1.safetensors"] = "0"; }, SAGIPS_ERROR_FORMAT},
      {[](nlohmann::json* j) { j->erase("files"); }, SAGIPS_ERROR_FORMAT},
      {[](nlohmann::json* j) { (*j)["extra"] = 1; }, SAGIPS_ERROR_FORMAT},
      {[](nlohmann::json* j) { (*j)["format"] = "another"; }, SAGIPS_ERROR_FORMAT},
      {[](nlohmann::json* j) { (*j)["format_version"] = 2; }, SAGIPS_ERROR_VERSION}};
  for (const auto& [change, status] : forgeries) {
    const std::string forged = forged_manifest(manifest_, rank_, change);
    set_file_bytes(manifest_path(), forged);
    EXPECT_EQ(status_of_load(folder()), status) << forged;
  }
  for (const std::string& text : {std::string(), std::string("{}"), std::string("[[[["),
                                  std::string(100000, '['), manifest_ + " ", manifest_ + manifest_}) {
    set_file_bytes(manifest_path(), text);
    EXPECT_EQ(status_of_load(folder()), SAGIPS_ERROR_FORMAT) << text.substr(0, 40);
  }
  expect_unchanged();
}

TEST_F(Damage, ANewerFileFormatIsRefusedAsSuch) {
  TensorFile file = decode(rank_.data(), rank_.size());
  const std::vector<uint8_t> again = encode(file);
  ASSERT_EQ(std::string(again.begin(), again.end()), rank_);
  const std::string one = "\"sagips.format\":\"1\"";
  std::string newer = rank_;
  ASSERT_NE(newer.find(one), std::string::npos);
  newer[newer.find(one) + one.size() - 2] = '2';
  size_t header = 8;  // its length, little-endian, then the JSON; its checksum is at the end
  for (size_t i = 0; i < 8; ++i) header += static_cast<size_t>(static_cast<uint8_t>(newer[i])) << (8 * i);
  const uint64_t sum = checksum(newer.data(), header);
  for (size_t i = 0; i < 8; ++i)
    newer[newer.size() - 8 + i] = static_cast<char>(sum >> (8 * i) & 0xff);
  set_file_bytes(rank_path(), newer);
  set_file_bytes(manifest_path(), forged_manifest(manifest_, newer));
  EXPECT_EQ(status_of_load(folder()), SAGIPS_ERROR_VERSION);
  expect_unchanged();
}

TEST_F(Damage, MissingTensorsAndTextsAreAMismatch) {
  const TensorFile whole = decode(rank_.data(), rank_.size());
  const auto status_of = [&](const TensorFile& file) {
    const std::vector<uint8_t> bytes = encode(file);
    const std::string text(bytes.begin(), bytes.end());
    set_file_bytes(rank_path(), text);
    set_file_bytes(manifest_path(), forged_manifest(manifest_, text));
    return status_of_load(folder());
  };
  for (size_t i = 0; i < whole.tensors.size(); ++i) {
    TensorFile file = whole;
    file.tensors.erase(file.tensors.begin() + static_cast<int64_t>(i));
    EXPECT_EQ(status_of(file), SAGIPS_ERROR_MISMATCH) << whole.tensors[i].name;
    file = whole;
    file.tensors[i].name += "x";
    EXPECT_EQ(status_of(file), SAGIPS_ERROR_MISMATCH) << whole.tensors[i].name;
  }
  for (const char* key : {"parameters", "datasets"}) {
    TensorFile file = whole;
    file.metadata.erase(key);
    EXPECT_EQ(status_of(file), SAGIPS_ERROR_MISMATCH) << key;
  }
  expect_unchanged();
}

TEST_F(Damage, FilesThatAreNotThereAreAnIoError) {
  EXPECT_EQ(status_of_load(scratch_ / "nowhere"), SAGIPS_ERROR_IO);
  EXPECT_EQ(status_of_load(rank_path()), SAGIPS_ERROR_IO);
  EXPECT_EQ(status_of_load(""), SAGIPS_ERROR_IO);
  fs::create_directory(scratch_ / "empty");
  EXPECT_EQ(status_of_load(scratch_ / "empty"), SAGIPS_ERROR_IO);
  fs::remove(rank_path());
  EXPECT_EQ(status_of_load(folder()), SAGIPS_ERROR_IO);
  repair();
  fs::remove(manifest_path());
  EXPECT_EQ(status_of_load(folder()), SAGIPS_ERROR_IO);
  fs::create_directory(manifest_path());
  EXPECT_EQ(status_of_load(folder()), SAGIPS_ERROR_IO);
  expect_unchanged();
}

TEST_F(Damage, LinksAndOtherNamesAreNoCheckpoints) {
  fs::create_directory(scratch_ / "links");
  ASSERT_EQ(::symlink(folder().c_str(), (scratch_ / "links" + "/epoch-00000099").c_str()), 0);
  for (const char* name : {"epoch-", "epoch-x", "epoch-5x", "epoch--5", "epoch-1e2", "other"})
    fs::copy(folder(), scratch_ / "links" + "/" + name);
  EXPECT_EQ(status_of_load(scratch_ / "links"), SAGIPS_ERROR_IO);
  ASSERT_EQ(::symlink("rank-0.safetensors", (folder() + "/loop").c_str()), 0);
  fs::remove(manifest_path());
  ASSERT_EQ(::symlink("manifest", manifest_path().c_str()), 0);  // to itself
  EXPECT_EQ(status_of_load(folder()), SAGIPS_ERROR_IO);
  expect_unchanged();
}

// ------------------------------------------------------------------------ of another training

TEST_F(Damage, OtherProblemsAreAMismatch) {
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
      [](Problem* p) { p->datasets[0].measurements = {{0, 1, 1, SAGIPS_GAUSSIAN}}; },
      [](Problem* p) { p->datasets = gaussian_problem(31, Form::kVjp, 0, 2).datasets; },  // events
      [](Problem* p) { p->datasets = gaussian_problem(30).datasets; },
      [](Problem* p) { p->datasets.push_back(p->datasets[0]); p->datasets[1].name = "two"; }};
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

TEST_F(Damage, APenaltyOfAnotherKindIsAMismatch) {
  Problem problem = gaussian_problem(31);
  problem.datasets[0].measurements = {{0, 1, 1, SAGIPS_GAUSSIAN}};
  Solver gaussian(problem, tiny());
  gaussian.save(scratch_ / "gaussian");
  problem.datasets[0].measurements[0].penalty = SAGIPS_UPPER_LIMIT;
  Solver limit(problem, tiny());
  EXPECT_EQ(error_of([&] { limit.load(scratch_ / "gaussian"); }).status(), SAGIPS_ERROR_MISMATCH);
}

TEST_F(Damage, OtherNetworksAreAMismatch) {
  for (const Settings& change : {Settings{{"generator.kind", "network"}}, Settings{{"lift.degree", "3"}},
                                 Settings{{"discriminator.hidden", "3"}},
                                 Settings{{"metric.kind", "pullback"}}}) {
    Solver other(gaussian_problem(31), tiny(change));
    const std::string before = saved_bytes(&other, scratch_ / "other");
    EXPECT_EQ(error_of([&] { other.load(folder()); }).status(), SAGIPS_ERROR_MISMATCH)
        << change[0].first;
    EXPECT_TRUE(saved_bytes(&other, scratch_ / "other") == before);
  }
}

TEST_F(Damage, OtherOptionsAreTakenAndTold) {
  Solver other(gaussian_problem(31), tiny({{"generator.rate", "0.125"}, {"threads", "2"}}));
  std::string log;
  other.set_log_callback(
      [](void* to, int32_t, const char* text) { *static_cast<std::string*>(to) += text; }, &log);
  other.load(folder());
  EXPECT_NE(log.find("generator.rate was 0.001 in the checkpoint and is 0.125 now"), std::string::npos)
      << log;
  EXPECT_EQ(log.find("threads"), std::string::npos) << log;
  EXPECT_EQ(other.progress().epoch, 5);
}

TEST_F(Damage, OptionsThatThisVersionDoesNotKnowAreTold) {
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

TEST_F(Damage, OfTheNewestIsPassedOverAndTold) {
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
        [](void* log, int32_t, const char* text) { *static_cast<std::string*>(log) += text; }, &log_);
    reader.load(run);
    EXPECT_EQ(reader.progress().epoch, 2);
    EXPECT_NE(log_.find(newest), std::string::npos) << log_;
    EXPECT_NE(log_.find("passed over"), std::string::npos) << log_;
    reader.step(1);
    EXPECT_TRUE(saved_bytes(&reader, run) == saved_bytes(&writer, scratch_ / "good"));
    EXPECT_NO_THROW(Solver(gaussian_problem(31), tiny()).load(newest));  // replaced by a whole one
  }
}

TEST_F(Damage, OfAllOfThemIsRefused) {
  fs::copy(folder(), scratch_ / "run" + "/" + checkpoint_name(4));
  set_file_bytes(rank_path(), "");
  set_file_bytes(scratch_ / "run" + "/" + checkpoint_name(4) + "/" + kRankFile, "");
  EXPECT_EQ(status_of_load(scratch_ / "run"), SAGIPS_ERROR_FORMAT);
  expect_unchanged();
}

TEST_F(Damage, AMismatchOfTheNewestIsNotPassedOver) {
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
