// SPDX-License-Identifier: BSD-3-Clause
// The PyTorch builds of this machine, and the ways each is run.

#ifndef SAGIPS_BENCH_ENGINE_INTERPRETERS_H_
#define SAGIPS_BENCH_ENGINE_INTERPRETERS_H_

#include <string>
#include <vector>

namespace sagips_bench {

// Pythons that can import torch, each once: those named in SAGIPS_BENCH_PYTHON, separated by
// colons, or else python3 of the path and /usr/bin/python3.
std::vector<std::string> find_interpreters();

struct TorchMode {
  const char* name;
  const char* argument;                  // of torch_epoch.py
  std::vector<std::string> environment;  // on top of the number of threads
};

// Eager; eager with an allocator that keeps its pages; compiled, with that allocator too.
const std::vector<TorchMode>& torch_modes();

}  // namespace sagips_bench

#endif  // SAGIPS_BENCH_ENGINE_INTERPRETERS_H_
