// SPDX-License-Identifier: BSD-3-Clause
// What came out of a run, against the truth and against the statistical limit. The closing table,
// summary.json and the report all show this one struct.

#ifndef SAGIPS_TOOL_SUMMARY_H_
#define SAGIPS_TOOL_SUMMARY_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tool/ensemble.h"
#include "tool/metrics_file.h"
#include "tool/settings.h"

namespace sagips_tool {

struct ParameterResult {
  std::string name;
  double truth = 0.0, estimate = 0.0;
  double uncertainty = 0.0;       // of the solver itself; infinite where nothing measures it
  double residual_percent = 0.0;  // 100 (truth - estimate) / truth, eq. 6
  double limit_percent = 0.0;     // 100 sigma / |truth| of the Cramer-Rao limit; NaN if none
  double pull = 0.0;              // (estimate - truth) / sigma of the limit
};

// Found without the truth.
struct Verdict {
  bool known = false;  // false: `reason` tells why it could not be found
  bool fits = false, converged = false;
  double auc = 0.0, p_value = 0.0, drift_sigma = 0.0;
  int64_t n_held_out = 0;
  std::string reason;
};

struct Summary {
  std::string problem, preset, norm_information, gradient_route, version, build;
  int64_t seed = 0;
  uint64_t data_seed = 0;
  int64_t events = 0, epochs = 0, threads = 0, synthetic_events = 0;
  int64_t rows = 0, rows_failed = 0, rows_resampled = 0;  // that pipelines ran in training
  double lost_fraction = 0.0;  // synthetic events of weight 0 at the last report; NaN without one
  double seconds_training = 0.0, seconds_callback = 0.0;
  std::vector<ParameterResult> parameters;  // (P)
  std::vector<double> covariance;           // (P, P) of the estimate
  EnsembleResult ensemble;                  // members, and parts of the covariance
  double mean_abs_residual_percent = 0.0;
  double expected_mean_abs_at_limit_percent = 0.0;  // NaN where there is no limit
  double chi2_at_limit = 0.0;  // r^T C^-1 r with the limit's C and P degrees of freedom, or NaN
  int64_t epochs_to_5_percent = -1, epochs_to_2_percent = -1;  // -1: never
  Verdict verdict;
  double peak_memory_mb = 0.0;  // NaN if the training ran in another process
};

// Asks the solver for its estimate and its verdict.
Summary summarise(const RunSettings& settings, sagips_solver* solver,
                  const std::vector<Report>& reports);

// The most memory that this process has held.
double peak_memory_mb();

// `options` is the table of the run as it is recorded.
std::string summary_as_json(const Summary& summary, const sagips_options* options);
// False if the file is missing or not of this form.
bool read_summary(const std::string& path, Summary* summary);

}  // namespace sagips_tool

#endif  // SAGIPS_TOOL_SUMMARY_H_
