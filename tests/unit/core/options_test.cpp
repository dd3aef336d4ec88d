// SPDX-License-Identifier: BSD-3-Clause
#include "core/options.h"

#include <gtest/gtest.h>

#include <cctype>
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "core/text.h"
#include "core_testing.h"

namespace sagips {
namespace {

using Widths = std::vector<int64_t>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<const OptionRow*> rows() {
  std::vector<const OptionRow*> all;
  for (int32_t i = 0; i < Options::count(); ++i) all.push_back(&Options::row(i));
  return all;
}

// "(0, 1]" as an interval.
OptionRange interval_of(const std::string& text) {
  OptionRange range{OptionForm::kNumber, "", 0, 0, text.front() == '(', text.back() == ')'};
  const std::vector<std::string> ends = split(text.substr(1, text.size() - 2), ',');
  EXPECT_TRUE(read_number(ends.at(0), &range.lower)) << text;
  EXPECT_TRUE(read_number(ends.at(1), &range.upper)) << text;
  return range;
}

TEST(OptionTable, KeysAreUniqueAndTablesStandTogether) {
  std::set<std::string> keys;
  std::set<std::string> tables;
  std::string table;
  for (const OptionRow* row : rows()) {
    const std::string key = row->key;
    EXPECT_TRUE(keys.insert(key).second) << key;
    const size_t dot = key.find('.');
    if (dot == std::string::npos || key.substr(0, dot) == table) continue;
    table = key.substr(0, dot);
    EXPECT_TRUE(tables.insert(table).second) << "two places of " << table;
  }
  for (const std::string& name : tables) EXPECT_EQ(keys.count(name), 0u) << name;
}

TEST(OptionTable, RangeTextsSayWhatIsChecked) {
  for (const OptionRow* row : rows()) {
    if (row->range.form != OptionForm::kNumber) continue;
    const OptionRange said = interval_of(row->range.text);
    EXPECT_EQ(said.lower, row->range.lower) << row->key;
    EXPECT_EQ(said.upper, row->range.upper) << row->key;
    EXPECT_EQ(said.lower_open, row->range.lower_open) << row->key;
    EXPECT_EQ(said.upper_open, row->range.upper_open) << row->key;
  }
}

TEST(OptionTable, DefaultsAndPresetsAreReadBackAsTheyStand) {
  for (const OptionRow* row : rows()) {
    Options options;
    EXPECT_EQ(options.get(row->key), row->default_value) << row->key;
    options.set(row->key, row->default_value);
    EXPECT_EQ(options.get(row->key), row->default_value) << row->key;
  }
  for (int32_t i = 0; i < preset_row_count(); ++i) {
    const PresetRow& change = preset_row(i);
    Options options;
    options.set(change.key, change.value);
    EXPECT_EQ(options.get(change.key), change.value) << change.key;
    EXPECT_NE(options, Options()) << change.key << " is the default";
  }
}

TEST(OptionTable, EverySentenceIsOne) {
  for (const OptionRow* row : rows()) {
    const std::string sentence = row->sentence;
    ASSERT_GT(sentence.size(), 10u) << row->key;
    EXPECT_TRUE(std::isupper(static_cast<unsigned char>(sentence.front()))) << row->key;
    EXPECT_EQ(sentence.back(), '.') << row->key;
  }
}

TEST(Options, EveryNumberStopsAtItsBounds) {
  for (const OptionRow* row : rows()) {
    if (row->type != SAGIPS_REAL) continue;
    Options options;
    const auto accepts = [&](double value) {
      return error_of([&] { options.set_real(row->key, value); }).status() == SAGIPS_OK;
    };
    const OptionRange& range = row->range;
    EXPECT_EQ(accepts(range.lower), !range.lower_open) << row->key;
    EXPECT_EQ(accepts(range.upper), !range.upper_open) << row->key;
    EXPECT_FALSE(accepts(std::nextafter(range.lower, -kInfinity)) && range.lower > -kInfinity)
        << row->key;
    EXPECT_FALSE(accepts(std::nextafter(range.upper, kInfinity)) && range.upper < kInfinity)
        << row->key;
    EXPECT_FALSE(accepts(std::nan(""))) << row->key;
    EXPECT_FALSE(accepts(kInfinity)) << row->key;
    EXPECT_FALSE(accepts(-kInfinity)) << row->key;
  }
  Options options;
  options.set_integer("threads", 1024);
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_RANGE, "[1, 1024]", options.set_integer("threads", 1025));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_RANGE, "[1, 1024]", options.set("threads", "0"));
  EXPECT_EQ(options.integer("threads"), 1024);
  options.set_integer("seed", std::numeric_limits<int64_t>::max());
  EXPECT_EQ(options.integer("seed"), std::numeric_limits<int64_t>::max());
}

