// SPDX-License-Identifier: BSD-3-Clause
// What the tests of checkpoints share: one to damage, a solver that must not mind, and manifests
// that fit whatever was done to the rank file.
#ifndef SAGIPS_TESTS_UNIT_SOLVER_CHECKPOINT_TESTING_H_
#define SAGIPS_TESTS_UNIT_SOLVER_CHECKPOINT_TESTING_H_

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "core/files.h"
#include "core/safetensors.h"
#include "core/text.h"
#include "unit/core/core_testing.h"
#include "unit/solver/solver_testing.h"

namespace sagips {

constexpr const char* kManifestFile = "manifest";

inline void replace_text(std::string* text, const std::string& from, const std::string& to) {
  const size_t place = text->find(from);
  ASSERT_NE(place, std::string::npos) << from << " is not in " << *text;
  text->replace(place, from.size(), to);
}

/// The manifest of a rank file of these bytes, with `from` replaced by `to` and a right checksum.
inline std::string forged_manifest(std::string manifest, const std::string& rank_bytes,
                                   const std::string& from = "", const std::string& to = "") {
  const std::string key = concatenate("\"", kRankFile, "\": \"");
  manifest.replace(manifest.find(key) + key.size(), 16,
                   to_hex(checksum(rank_bytes.data(), rank_bytes.size())));
  replace_text(&manifest, from, to);
  const std::string last = "  \"checksum\": \"";
  const std::string body = manifest.substr(0, manifest.find(last));
  return body + last + to_hex(checksum(body.data(), body.size())) + "\"\n}\n";
}

/// A whole checkpoint of epoch 5 on the disk, and a solver in epoch 3 that shall read it.
class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest() : solver_(gaussian_problem(31), tiny()) {
    Solver other(gaussian_problem(31), tiny());
    other.step(5);
    other.save(scratch_ / "run");
    rank_ = file_bytes(rank_path());
    manifest_ = file_bytes(manifest_path());
    solver_.step(3);
    before_ = saved_bytes(&solver_, scratch_ / "mine");
    solver_.set_log_callback(
        [](void* log, int32_t, const char* text) { *static_cast<std::string*>(log) += text; },
        &log_);
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

}  // namespace sagips

#endif  // SAGIPS_TESTS_UNIT_SOLVER_CHECKPOINT_TESTING_H_
