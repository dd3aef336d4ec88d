// SPDX-License-Identifier: BSD-3-Clause
// Structs that the library fills grow with its versions. A program built against a later header
// hands over more bytes than this library knows: it fills what it knows and says so.
#include <cstddef>
#include <cstring>
#include <vector>

#include "world.h"

namespace capi {
namespace {

/// A struct of a later version: ours, and fields that did not exist yet.
template <typename Struct>
struct Later {
  Struct known{};
  unsigned char more[24];
  Later() {
    std::memset(more, 0xab, sizeof(more));
    known.struct_size = sizeof(*this);
  }
  void expect_only_ours() const {
    EXPECT_EQ(known.struct_size, sizeof(Struct));
    for (const unsigned char byte : more) EXPECT_EQ(byte, 0xab);
  }
};

TEST(StructSize, OfALaterVersionIsFilledAsFarAsThisOneKnows) {
  World world;
  Later<sagips_option_info> info;
  EXPECT_OK(sagips_options_describe(0, &info.known));
  info.expect_only_ours();
  EXPECT_STREQ(info.known.key, "preset");

  Later<sagips_check_report> report;
  EXPECT_OK(sagips_pipeline_check(world.pipeline, kP, kLower, kUpper, 1, &report.known));
  report.expect_only_ours();
  EXPECT_EQ(report.known.passed, 1);

  Later<sagips_progress> progress, again;
  EXPECT_OK(sagips_solver_step(world.solver, 2, &progress.known));
  progress.expect_only_ours();
  EXPECT_EQ(progress.known.epoch, 2);
  EXPECT_OK(sagips_solver_progress(world.solver, &again.known));
  again.expect_only_ours();
  EXPECT_EQ(std::memcmp(&again.known, &progress.known, sizeof(sagips_progress)), 0);

  Later<sagips_batch> batch, found;
  EXPECT_OK(sagips_solver_ask(world.asked, &batch.known));
  batch.expect_only_ours();
  EXPECT_EQ(batch.known.ticket, 1U);
  EXPECT_OK(sagips_solver_ticket(world.asked, 1, &found.known));
  found.expect_only_ours();
  EXPECT_EQ(found.known.outputs, batch.known.outputs);
  sagips_progress told{};
  told.struct_size = 96;  // of an earlier version
  told.rows_run = -1;
  EXPECT_OK(sagips_solver_tell(world.asked, 1, 0, &told));
  EXPECT_EQ(told.struct_size, 96U);
  EXPECT_EQ(told.rows_run, -1);

  Later<sagips_assessment> assessment;
  EXPECT_OK(sagips_solver_assess(world.solver, 0, nullptr, &assessment.known));
  assessment.expect_only_ours();
  EXPECT_GT(assessment.known.n_held_out, 0);

  Later<sagips_estimate> estimate;
  double mean[kP];
  estimate.known.mean = mean;
  EXPECT_OK(sagips_solver_describe_estimate(world.solver, 0, kP, &estimate.known));
  estimate.expect_only_ours();
  EXPECT_EQ(estimate.known.mean, mean);
}

/// A struct of the first version, and bytes behind it that are not the library's.
template <typename Struct, size_t first_size>
struct Earlier {
  alignas(Struct) unsigned char bytes[sizeof(Struct)];
  Earlier() {
    std::memset(bytes, 0xab, sizeof(bytes));
    get()->struct_size = first_size;
  }
  Struct* get() { return reinterpret_cast<Struct*>(bytes); }
  void expect_only_theirs() {
    EXPECT_EQ(get()->struct_size, first_size);
    for (size_t i = first_size; i < sizeof(bytes); ++i) EXPECT_EQ(bytes[i], 0xab) << i;
  }
};

TEST(StructSize, OfTheFirstVersionIsFilledNoFurtherThanItGoes) {
  World world;
  Earlier<sagips_progress, offsetof(sagips_progress, rows_run)> progress;
  EXPECT_OK(sagips_solver_step(world.solver, 1, progress.get()));
  progress.expect_only_theirs();
  EXPECT_EQ(progress.get()->epoch, 1);

  Earlier<sagips_check_report, offsetof(sagips_check_report, failed_fraction)> report;
  EXPECT_OK(sagips_pipeline_check(world.pipeline, kP, kLower, kUpper, 1, report.get()));
  report.expect_only_theirs();
  EXPECT_EQ(report.get()->passed, 1);
}

}  // namespace
}  // namespace capi
