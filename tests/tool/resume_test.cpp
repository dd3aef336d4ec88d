// SPDX-License-Identifier: BSD-3-Clause
// A run that was stopped, or killed, and resumed must end where an uninterrupted one ends.

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <sstream>

#include "command.h"

namespace tool_test {
namespace {

using Json = nlohmann::json;

// Long enough that a signal sent at the first checkpoint arrives before the end.
const Words kLong = {"--epochs", "3000", "--set", "checkpoint.every=100", "metrics.every=50"};

Json parameters(const std::string& folder) {
  return read_json(folder + "/summary.json").at("parameters");
}

// Epochs and estimates of metrics.csv; the rest is time.
std::string history(const std::string& folder) {
  std::istringstream file(read(folder + "/metrics.csv"));
  std::string kept;
  for (std::string line; std::getline(file, line);) {
    std::istringstream cells(line);
    int column = 0;
    for (std::string cell; std::getline(cells, cell, ','); ++column) {
      if (column != 1 && column < 17) kept += cell + ",";
    }
    kept += "\n";
  }
  return kept;
}

std::string first_checkpoint(const std::string& run) {
  for (int i = 0; i < 60000; ++i) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(run + "/checkpoints", none)) {
      if (entry.path().filename().string().rfind("epoch-", 0) == 0) return entry.path().string();
    }
    appears("/nowhere-" + std::to_string(i % 1)), void();
  }
  return "";
}

}  // namespace
}  // namespace tool_test
