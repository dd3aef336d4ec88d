// SPDX-License-Identifier: BSD-3-Clause
// `sagips new`: a project with a model of its own, ready to build, in a folder that was empty.

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "tool/abi.h"
#include "tool/commands.h"
#include "tool/files.h"
#include "tool/skeleton.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

namespace fs = std::filesystem;

// Targets and variables of CMake, and what the skeletons use, in small letters.
const std::vector<std::string>& taken_names() {
  static const std::vector<std::string> names = {"all",
                                                 "clean",
                                                 "cmake",
                                                 "cmakefiles",
                                                 "ctest",
                                                 "depend",
                                                 "edit_cache",
                                                 "help",
                                                 "install",
                                                 "m",
                                                 "makefile",
                                                 "package",
                                                 "project",
                                                 "sagips",
                                                 "test",
                                                 "sagips_fortran",
                                                 "sagips_modules",
                                                 "rebuild_cache",
                                                 "testing",
                                                 "run_tests"};
  return names;
}

bool is_ascii_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string in_small_letters(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::vector<SkeletonFile> files_of(const std::string& language) {
  std::vector<SkeletonFile> files;
  std::vector<std::string> languages;
  for (const SkeletonFile& file : skeleton_files()) {
    if (file.language == language) files.push_back(file);
    if (languages.empty() || languages.back() != file.language) languages.push_back(file.language);
  }
  if (files.empty()) {
    throw UsageError("there is no skeleton in \"" + language + "\" (did you mean " +
                     nearest(in_small_letters(language), languages) + "?); choose " +
                     join(languages, ", "));
  }
  return files;
}

// Refuses a folder that holds anything: what was there could not be told from what was written.
void require_vacant(const std::string& folder) {
  if (folder.empty()) throw UsageError("the folder's name is empty; name the folder to write");
  std::error_code error;
  if (!fs::exists(folder, error)) return;
  if (!fs::is_directory(folder, error)) {
    throw UsageError(folder + " is no folder (a project is one); choose another name");
  }
  const bool is_empty = fs::is_empty(folder, error);
  if (error) {
    throw Failure(folder + " cannot be read (" + error.message() + "); choose another folder");
  }
  if (!is_empty) {
    throw UsageError(folder + " is not empty (a new project would mix with what is there); choose" +
                     " another folder, or empty this one");
  }
}

std::string replaced(std::string text, const std::string& word, const std::string& by) {
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + by.size())) {
    text.replace(at, word.size(), by);
  }
  return text;
}

}  // namespace

std::string project_name(const std::string& folder) {
  fs::path path = fs::absolute(folder).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "decay/" is "decay", "." where we are
  std::string name;
  for (char c : path.filename().string()) {
    if (is_ascii_letter_or_digit(c)) {
      name += c;
    } else if (name.empty() || name.back() != '_') {
      name += '_';
    }
  }
  if (name.empty() || name == "_") return "model";
  if (name[0] >= '0' && name[0] <= '9') name = "model_" + name;
  const std::vector<std::string>& taken = taken_names();
  const bool is_taken =
      std::find(taken.begin(), taken.end(), in_small_letters(name)) != taken.end();
  return is_taken ? name + "_model" : name;
}

int new_command(const std::string& language, const std::string& folder) {
  const std::vector<SkeletonFile> files = files_of(language);
  require_vacant(folder);
  const std::string name = project_name(folder);
  const std::string version =
      std::to_string(SAGIPS_VERSION_MAJOR) + "." + std::to_string(SAGIPS_VERSION_MINOR);
  make_folder(folder);
  std::vector<std::string> names;
  for (const SkeletonFile& file : files) {
    const std::string text = replaced(file.text, "@NAME@", name);
    write_file((fs::path(folder) / file.name).string(), replaced(text, "@VERSION@", version));
    names.push_back(file.name);
  }
  const std::string text = name + ": " + join(names, ", ") + "\n\nNext, with the folder where " +
                           "SAGIPS is installed for PREFIX:\n\n  cd " + shell_word(folder) +
                           "\n  cmake -S . -B build -DCMAKE_PREFIX_PATH=PREFIX\n" +
                           "  cmake --build build\n  build/" + name + " check\n  build/" + name +
                           " closure\n\nThen make the model yours: README.md says how.\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  return 0;
}

}  // namespace sagips_tool
