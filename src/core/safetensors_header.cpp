// SPDX-License-Identifier: BSD-3-Clause
// The JSON header of a safetensors file; see safetensors_header.h.
#include "core/safetensors_header.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/text.h"

namespace sagips {
namespace {

constexpr size_t kMostDimensions = 16;

struct Dtype {
  std::string_view name;
  size_t bytes;
};
constexpr Dtype kDtypes[] = {{"F64", 8}, {"I64", 8}, {"U64", 8}, {"F32", 4}, {"U8", 1}};

std::string metadata_json(const std::map<std::string, std::string>& metadata) {
  std::string out;
  for (const auto& [key, text] : metadata) {
    out += concatenate(out.empty() ? "{" : ",", quote(key), ":", quote(text));
  }
  return out.empty() ? "{}" : out + "}";
}

std::string entry_json(const HeaderEntry& entry) {
  std::string sizes;
  for (const int64_t n : entry.shape) sizes += concatenate(sizes.empty() ? "" : ",", n);
  return concatenate(quote(entry.name), ":{\"dtype\":", quote(entry.dtype), ",\"shape\":[", sizes,
                     "],\"data_offsets\":[", entry.begin, ",", entry.end, "]}");
}

// Takes in {"__metadata__": {text: text}, name: {"dtype": text, "shape": [n], "data_offsets": [a,
// b]}} and ends the parsing, by returning false, at the first event that does not belong there.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderReader(Header* header) : header_(header) {}
  const std::string& problem() const { return problem_; }

  bool start_object(size_t) override {
    if (place_ == Place::kOutside) return go(Place::kTop);
    if (place_ != Place::kTop) return false;
    if (key_ == kMetadataName) return go(Place::kTexts);
    header_->entries.push_back({key_, "", {}, 0, 0});
    fields_.clear();
    return go(Place::kTensor);
  }

  bool key(string_t& name) override {
    key_ = name;
    std::set<std::string>& taken = place_ == Place::kTop     ? names_
                                   : place_ == Place::kTexts ? texts_
                                                             : fields_;
    if (taken.insert(name).second) return true;
    problem_ = "a name comes twice in its header";
    return false;
  }

  bool string(string_t& text) override {
    if (place_ == Place::kTexts) {
      header_->metadata[key_] = std::move(text);
      return true;
    }
    if (place_ != Place::kTensor || key_ != "dtype") return false;
    header_->entries.back().dtype = std::move(text);
    return true;
  }

  bool start_array(size_t) override {
    if (place_ != Place::kTensor || (key_ != "shape" && key_ != "data_offsets")) return false;
    numbers_.clear();
    return go(Place::kNumbers);
  }

  bool number_unsigned(number_unsigned_t value) override {
    const bool fits = value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    if (place_ != Place::kNumbers || numbers_.size() == kMostDimensions || !fits) return false;
    numbers_.push_back(static_cast<int64_t>(value));
    return true;
  }

  bool end_array() override {
    HeaderEntry& entry = header_->entries.back();
    if (key_ == "shape") {
      entry.shape = numbers_;
      return go(Place::kTensor);
    }
    if (numbers_.size() != 2) return false;
    entry.begin = static_cast<uint64_t>(numbers_[0]);
    entry.end = static_cast<uint64_t>(numbers_[1]);
    return go(Place::kTensor);
  }

  bool end_object() override {
    constexpr size_t kFields = 3;  // dtype, shape, data_offsets: no other value was taken in
    if (place_ == Place::kTensor && fields_.size() != kFields) return false;
    return go(place_ == Place::kTop ? Place::kOutside : Place::kTop);
  }

  bool null() override { return false; }
  bool boolean(bool) override { return false; }
  bool number_integer(number_integer_t) override { return false; }
  bool number_float(number_float_t, const string_t&) override { return false; }
  bool binary(binary_t&) override { return false; }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override {
    problem_ = "its header is no JSON";
    return false;
  }

 private:
  enum class Place { kOutside, kTop, kTexts, kTensor, kNumbers };

  bool go(Place place) {
    place_ = place;
    return true;
  }

  Header* header_;
  std::string problem_ = "its header has another form";
  Place place_ = Place::kOutside;
  std::string key_;  // the last one read
  std::vector<int64_t> numbers_;
  std::set<std::string> names_;   // keys of the header,
  std::set<std::string> texts_;   // of its metadata,
  std::set<std::string> fields_;  // and of the tensor being read
};

}  // namespace

size_t element_bytes(std::string_view dtype) {
  for (const Dtype& known : kDtypes) {
    if (known.name == dtype) return known.bytes;
  }
  return 0;
}

bool array_bytes(std::string_view dtype, const std::vector<int64_t>& shape, uint64_t* bytes) {
  *bytes = element_bytes(dtype);
  if (*bytes == 0 || shape.size() > kMostDimensions) return false;
  for (const int64_t n : shape) {
    if (n < 0 || __builtin_mul_overflow(*bytes, static_cast<uint64_t>(n), bytes)) return false;
  }
  return true;
}

std::string write_header(const Header& header) {
  std::string out = concatenate("{", quote(kMetadataName), ":", metadata_json(header.metadata));
  for (const HeaderEntry& entry : header.entries) out += "," + entry_json(entry);
  out += "}";
  return out.append((8 - out.size() % 8) % 8, ' ');
}

std::string read_header(const uint8_t* text, size_t size, Header* header) {
  // The format wants the brace in the first place, JSON would allow blanks before it.
  if (size == 0 || text[0] != '{') return "its header is no JSON";
  HeaderReader reader(header);
  return nlohmann::json::sax_parse(text, text + size, &reader) ? "" : reader.problem();
}

std::string check_layout(const std::vector<HeaderEntry>& entries, uint64_t data_bytes) {
  uint64_t position = 0;
  for (const HeaderEntry& entry : entries) {
    uint64_t bytes = 0;
    if (!array_bytes(entry.dtype, entry.shape, &bytes)) {
      return "a tensor has an unknown type or an impossible shape";
    }
    const bool fits = bytes <= data_bytes - position;
    if (!fits || entry.begin != position || entry.end != position + bytes) {
      return "the places of its tensors do not fit their sizes or the file's";
    }
    position = entry.end;
  }
  return position == data_bytes ? "" : "it has bytes that belong to no tensor";
}

}  // namespace sagips
