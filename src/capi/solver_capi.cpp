// SPDX-License-Identifier: BSD-3-Clause
// sagips_solver_*
#include <algorithm>
#include <cmath>

#include "capi/guard.h"

using sagips::fail;
using sagips::Solver;
using namespace sagips::capi;

namespace {

/// Entry into a solver: one at a time, no way back in from a callback, no other thread.
class Inside {
 public:
  explicit Inside(const sagips_solver& solver) : solver_(solver) {
    if (solver.is_inside.exchange(true))
      fail(SAGIPS_ERROR_BUSY,
           "the solver is inside another call (of this callback or of another "
           "thread); wait until it has returned");
  }
  ~Inside() { solver_.is_inside = false; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  const sagips_solver& solver_;
};

/// Run body(solver) as the only one inside.
template <typename Handle, typename Body>
sagips_status enter(Handle* handle, const Body& body) {
  return guard([&] {
    auto& solver = check_handle(handle);
    const Inside inside(solver);
    body(solver.value);
  });
}

/// The index of one member.
void check_member(const Solver& solver, int32_t member) {
  if (member >= 0 && member < solver.n_members()) return;
  if (member == SAGIPS_ALL_MEMBERS)
    fail(SAGIPS_ERROR_RANGE,
         "SAGIPS_ALL_MEMBERS names no single network; ask one member at a time");
  fail(SAGIPS_ERROR_RANGE, "there is no member ", member, " (the solver has ", solver.n_members(),
       ", counted from 0)");
}

/// The index of one member, or all.
void check_members(const Solver& solver, int32_t member) {
  if (member != SAGIPS_ALL_MEMBERS) check_member(solver, member);
}

size_t check_index(int32_t index, size_t n, const char* what) {
  if (index < 0 || static_cast<size_t>(index) >= n)
    fail(SAGIPS_ERROR_RANGE, "there is no ", what, " ", index, " (the problem has ", n,
         ", counted from 0)");
  return static_cast<size_t>(index);
}

void check_width(const Solver& solver, int32_t n_parameters) {
  if (n_parameters != solver.plan().space.size())
    fail(SAGIPS_ERROR_SHAPE, "n_parameters is ", n_parameters, " (the problem has ",
         solver.plan().space.size(), ")");
}

void check_network(int32_t network) {
  if (network < SAGIPS_GENERATOR || network > SAGIPS_DISCRIMINATOR)
    fail(SAGIPS_ERROR_RANGE, "network ", network,
         " is unknown (SAGIPS_GENERATOR is 0, "
         "SAGIPS_GENERATOR_AVERAGE is 1, SAGIPS_DISCRIMINATOR is 2)");
}

/// The weights that a network's name means.
std::vector<float>& find_weights(const Solver& solver, int32_t member, int32_t network,
                                 const char* dataset) {
  check_network(network);
  int64_t index = 0;
  if (network == SAGIPS_DISCRIMINATOR)
    index = solver.problem().dataset_index(text(dataset, "dataset"));
  return const_cast<Solver&>(solver).weights(network, index, member);
}

void check_count(int64_t n, const std::vector<float>& weights) {
  if (n != static_cast<int64_t>(weights.size()))
    fail(SAGIPS_ERROR_SHAPE, "n is ", n, ", but the network has ", weights.size(),
         " weights and biases");
}

/// Write each part that the host wants, after all are known: a failure writes none.
void describe_estimate(Solver* solver, int32_t member, const sagips_estimate& out) {
  const int32_t n_members = member == SAGIPS_ALL_MEMBERS ? solver->n_members() : 1;
  if (out.members != nullptr && out.n_members != n_members)
    fail(SAGIPS_ERROR_SHAPE, "estimate.members has room for ", out.n_members,
         " members by estimate.n_members (must be ", n_members, ")");
  const auto copy = [](const std::vector<double>& from, double* to) {
    if (to != nullptr) std::copy(from.begin(), from.end(), to);
  };
  const sagips::Proposals found = solver->proposals(member);
  const std::vector<double> member_covariance =
      sagips::sample_covariance(found.members, solver->plan().space.size());
  if (out.covariance != nullptr || out.statistical != nullptr || out.ensemble != nullptr ||
      out.training != nullptr) {
    const sagips::Estimate e = solver->estimate(member);
    const std::vector<double> total = e.total(), training = e.training();
    copy(total, out.covariance);
    copy(e.covariance, out.statistical);
    copy(e.ensemble, out.ensemble);
    copy(training, out.training);
  }
  copy(found.mean, out.mean);
  copy(found.sigma, out.member_sigma);
  copy(member_covariance, out.member_covariance);
  copy(found.members, out.members);
}

}  // namespace

extern "C" {

sagips_status sagips_solver_create(sagips_solver** solver, const sagips_problem* problem,
                                   const sagips_options* options, const sagips_comm* comm) {
  return guard([&] {
    const auto& p = check_handle(problem).value;
    const sagips::Options o = options == nullptr ? sagips::Options() : check_handle(options).value;
    if (comm != nullptr) check_handle(comm);
    create(solver, p, o);
  });
}

sagips_status sagips_solver_destroy(sagips_solver** solver) { return destroy(solver); }

sagips_status sagips_solver_step(sagips_solver* solver, int64_t n_epochs,
                                 sagips_progress* progress) {
  return enter(solver, [&](Solver& s) {
    if (progress != nullptr) check_struct(progress, "progress");
    if (n_epochs < 0) fail(SAGIPS_ERROR_RANGE, "n_epochs is ", n_epochs, " (must not be negative)");
    try {
      s.step(n_epochs);
    } catch (...) {
      if (progress != nullptr) fill_struct(progress, s.progress());
      throw;
    }
    if (progress != nullptr) fill_struct(progress, s.progress());
  });
}

sagips_status sagips_solver_ask(sagips_solver* solver, sagips_batch* batch) {
  return enter(solver, [&](Solver& s) {
    check_struct(batch, "batch");
    const sagips_batch* ticket = s.ask();
    sagips_batch nothing{};
    nothing.request = s.has_tickets() ? SAGIPS_WAIT : SAGIPS_DONE;
    fill_struct(batch, ticket == nullptr ? nothing : *ticket);
  });
}

sagips_status sagips_solver_tell(sagips_solver* solver, uint64_t ticket, int32_t answer,
                                 sagips_progress* progress) {
  return enter(solver, [&](Solver& s) {
    if (progress != nullptr) check_struct(progress, "progress");
    try {
      s.tell(ticket, answer);
    } catch (...) {
      if (progress != nullptr) fill_struct(progress, s.progress());
      throw;
    }
    if (progress != nullptr) fill_struct(progress, s.progress());
  });
}

sagips_status sagips_solver_ticket(sagips_solver* solver, uint64_t ticket, sagips_batch* batch) {
  return enter(solver, [&](Solver& s) {
    check_struct(batch, "batch");
    fill_struct(batch, s.find_ticket(ticket));
  });
}

sagips_status sagips_solver_tickets(sagips_solver* solver, int64_t size, uint64_t* tickets,
                                    int64_t* n) {
  return enter(solver, [&](Solver& s) {
    if (size < 0) fail(SAGIPS_ERROR_RANGE, "size is ", size, " (must not be negative)");
    if (size > 0) check_pointer(tickets, "tickets");
    check_pointer(n, "n");
    const std::vector<uint64_t> out = s.outstanding_tickets();
    *n = static_cast<int64_t>(out.size());
    std::copy_n(out.begin(), std::min(size, *n), tickets);
  });
}

sagips_status sagips_solver_progress(const sagips_solver* solver, sagips_progress* progress) {
  return enter(solver, [&](const Solver& s) {
    check_struct(progress, "progress");
    fill_struct(progress, s.progress());
  });
}

// No guard and no lock: this one is called from signal handlers.
sagips_status sagips_solver_request_stop(sagips_solver* solver) {
  if (solver == nullptr) return SAGIPS_ERROR_NULL;
  if (solver->magic != sagips_solver::kWord) return SAGIPS_ERROR_HANDLE;
  solver->value.request_stop();
  return SAGIPS_OK;
}

sagips_status sagips_solver_condition(const sagips_solver* solver, int32_t* condition) {
  return guard([&] {
    const auto& s = check_handle(solver);
    check_pointer(condition, "condition");
    *condition = s.is_inside ? SAGIPS_INSIDE : SAGIPS_READY;
  });
}

sagips_status sagips_solver_shape(const sagips_solver* solver, int32_t* n_parameters,
                                  int32_t* n_members, int32_t* n_datasets) {
  return guard([&] {
    const auto& s = check_handle(solver).value;
    if (n_parameters != nullptr) *n_parameters = s.plan().space.size();
    if (n_members != nullptr) *n_members = s.n_members();
    if (n_datasets != nullptr) *n_datasets = static_cast<int32_t>(s.problem().datasets.size());
  });
}

sagips_status sagips_solver_parameter_name(const sagips_solver* solver, int32_t index, char* buffer,
                                           size_t size, size_t* needed) {
  return guard([&] {
    const auto& parameters = check_handle(solver).value.problem().parameters;
    copy_text(parameters[check_index(index, parameters.size(), "parameter")].name, buffer, size,
              needed);
  });
}

sagips_status sagips_solver_dataset_name(const sagips_solver* solver, int32_t index, char* buffer,
                                         size_t size, size_t* needed) {
  return guard([&] {
    const auto& datasets = check_handle(solver).value.problem().datasets;
    copy_text(datasets[check_index(index, datasets.size(), "data set")].name, buffer, size, needed);
  });
}

sagips_status sagips_solver_predict(sagips_solver* solver, int32_t member, int64_t n,
                                    int32_t n_parameters, double* parameters) {
  return enter(solver, [&](Solver& s) {
    check_members(s, member);
    check_width(s, n_parameters);
    if (n < 1) fail(SAGIPS_ERROR_RANGE, "n is ", n, " (must be positive)");
    constexpr int64_t kMostRows = int64_t{1} << 40;  // as many as have random numbers
    if (n > kMostRows)
      fail(SAGIPS_ERROR_MEMORY, n,
           " rows are more than the memory of any machine; check the counts");
    check_pointer(parameters, "parameters");
    const std::vector<double> rows = s.predict(n, member);
    std::copy(rows.begin(), rows.end(), parameters);
  });
}

sagips_status sagips_solver_estimate(sagips_solver* solver, int32_t member, int32_t n_parameters,
                                     double* mean, double* covariance) {
  return enter(solver, [&](Solver& s) {
    check_members(s, member);
    check_width(s, n_parameters);
    check_pointer(mean, "mean");
    if (covariance == nullptr) {
      const std::vector<double> m = s.proposals(member).mean;
      std::copy(m.begin(), m.end(), mean);
      return;
    }
    const sagips::Estimate e = s.estimate(member);
    const std::vector<double> total = e.total();
    std::copy(e.mean.begin(), e.mean.end(), mean);
    std::copy(total.begin(), total.end(), covariance);
  });
}

sagips_status sagips_solver_describe_estimate(sagips_solver* solver, int32_t member,
                                              int32_t n_parameters, sagips_estimate* estimate) {
  return enter(solver, [&](Solver& s) {
    check_members(s, member);
    check_width(s, n_parameters);
    check_struct(estimate, "estimate");
    describe_estimate(&s, member, read_struct(estimate));
    estimate->struct_size = std::min(estimate->struct_size, sizeof(sagips_estimate));
  });
}

sagips_status sagips_solver_assess(sagips_solver* solver, int32_t member, const char* dataset,
                                   sagips_assessment* assessment) {
  return enter(solver, [&](Solver& s) {
    check_struct(assessment, "assessment");
    check_members(s, member);
    const bool is_all = dataset == nullptr || *dataset == '\0';
    const sagips::Assessment a = s.assess(is_all ? -1 : s.problem().dataset_index(dataset), member);
    const bool fits = a.p_value >= s.options().real("assess.level");
    const bool is_converged = a.drift_sigma < s.options().real("stop.drift");
    fill_struct(assessment, {0, fits ? 1 : 0, is_converged ? 1 : 0, a.auc, a.p_value, a.drift_sigma,
                             a.n_held_out});
  });
}

sagips_status sagips_solver_weight_count(const sagips_solver* solver, int32_t network,
                                         const char* dataset, int64_t* count) {
  return guard([&] {  // what is read here never changes: no lock
    const auto& s = check_handle(solver).value;
    check_pointer(count, "count");
    check_network(network);
    const auto& plan = s.plan();
    if (network != SAGIPS_DISCRIMINATOR) {
      *count = plan.generator.plan().n_parameters();
    } else {
      const int64_t index = s.problem().dataset_index(text(dataset, "dataset"));
      *count = plan.datasets[static_cast<size_t>(index)].discriminator.n_parameters();
    }
  });
}

sagips_status sagips_solver_get_weights(const sagips_solver* solver, int32_t member,
                                        int32_t network, const char* dataset, int64_t n,
                                        float* weights) {
  return enter(solver, [&](const Solver& s) {
    check_member(s, member);
    const std::vector<float>& from = find_weights(s, member, network, dataset);
    check_count(n, from);
    check_pointer(weights, "weights");
    std::copy(from.begin(), from.end(), weights);
  });
}

sagips_status sagips_solver_set_weights(sagips_solver* solver, int32_t member, int32_t network,
                                        const char* dataset, int64_t n, const float* weights) {
  return enter(solver, [&](Solver& s) {
    check_member(s, member);
    std::vector<float>& to = find_weights(s, member, network, dataset);
    check_count(n, to);
    check_pointer(weights, "weights");
    for (int64_t i = 0; i < n; ++i)
      if (!std::isfinite(weights[i]))
        fail(SAGIPS_ERROR_NONFINITE, "weight ", i, " is ", static_cast<double>(weights[i]),
             " (must be finite)");
    s.abandon_epoch();
    std::copy(weights, weights + n, to.begin());
  });
}

sagips_status sagips_solver_update_events(sagips_solver* solver, const sagips_problem* problem) {
  return enter(solver, [&](Solver& s) { s.update_events(check_handle(problem).value); });
}

sagips_status sagips_solver_save(sagips_solver* solver, const char* folder) {
  return enter(solver, [&](Solver& s) { s.save(std::string(text(folder, "folder"))); });
}

sagips_status sagips_solver_load(sagips_solver* solver, const char* folder) {
  return enter(solver, [&](Solver& s) { s.load(std::string(text(folder, "folder"))); });
}

sagips_status sagips_solver_options(const sagips_solver* solver, char* buffer, size_t size,
                                    size_t* needed) {
  return guard(
      [&] { copy_text(check_handle(solver).value.options().write_toml(), buffer, size, needed); });
}

sagips_status sagips_solver_gradient_route(const sagips_solver* solver, const char* dataset,
                                           char* buffer, size_t size, size_t* needed) {
  return guard([&] {
    const auto& s = check_handle(solver).value;
    const auto index = static_cast<size_t>(s.problem().dataset_index(text(dataset, "dataset")));
    copy_text(s.problem().datasets[index].pipeline.route_name(), buffer, size, needed);
  });
}

sagips_status sagips_solver_set_progress_callback(sagips_solver* solver, sagips_progress_fn fn,
                                                  void* user) {
  return enter(solver, [&](Solver& s) { s.set_progress_callback(fn, user); });
}

sagips_status sagips_solver_set_metrics_callback(sagips_solver* solver, sagips_metrics_fn fn,
                                                 void* user) {
  return enter(solver, [&](Solver& s) { s.set_metrics_callback(fn, user); });
}

sagips_status sagips_solver_set_log_callback(sagips_solver* solver, sagips_log_fn fn, void* user) {
  return enter(solver, [&](Solver& s) { s.set_log_callback(fn, user); });
}

sagips_status sagips_solver_set_parallel_for(sagips_solver* solver, sagips_parallel_fn fn,
                                             void* host) {
  return enter(solver, [&](Solver& s) { s.use_host_threads(fn, host); });
}

}  // extern "C"
