// SPDX-License-Identifier: BSD-3-Clause
// Where and with what something was measured.

#ifndef SAGIPS_BENCH_MACHINE_H_
#define SAGIPS_BENCH_MACHINE_H_

#include <nlohmann/json.hpp>

namespace sagips_bench {

// Processor, cores, memory, system, load, date, library, compilers.
nlohmann::ordered_json describe_machine();

// How many processes wanted a core over the last minute; NaN where the system does not tell.
double load_average();

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_MACHINE_H_
