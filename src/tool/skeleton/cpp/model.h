// SPDX-License-Identifier: 0BSD
// What main.cpp has to know about the model: replace both files by yours.
#ifndef MODEL_H_
#define MODEL_H_

#include <string>
#include <vector>

#include "sagips.hpp"

constexpr int kObservables = 1;  // of an event

struct Parameter {
  std::string name;
  double lower, upper;  // the box that is searched
  double truth;         // of the closure test
};

const std::vector<Parameter>& model_parameters();

// parameters -> events
sgp::Pipeline model_pipeline();

#endif  // MODEL_H_