TEST(Options, UnknownKeyNamesTheNearest) {
  Options options;
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_OPTION, "'generator.rate'", options.set("generater.rate", "1"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_OPTION, "'generator.rate'", options.set("rate", "1"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_OPTION, "'epochs'", options.set_integer("epoch", 1));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_OPTION, "no name is near", options.get("zebra"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_OPTION, "does not exist", options.get(""));
  EXPECT_EQ(options, Options());
}

TEST(Options, WrongTypeIsRefused) {
  Options options;
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_TYPE, "a whole number", options.set("epochs", "ten"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_TYPE, "a whole number", options.set("epochs", "1.5"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_TYPE, "a whole number", options.set_real("epochs", 10));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_TYPE, "a number", options.set("generator.rate", "0,5"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_TYPE, "true or false", options.set("standardise", "yes"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_TYPE, "true or false", options.set_integer("standardise", 1));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_TYPE, "text", options.set_integer("loss", 1));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_TYPE, "text", options.set_boolean("loss", true));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_TYPE, "UTF-8", options.set("checkpoint.folder", "\xFF"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_TYPE, "NUL",
                      options.set("checkpoint.folder", std::string_view("a\0b", 3)));
  EXPECT_EQ(options, Options());
}

TEST(Options, ChoicesAreNamed) {
  Options options;
  options.set("loss", " least_squares ");
  EXPECT_EQ(options.text("loss"), "least_squares");
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_RANGE, "bce | least_squares", options.set("loss", "hinge"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_RANGE, "bce | least_squares", options.set("loss", ""));
}

TEST(Options, WidthsAreAListOfWholeNumbers) {
  Options options;
  options.set("discriminator.hidden", " ");
  EXPECT_EQ(options.widths("discriminator.hidden"), Widths()) << "no hidden layer";
  options.read_toml("discriminator.hidden = []");
  EXPECT_EQ(options.get("discriminator.hidden"), "");
  options.set("discriminator.hidden", " 7 , 13 ");
  EXPECT_EQ(options.widths("discriminator.hidden"), Widths({7, 13}));
  EXPECT_EQ(options.get("discriminator.hidden"), "7,13");
  for (const char* bad : {"64,", "a", "64 64", "1.5"}) {
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_TYPE, "commas", options.set("discriminator.hidden", bad));
  }
  for (const char* bad : {"0", "65537", "-1", "64,0"}) {
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_RANGE, "65536", options.set("discriminator.hidden", bad));
  }
  std::string many = "1";
  for (int i = 0; i < 32; ++i) many += ",1";
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_RANGE, "32", options.set("discriminator.hidden", many));
  EXPECT_EQ(options.widths("discriminator.hidden"), Widths({7, 13}));
}

TEST(Options, IntegersMayStandForReals) {
  Options options;
  options.set_integer("lift.clip", 3);
  EXPECT_EQ(options.real("lift.clip"), 3.0);
}

TEST(Options, PresetSetsEveryOption) {
  Options options;
  options.set("seed", "7");
  options.preset("paper");
  EXPECT_EQ(options.integer("seed"), 1);
  EXPECT_EQ(options.text("preset"), "paper");
  EXPECT_EQ(options.integer("epochs"), 100000);
  EXPECT_EQ(options.real("generator.rate"), 1e-5);
  EXPECT_EQ(options.widths("discriminator.hidden"), Widths({128, 128, 128, 128}));
  EXPECT_FALSE(options.boolean("standardise"));
  options.set("preset", "fast");
  EXPECT_EQ(options, Options());
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_NOT_FOUND, "'slow'", options.preset("slow"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_RANGE, "fast | paper", options.set("preset", "slow"));
  EXPECT_EQ(options, Options());
}

TEST(Options, ReadingAsAnotherTypeIsADefect) {
  const Options options;
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_INTERNAL, "epochs", options.real("epochs"));
}

