// SPDX-License-Identifier: BSD-3-Clause
// What happens to the events of a tile around the layers, in double precision and over vectors of
// events: standardisation, the lift into products of polynomials of scores and its derivative
// (formulas in network_plan.h; without a lift the products are the observables), losses and their
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

/// Rows of a tile's table of polynomials whose product is wanted.
using Rows = std::vector<int32_t>;

/// One product's derivative by one of its observables: the derivative of that one's polynomial,
/// times the polynomials of the others.
struct Term {
  int32_t product, observable;
  int32_t slope;  // row of the table of derivatives
  Rows others;
};

/// A score curve as columns of its pieces, to be gathered from.
struct CurveTable {
  explicit CurveTable(const ScoreCurve& curve);
  double low, high;                // its ends
  AlignedVector<double> interior;  // points between pieces
  AlignedVector<double> x, c0, c1, c2, c3;
};

/// The lift of a plan, made ready: products of rows of a table of polynomials (Y, highest + 1).
struct LiftTable {
  explicit LiftTable(const NetworkPlan& plan);
  int64_t n_observables, n_products;
  int32_t highest = 0;  // degree
  bool is_lifted;
  std::vector<CurveTable> curves;                // (Y)
  std::vector<double> roots, to_next, to_after;  // of n, 1/sqrt(n+1), sqrt(n/(n+1))
  std::vector<Rows> products;                    // (K)
  std::vector<Term> terms;                       // of all derivatives, by observable
  std::vector<double> mean;                      // (K)

  int64_t row(int64_t observable, int32_t degree) const {
    return observable * (highest + 1) + degree;
  }
  int64_t n_rows() const { return is_lifted ? n_observables * (highest + 1) : 0; }
};

/// Buffers of one tile's events.
struct EventBuffers {
  explicit EventBuffers(const LiftTable& table);
  AlignedVector<double> raw, weights;  // (n, Y) and (n), as the source fills them
  AlignedVector<double> x;             // standardised; 0 for lost events and beyond n
  // Of the scores: where on the curve, how far beyond it, and the derivative by x.
  AlignedVector<double> inner, beyond, score_slopes;
  AlignedVector<double> polynomials, slopes;  // rows of the table; slopes are by x
  AlignedVector<double> products;             // less their means
  AlignedVector<double> grad_products, grad_x;
};

struct EventKernels {
  /// x from n raw events.
  void (*standardise)(const NetworkPlan&, int64_t n, EventBuffers*);
  /// polynomials and products from x.
  void (*make_products)(const LiftTable&, EventBuffers*);
  /// grad_x from grad_products.
  void (*differentiate_products)(const LiftTable&, EventBuffers*);

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
