// SPDX-License-Identifier: BSD-3-Clause
#include "described_run.h"

#include <cmath>

#include "statistics.h"

namespace sagips_bench {

using sagips_tool::check;

Json describe_run(const DataSet& data, const std::vector<Setting>& settings, uint64_t seed) {
  Json json = {{"truth", data.truth}, {"fit", data.fit.estimate}, {"limit", data.limit.sigma}};
  const Stopwatch watch;
  sagips_tool::Options options = fast_options(settings);
  check(sagips_options_set_integer(options.get(), "seed", static_cast<int64_t>(seed)));
  const sagips_tool::Solver solver =
      sagips_tool::make_solver(data.closure.problem.get(), options.get());
  sagips_progress progress = sagips_tool::read_progress(solver.get());
  if (sagips_solver_step(solver.get(), progress.epochs, &progress) != SAGIPS_OK) {
    json["failure"] = sagips_tool::last_error();
    return json;
  }
  json["seconds_cpu"] = watch.cpu();

  int32_t n_members = 0;
  check(sagips_solver_shape(solver.get(), nullptr, &n_members, nullptr));
  const size_t p = data.truth.size(), m = static_cast<size_t>(n_members);
  Vector mean(p), total(p * p), statistical(p * p), training(p * p), spread(p * p), draw(p * p),
      draw_statistical(p * p), members(m * p);
  sagips_estimate parts{};
  parts.struct_size = sizeof(parts);
  parts.ensemble = draw.data();
  parts.statistical = draw_statistical.data();
  check(sagips_solver_describe_estimate(solver.get(), 0, static_cast<int32_t>(p), &parts));
  parts.ensemble = nullptr;
  parts.mean = mean.data();
  parts.covariance = total.data();
  parts.statistical = statistical.data();
  parts.training = training.data();
  parts.member_covariance = spread.data();
  parts.members = members.data();
  parts.n_members = n_members;
  const int32_t whom = m > 1 ? static_cast<int32_t>(SAGIPS_ALL_MEMBERS) : 0;
  check(sagips_solver_describe_estimate(solver.get(), whom, static_cast<int32_t>(p), &parts));
  json["mean"] = mean;
  json["total"] = total;
  json["statistical"] = statistical;
  json["training"] = training;
  json["draw"] = draw;
  if (m > 1) json["draw_statistical"] = draw_statistical;
  if (m > 1) json["spread"] = spread;
  if (m > 1) json["members"] = members;
  return json;
}

Vector sigmas(const Json& matrix) {
  const auto n = static_cast<size_t>(std::lround(std::sqrt(static_cast<double>(matrix.size()))));
  Vector out;
  for (size_t j = 0; j < n; ++j) out.push_back(std::sqrt(matrix[j * n + j].get<double>()));
  return out;
}

}  // namespace sagips_bench
