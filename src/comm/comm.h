// SPDX-License-Identifier: BSD-3-Clause
// The ranks that train together. A program that runs alone is rank 0 of 1.
#ifndef SAGIPS_COMM_COMM_H_
#define SAGIPS_COMM_COMM_H_

#include <cstdint>

namespace sagips {

struct Comm {
  int32_t rank = 0;
  int32_t size = 1;
};

}  // namespace sagips

#endif  // SAGIPS_COMM_COMM_H_
