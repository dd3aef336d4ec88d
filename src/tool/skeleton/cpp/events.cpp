// SPDX-License-Identifier: 0BSD
// Reads and writes files of events. In text, observables are separated by commas or blanks; empty
// lines, those that begin with #, and a first line that is no number (a header) are passed over.
#include "events.h"

#include <cctype>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <locale>
#include <sstream>
#include <stdexcept>

namespace {

std::ifstream open(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + " cannot be opened; check its name");
  return file;
}

// Appends the numbers of a line; false if these are not `width` numbers and no more.
bool append_line(const std::string& line, int width, std::vector<double>* numbers) {
  std::istringstream text(line);
  text.imbue(std::locale::classic());
  std::vector<double> event(static_cast<size_t>(width));
  for (double& value : event) {
    if (!(text >> value)) return false;
    const bool is_last = &value == &event.back();
    if ((text >> std::ws).peek() == ',' && !is_last) text.get();
  }
  if (text.peek() != std::istringstream::traits_type::eof()) return false;
  numbers->insert(numbers->end(), event.begin(), event.end());
  return true;
}

std::vector<double> read_text(const std::string& path, int width) {
  std::ifstream file = open(path);
  std::vector<double> numbers;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string::npos || line[first] == '#') continue;
    if (append_line(line, width, &numbers)) continue;
    const bool is_header = numbers.empty() && std::isalpha(static_cast<unsigned char>(line[first]));
    if (!is_header) {
      throw std::runtime_error(path + ":" + std::to_string(number) +
                               " holds no event (must be numbers, " + std::to_string(width) +
                               " a line); correct or remove it");
    }
  }
  if (file.bad()) throw std::runtime_error(path + " cannot be read to its end");
  return numbers;
}

std::vector<double> read_raw(const std::string& path, int width) {
  std::ifstream file = open(path);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<double> numbers(bytes.size() / sizeof(double));
  if (bytes.size() % (static_cast<size_t>(width) * sizeof(double)) != 0) {
    throw std::runtime_error(path + " has " + std::to_string(bytes.size()) +
                             " bytes (must be events of " + std::to_string(width) +
                             " doubles); write whole events");
  }
  if (!bytes.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

bool ends_with(const std::string& text, const std::string& ending) {
  return text.size() >= ending.size() &&
         text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

}  // namespace

std::vector<double> read_events(const std::string& path, int width) {
  const auto events = ends_with(path, ".raw") ? read_raw(path, width) : read_text(path, width);
  if (events.empty()) throw std::runtime_error(path + " holds no events");
  return events;
}

void write_events(const std::string& path, const std::vector<double>& events, int width) {
  std::ofstream file(path);
  file.imbue(std::locale::classic());
  file.precision(std::numeric_limits<double>::max_digits10);
  for (size_t i = 0; i < events.size(); ++i) {
    file << events[i] << ((i + 1) % static_cast<size_t>(width) == 0 ? '\n' : ',');
  }
  file.close();
  if (!file) throw std::runtime_error(path + " cannot be written; check the folder");
}
