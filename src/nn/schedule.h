// SPDX-License-Identifier: BSD-3-Clause
// Learning rate over the training, a function of the epoch alone. With x = epoch / epochs:
//   constant     rate
//   cosine       rate (floor + (1 - floor) (1 + cos(pi x)) / 2)
//   exponential  rate floor^x
// and a linear rise (epoch + 1) / warmup over the first epochs.
#ifndef SAGIPS_NN_SCHEDULE_H_
#define SAGIPS_NN_SCHEDULE_H_

#include <cstdint>

namespace sagips {

struct Schedule {
  enum class Form { kConstant, kCosine, kExponential };
  Form form = Form::kConstant;
  double rate = 1e-3;
  double floor = 0.01;
  int64_t warmup = 0;
  int64_t epochs = 1;  // horizon

  double at(int64_t epoch) const;
};

}  // namespace sagips

#endif  // SAGIPS_NN_SCHEDULE_H_
