// SPDX-License-Identifier: BSD-3-Clause
// The parts of bench_ensemble. Each prints its tables and returns what it measured of one problem.

#ifndef SAGIPS_BENCH_ENSEMBLE_PARTS_H_
#define SAGIPS_BENCH_ENSEMBLE_PARTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "closure_run.h"
#include "progress.h"
#include "run_log.h"

namespace sagips_bench {

// Zero stands for a part's own number.
struct EnsembleSettings {
  int n_data_sets = 0;
  int64_t n_events = 0;
  int n_members = 0;
  double times = 0;    // of the processor time of `fast`: how long the baseline trains
  int64_t epochs = 0;  // instead of the preset's, for a quick look
  std::string folder;  // for pictures
  RunLog* log = nullptr;

  int data_sets(int own) const { return n_data_sets > 0 ? n_data_sets : own; }
  int64_t events(int64_t own) const { return n_events > 0 ? n_events : own; }
  int members(int own) const { return n_members > 0 ? n_members : own; }
  // The length of every training, where it is not the preset's.
  std::vector<Setting> length() const {
    if (epochs == 0) return {};
    return {{"epochs", std::to_string(epochs)}};
  }
};

// Does the stated uncertainty of a single training cover the truth as often as it says?
Json calibration_part(const std::string& problem, const EnsembleSettings& settings);
// Trainings on the same data: is their scatter what is stated of the training?
Json replicas_part(const std::string& problem, const EnsembleSettings& settings);
// The same questions to the mean of an ensemble of bootstrapped members.
Json members_part(const std::string& problem, const EnsembleSettings& settings);
// Figure 8 of the paper: accuracy against the networks' width and the batch.
Json capacity_part(const std::string& problem, const EnsembleSettings& settings);
// Figure 9 of the paper: error against spread over subsets of an ensemble.
Json spread_part(const std::string& problem, const EnsembleSettings& settings);
// The paper's recipe, given a multiple of the time that `fast` takes.
Json baseline_part(const std::string& problem, const EnsembleSettings& settings);

// {name of the part, problem, and all settings that a kept training depends on}
Json key_of(const std::string& part, const std::string& problem, const EnsembleSettings& settings,
            int64_t n_events);

// "name   cells", in aligned() form.
std::vector<std::string> text_row(const std::string& name, const std::vector<std::string>& cells);

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_ENSEMBLE_PARTS_H_
