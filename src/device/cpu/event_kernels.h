// SPDX-License-Identifier: BSD-3-Clause
// What happens to the events of a tile around the layers, in double precision and over vectors of
// events: standardisation, the lift into whitened monomials and its derivative, losses and their
// derivatives, and a network without hidden layers as a whole. All arrays are (features, kTile).
#ifndef SAGIPS_DEVICE_CPU_EVENT_KERNELS_H_
#define SAGIPS_DEVICE_CPU_EVENT_KERNELS_H_

#include <cstdint>
#include <vector>

#include "core/aligned.h"
#include "core/simd.h"
#include "device/cpu/level.h"
#include "device/network_plan.h"

namespace sagips::cpu {

/// One monomial's derivative by one of its observables: exponent x_y^(exponent-1) times the powers
/// of the others.
struct Term {
  int32_t monomial, observable;
  double exponent;
  std::vector<int32_t> powers;  // rows of the table of powers whose product it is
};

/// The lift of a plan, made ready: monomials as products of rows of a table of powers
/// (Y, highest + 1). Without a lift the "monomials" are the observables themselves.
struct LiftTable {
  explicit LiftTable(const NetworkPlan& plan);
  int64_t n_observables, n_monomials;
  int32_t highest = 0;
  double clip = 0;
  bool is_lifted;
  std::vector<std::vector<int32_t>> powers;  // of each monomial
  std::vector<Term> terms;                   // of all derivatives, by observable
  std::vector<double> mean;                  // (K)

  int64_t power_row(int64_t observable, int32_t exponent) const {
    return observable * (highest + 1) + exponent;
  }
  int64_t n_power_rows() const { return n_observables * (highest + 1); }
};

/// Buffers of one tile's events.
struct EventBuffers {
  explicit EventBuffers(const LiftTable& table);
  AlignedVector<double> raw, weights;  // (n, Y) and (n), as the source fills them
  AlignedVector<double> x;             // standardised; 0 for lost events and beyond n
  AlignedVector<double> powers;        // of the clipped observables
  AlignedVector<double> monomials;     // less their means
  AlignedVector<double> grad_monomials, grad_x;
};

struct EventKernels {
  /// x from n raw events.
  void (*standardise)(const NetworkPlan&, int64_t n, EventBuffers*);
  /// powers and monomials from x.
  void (*make_monomials)(const LiftTable&, EventBuffers*);
  /// grad_x from grad_monomials.
  void (*differentiate_monomials)(const LiftTable&, EventBuffers*);

  /// out(k) = sum_{j <= k} T(k, j) in(j), and out(j) = sum_{k >= j} T(k, j) in(k).
  void (*multiply_triangle)(int64_t n, const double* triangle, const double* in, double* out);
  void (*multiply_transposed_triangle)(int64_t n, const double* triangle, const double* in,
                                       double* out);

  /// out = offset + sum_k w(k) in(k), for one event each.
  void (*combine)(int64_t n, const double* w, double offset, const double* in, double* out);
  /// sums(k) += sum_e g(e) in(k, e).
  void (*contract)(int64_t n, const double* g, const double* in, double* sums);
  /// out(k) = w(k) g.
  void (*spread)(int64_t n, const double* w, const double* g, double* out);

  void (*to_floats)(int64_t n, const double* in, float* out);
  void (*to_doubles)(int64_t n, const float* in, double* out);

  /// Loss of each event in the eyes of a discriminator that takes it for real (target 1) or not
  /// (0), and its derivative by the logit. exp to 1 ulp and log1p to 2 ulp (Highway's statement).
  void (*losses)(Loss loss, bool is_real, const double* logits, double* values,
                 double* derivatives);
};
const EventKernels& event_kernels(Simd simd);

}  // namespace sagips::cpu

#endif  // SAGIPS_DEVICE_CPU_EVENT_KERNELS_H_
