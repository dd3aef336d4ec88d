// SPDX-License-Identifier: BSD-3-Clause
#include "pipeline/smear.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

namespace sagips {
namespace {

size_t at(int64_t i) { return static_cast<size_t>(i); }

/// One of the two resolutions, for each observable: fixed numbers, or parameters of the row.
struct Resolution {
  std::vector<double> fixed;  // (Y)
  int32_t n_columns = 0;      // 0: fixed; 1: one parameter for all; Y
  int32_t first = 0;          // among the parameters that the stage sees

  int32_t column(int32_t y) const { return first + (n_columns == 1 ? 0 : y); }
  double of(int32_t y, const double* parameters) const {
    return n_columns == 0 ? fixed[at(y)] : parameters[column(y)];
  }
};

struct Smear {
  Resolution sigma, relative;
  bool moves_as_it_is = false;  // dy/dx = 1 and no parameters: nobody needs the normals
};

/// What a row's events are smeared with. @return false if a parameter is no resolution
struct RowResolution {
  std::vector<double> sigma, relative;

  explicit RowResolution(int32_t n) : sigma(at(n)), relative(at(n)) {}
  bool read(const Smear& smear, const double* parameters) {
    bool is_valid = true;
    for (size_t y = 0; y < sigma.size(); ++y) {
      sigma[y] = smear.sigma.of(static_cast<int32_t>(y), parameters);
      relative[y] = smear.relative.of(static_cast<int32_t>(y), parameters);
      is_valid = is_valid && sigma[y] >= 0 && relative[y] >= 0 && std::isfinite(sigma[y]) &&
                 std::isfinite(relative[y]);
    }
    return is_valid;
  }
  double total(size_t y, double x) const {
    const double r = relative[y] * x;
    return std::sqrt(sigma[y] * sigma[y] + r * r);
  }
};

/// Two normals of two uniforms in (0, 1).
void draw_normals(const double* uniforms, double* z) {
  constexpr double kTwoPi = 6.283185307179586;
  const double radius = std::sqrt(-2 * std::log(uniforms[0])), angle = kTwoPi * uniforms[1];
  z[0] = radius * std::cos(angle);
  z[1] = radius * std::sin(angle);
}

int32_t smear_forward(void* user, sagips_batch* b) {
  const Smear& smear = *static_cast<const Smear*>(user);
  RowResolution row(b->n_outputs);
  const int64_t width = b->n_outputs;
  for (int64_t n = 0; n < b->n_rows; ++n) {
    if (!row.read(smear, b->parameters + n * b->n_parameters)) {
      b->row_status[n] = 1;
      continue;
    }
    for (int64_t e = n * b->n_events; e < (n + 1) * b->n_events; ++e)
      for (int64_t y = 0; y < width; y += 2) {
        double z[2];
        draw_normals(b->uniforms + e * b->n_uniforms + y, z);
        for (int64_t k = y; k < std::min(y + 2, width); ++k) {
          const double x = b->inputs[e * width + k];
          b->outputs[e * width + k] = x + row.total(at(k), x) * z[k - y];
        }
      }
  }
  return 0;
}

/// The way back of one observable of one event.
void pull_back(const Smear& smear, const RowResolution& row, int32_t y, double x, double z,
               double grad, double* grad_input, double* grad_parameters) {
  const double sigma = row.sigma[at(y)], relative = row.relative[at(y)], s = row.total(at(y), x);
  const double slope = s > 0 ? relative * x / s : 0;
  *grad_input += grad * (1 + z * relative * slope);
  if (smear.sigma.n_columns > 0)
    grad_parameters[smear.sigma.column(y)] += grad * z * (s > 0 ? sigma / s : 1);
  if (smear.relative.n_columns > 0)
    grad_parameters[smear.relative.column(y)] += grad * z * (s > 0 ? slope * x : std::abs(x));
}

int32_t smear_backward(void* user, sagips_batch* b) {
  const Smear& smear = *static_cast<const Smear*>(user);
  const int32_t width = b->n_outputs;
  if (smear.moves_as_it_is) {
    for (int64_t i = 0; i < b->n_rows * b->n_events * width; ++i)
      b->grad_inputs[i] += b->grad_outputs[i];
    return 0;
  }
  RowResolution row(width);
  for (int64_t n = 0; n < b->n_rows; ++n) {
    if (!row.read(smear, b->parameters + n * b->n_parameters)) continue;
    double* grad_parameters = b->grad_parameters + n * b->n_parameters;
    for (int64_t e = n * b->n_events; e < (n + 1) * b->n_events; ++e) {
      if (b->weight_in != nullptr && b->weight_in[e] == 0) continue;  // its inputs mean nothing
      for (int32_t y = 0; y < width; y += 2) {
        double z[2];
        draw_normals(b->uniforms + e * b->n_uniforms + y, z);
        for (int32_t k = y; k < std::min(y + 2, width); ++k) {
          const int64_t i = e * width + k;
          pull_back(smear, row, k, b->inputs[i], z[k - y], b->grad_outputs[i], b->grad_inputs + i,
                    grad_parameters);
        }
      }
    }
  }
  return 0;
}

/// One of the resolutions out of its two keys; its parameters are appended to `columns`.
Resolution read_resolution(const StageSettings& settings, const std::string& key,
                           const std::string& parameters_key, int32_t n,
                           std::vector<int32_t>* columns) {
  Resolution r;
  r.fixed = settings.numbers_for(key, n, 0);
  for (const double value : r.fixed)
    if (value < 0)
      settings.refuse(SAGIPS_ERROR_RANGE, key, "holds ", value, " (must not be negative)");
  if (!settings.has(parameters_key)) return r;
  if (settings.has(key))
    settings.refuse(SAGIPS_ERROR_RANGE, key, "is given, and ", parameters_key,
                    " too, which takes its place; give one of them");
  const std::vector<int32_t> own = settings.indices(parameters_key);
  r.n_columns = static_cast<int32_t>(own.size());
  if (r.n_columns != 1 && r.n_columns != n)
    settings.refuse(SAGIPS_ERROR_SHAPE, parameters_key, "names ", own.size(), " parameters for ", n,
                    " observables; name one for each, or one for all");
  r.first = static_cast<int32_t>(columns->size());
  for (const int32_t column : own) {
    if (std::count(columns->begin(), columns->end(), column) > 0)
      settings.refuse(SAGIPS_ERROR_RANGE, parameters_key, "names parameter ", column,
                      ", which is a resolution of another kind already; name another one");
    columns->push_back(column);
  }
  return r;
}

}  // namespace

Stage make_smear(const StageSettings& settings, int32_t n_inputs) {
  auto smear = std::make_shared<Smear>();
  Stage stage;
  smear->sigma = read_resolution(settings, "sigma", "parameters", n_inputs, &stage.columns);
  smear->relative =
      read_resolution(settings, "relative", "relative_parameters", n_inputs, &stage.columns);
  const auto vanishes = [](const Resolution& r) {
    return r.n_columns == 0 &&
           std::all_of(r.fixed.begin(), r.fixed.end(), [](double v) { return v == 0; });
  };
  if (vanishes(smear->sigma) && vanishes(smear->relative))
    fail(SAGIPS_ERROR_STATE,
         "built-in 'smear' has no resolution (all are 0, so it would do nothing); set sigma=... or "
         "relative=..., or name the parameters that they are");
  smear->moves_as_it_is = vanishes(smear->relative) && smear->sigma.n_columns == 0;
  stage.n_outputs = n_inputs;
  stage.n_uniforms = n_inputs + n_inputs % 2;
  stage.forward = smear_forward;
  stage.backward = smear_backward;
  stage.user = smear;
  stage.is_smooth = true;
  return stage;
}

}  // namespace sagips
