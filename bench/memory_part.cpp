// SPDX-License-Identifier: BSD-3-Clause
// Part 4a. The memory of one training: a forked child builds the data, creates the solver, trains
// and asks for the uncertainty, and notes its memory after each step. The kernel's high-water mark
// starts anew in a child, from what the parent holds, which is why the parent must still be small.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>

#include "parts.h"
#include "tool/result_table.h"

namespace sagips_bench {
namespace {

constexpr const char* kMoments[] = {"start", "data made", "solver created", "trained",
                                    "uncertainty"};
constexpr size_t kCount = std::size(kMoments);

struct Memory {
  double peak_mb, resident_mb;
};
using Memories = std::array<Memory, kCount>;

Memory read_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::ifstream file("/proc/self/statm");
  double total_pages = 0, resident_pages = 0;
  file >> total_pages >> resident_pages;
  const double page = static_cast<double>(sysconf(_SC_PAGESIZE));
  const double resident_mb = resident_pages * page / (1024 * 1024);
  const double peak_mb = static_cast<double>(usage.ru_maxrss) / 1024;  // Linux counts in KiB
  return {std::max(peak_mb, resident_mb), resident_mb};  // the kernel's mark may lag a little
}

Memories measure(const std::string& problem, int64_t n_events) {
  using sagips_tool::check;
  Memories memories;
  memories[0] = read_memory();
  const sagips_tool::ClosureSpec& spec = sagips_tool::closure_spec(problem);
  const auto closure = sagips_tool::build_closure(spec, spec.truth, n_events, 1);
  memories[1] = read_memory();
  const auto solver = sagips_tool::make_solver(closure.problem.get(), fast_options({}).get());
  memories[2] = read_memory();
  sagips_progress progress = sagips_tool::read_progress(solver.get());
  check(sagips_solver_step(solver.get(), progress.epochs, &progress));
  memories[3] = read_memory();
  Vector mean(spec.truth.size()), covariance(mean.size() * mean.size());
  check(sagips_solver_estimate(solver.get(), 0, static_cast<int32_t>(mean.size()), mean.data(),
                               covariance.data()));
  memories[4] = read_memory();
  return memories;
}

// The child reports through a pipe and leaves without cleaning up after the parent.
Memories measure_in_child(const std::string& problem, int64_t n_events) {
  int ends[2];
  if (pipe(ends) != 0) throw sagips_tool::Failure("no pipe to a child could be made");
  std::fflush(stdout);
  const pid_t child = fork();
  if (child < 0) throw sagips_tool::Failure("no child could be forked to measure memory in");
  if (child == 0) {
    int status = 1;
    try {
      const Memories memories = measure(problem, n_events);
      status = write(ends[1], memories.data(), sizeof(memories)) == sizeof(memories) ? 0 : 1;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "bench_closure: %s\n", error.what());
    }
    _exit(status);
  }
  close(ends[1]);
  Memories memories;
  const bool is_complete = read(ends[0], memories.data(), sizeof(memories)) == sizeof(memories);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!is_complete || status != 0) {
    throw sagips_tool::Failure("the child that measures the memory of " + problem + " failed");
  }
  return memories;
}

}  // namespace

Json memory_part(const PartSettings& settings) {
  std::printf("== Memory of a process that trains once, preset fast: peak and (resident), MB\n\n");
  std::vector<std::vector<std::string>> table = {{""}};
  table[0].insert(table[0].end(), std::begin(kMoments), std::end(kMoments));
  Json json;
  for (const std::string& problem : sagips_tool::closure_names()) {
    show_progress("memory " + problem);
    const Memories memories = measure_in_child(problem, settings.n_events);
    show_progress("");
    std::vector<std::string> row = {problem};
    for (size_t i = 0; i < kCount; ++i) {
      row.push_back(sagips_tool::cell(memories[i].peak_mb, 1) + " (" +
                    sagips_tool::cell(memories[i].resident_mb, 1) + ")");
      json[problem][kMoments[i]] = {{"peak_mb", memories[i].peak_mb},
                                    {"resident_mb", memories[i].resident_mb}};
    }
    table.push_back(row);
  }
  const double events_mb = static_cast<double>(settings.n_events) * 2 * sizeof(double) / 1048576;
  std::printf("%sof this, the events themselves, which the solver borrows: %.1f MB\n\n",
              sagips_tool::aligned(table, "lrrrrr").c_str(), events_mb);
  json["events_mb"] = events_mb;
  return json;
}

}  // namespace sagips_bench
