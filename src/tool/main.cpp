// SPDX-License-Identifier: BSD-3-Clause
// The command `sagips`: words of the command line to subcommands, and failures to one sentence on
// stderr with exit code 1, or 2 where the command line itself is wrong.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "tool/commands.h"
#include "tool/text.h"

namespace sagips_tool {
namespace {

// The command line as it could be typed again.
std::string typed(int argc, char** argv) {
  std::string line = "sagips";
  for (int i = 1; i < argc; ++i) line += " " + shell_word(argv[i]);
  return line;
}

int fail(const char* sentence, int code) {
  const std::string text = std::string("sagips: ") + sentence + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
  return code;
}

void add_run(CLI::App* app, RunArguments* run) {
  app->add_option("--problem", run->problem, "proxy1d (default) or kuma6");
  app->add_option("--preset", run->preset, "fast (default) or paper");
  app->add_option("--events", run->events, "Size of the data (default 1000000)");
  app->add_option("--seed", run->seed, "Seed of the training (option `seed`)");
  app->add_option("--data-seed", run->data_seed, "Seed of the data (default 1)");
  app->add_option("--epochs", run->epochs, "Epochs to train (option `epochs`)");
  app->add_option("--members", run->members, "Members of the ensemble (option `ensemble.members`)");
  app->add_option("--threads", run->threads, "Threads to use (option `threads`)");
  app->add_option("--truth", run->truth, "Parameters behind the data, t0,...,t5, physical units");
  app->add_option("--set", run->set, "Any option, key=value; see `sagips options`");
  app->add_option("--config", run->config, "Options from a TOML file")->check(CLI::ExistingFile);
  app->add_option("--out", run->out, "Folder for everything the run writes")->capture_default_str();
  app->add_flag("--resume", run->resume, "Go on from the newest checkpoint in --out");
  app->add_flag("--overwrite", run->overwrite, "Replace the run in --out");
  app->footer(
      "Later ones win: preset < --config < the flags above < --set.\n"
      "Example: sagips run --problem proxy1d --epochs 1000 --out out/first --set threads=2");
}

int run(int argc, char** argv) {
  CLI::App app(
      "Finds the parameters behind measured events with a generative adversarial network.");
  app.require_subcommand(1);
  app.set_version_flag(
      "--version", std::string("sagips ") + sagips_version_string() + "\n" + sagips_build_info());
  app.footer("Example: sagips run --problem kuma6 --out out/kuma6");

  RunArguments arguments;
  arguments.command = typed(argc, argv);
  CLI::App* const run_app = app.add_subcommand("run", "Train a closure problem and report on it");
  add_run(run_app, &arguments);

  std::string folder, output;
  CLI::App* const report_app = app.add_subcommand("report", "Rebuild the report of a run");
  report_app->add_option("folder", folder, "What `sagips run --out` was given")->required();
  report_app->add_option("--output", output, "File to write (default FOLDER/report.html)");
  report_app->footer("Example: sagips report out/first --output first.html");

  CLI::App* const options_app = app.add_subcommand("options", "Print the table of options");
  options_app->footer("Example: sagips options | grep generator");

  std::string problem;
  uint64_t seed = 1;
  CLI::App* const check_app =
      app.add_subcommand("check", "Check the forward model of a built-in problem");
  check_app->add_option("--problem", problem, "proxy1d or kuma6")->required();
  check_app->add_option("--seed", seed, "Seed of points and draws")->capture_default_str();
  check_app->footer("Example: sagips check --problem proxy1d");

  std::string language, new_folder;
  CLI::App* const new_app =
      app.add_subcommand("new", "Write a project with a model to replace by yours");
  new_app->add_option("language", language, "c, cpp or fortran")->required();
  new_app->add_option("folder", new_folder, "Folder to write; new or empty")->required();
  new_app->footer(
      "It builds against an installed SAGIPS, checks its model, closes on itself, and fits events\n"
      "from a file. The project is called like the folder.\n"
      "Example: sagips new cpp decay");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    const std::vector<std::string> rest = app.remaining();
    const bool is_unknown = app.get_subcommands().empty() && !rest.empty() && rest[0][0] != '-';
    const std::string problem_text =
        is_unknown
            ? "\"" + rest[0] + "\" is no subcommand (there are run, report, options, check, new)"
            : error.what();
    return fail((problem_text + "; see sagips --help").c_str(), kExitUsage);
  }
  if (*run_app) return run_command(arguments);
  if (*report_app) return report_command(folder, output);
  if (*options_app) return options_command();
  if (*new_app) return new_command(language, new_folder);
  return check_command(problem, seed);
}

}  // namespace
}  // namespace sagips_tool

int main(int argc, char** argv) {
  using namespace sagips_tool;
  try {
    return run(argc, argv);
  } catch (const UsageError& error) {
    return fail(error.what(), kExitUsage);
  } catch (const std::exception& error) {
    return fail(error.what(), kExitFailure);
  }
}