TEST(Options, TomlRoundTripIsExact) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (int i = 0; i < 200; ++i) {
    Options options;
    if (i % 2 == 1) options.preset("paper");
    for (const char* key : {"growth.start", "generator.anneal", "skip.limit", "assess.level"}) {
      options.set_real(key, uniform(random));
    }
    options.set_real("lift.clip", std::exp(600 * uniform(random)));
    options.set_integer("seed", static_cast<int64_t>(random() >> 1));
    options.set("generator.hidden", concatenate(1 + random() % 65536, ",", 1 + random() % 65536));
    options.set("checkpoint.folder", "a \"quoted\"\\ \t\x01\x7F name # = [x]\n\xC3\xA4 '''");
    Options read;
    read.read_toml(options.write_toml());
    ASSERT_EQ(read, options) << options.write_toml();
  }
}

TEST(Options, TomlAppliesThePresetFirst) {
  Options options;
  options.set("seed", "7");
  options.read_toml("epochs = 5\npreset = \"paper\"\n[generator]\nrate = 1e-3\nhidden = [7, 13]\n");
  EXPECT_EQ(options.text("preset"), "paper");
  EXPECT_EQ(options.integer("epochs"), 5);
  EXPECT_EQ(options.integer("seed"), 1);
  EXPECT_EQ(options.integer("rows"), 1024);
  EXPECT_EQ(options.real("generator.rate"), 1e-3);
  EXPECT_EQ(options.widths("generator.hidden"), Widths({7, 13}));
}

TEST(Options, TomlIsAllOrNothing) {
  Options options;
  options.set("seed", "7");
  const Options before = options;
  const auto read = [&](const char* text) { options.read_toml(text); };
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_OPTION, "line 3", read("seed = 9\n[generator]\nrat = 1e-3"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_RANGE, "line 2", read("seed = 9\nepochs = 0"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_FORMAT, "line 2", read("seed = 9\nepochs = = 0"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_RANGE, "line 1", read("preset = \"slow\""));
  EXPECT_EQ(options, before);
}

TEST(Options, TomlTypesAreThoseOfTheTable) {
  Options options;
  const auto read = [&](const char* text) { options.read_toml(text); };
  for (const char* bad : {"epochs = 10.0", "epochs = \"10\"", "standardise = 1", "loss = true",
                          "standardise = \"true\"", "lift.clip = \"4\"", "loss = [1]",
                          "epochs = [1]", "discriminator.hidden = 1.5", "loss = 1.5"}) {
    SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_TYPE, "line 1", read(bad));
  }
  read("lift.clip = 3\ndiscriminator.hidden = \"7, 13\"\n");
  EXPECT_EQ(options.real("lift.clip"), 3.0);
  EXPECT_EQ(options.get("discriminator.hidden"), "7,13");
  read("discriminator.hidden = 9");
  EXPECT_EQ(options.get("discriminator.hidden"), "9");
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_RANGE, "inf", read("lift.clip = inf"));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_RANGE, "nan", read("lift.clip = nan"));
}

// A golden text: a change of any value of the preset is a change of what users get, made knowingly.
TEST(Options, PresetPaperIsAsPublished) {
  Options options;
  options.preset("paper");
  const std::string text = options.write_toml();
  for (const char* part :
       {"epochs = 100000\nrows = 1024\nevents = 100\n",
        "loss = \"least_squares\"\nstandardise = false\n",
        "[generator]\nkind = \"network\"\nhidden = [128,128,128,128]\ninput = \"noise\"\n"
        "noise_dimension = 6\nnoise_mean = 0.0\nnoise_sd = 1.0\nanneal = 0.5\nslope = 0.2\n"
        "initialisation = \"kaiming_normal\"\noutput_scale = 1.0\nrate = 1e-5\nbeta1 = 0.5\n"
        "beta2 = 0.999\nepsilon = 1e-8\nschedule = \"constant\"\nrate_floor = 0.01\nwarmup = 0\n"
        "updates = 1\nfresh_events = false\n",
        "[discriminator]\nhidden = [128,128,128,128]\nslope = 0.2\n"
        "initialisation = \"kaiming_normal\"\noutput_scale = 1.0\nrate = 1e-4\nbeta1 = 0.5\n"
        "beta2 = 0.999\nepsilon = 1e-8\nschedule = \"constant\"\nrate_floor = 0.01\nwarmup = 0\n"
        "updates = 1\n",
        "[lift]\ndegree = 1\n", "[metric]\nkind = \"none\"\n", "[average]\ndecay = 0.0\n",
        "[auxiliary]\nweighting = \"absolute\"\nweight = 1.0\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "--- is not in ---\n" << text;
  }
}

}  // namespace
}  // namespace sagips
