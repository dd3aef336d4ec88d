// SPDX-License-Identifier: BSD-3-Clause
// The JSON header of a safetensors file, without a thought on what the tensors hold; used by
// safetensors.cpp only. It is written by hand, since its bytes must not depend on a JSON library,
// and read by a SAX parser, since a file may be hostile: what does not belong into a header ends
// the reading at once, and nothing deeper or larger than a header is ever built.
#ifndef SAGIPS_CORE_SAFETENSORS_HEADER_H_
#define SAGIPS_CORE_SAFETENSORS_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sagips {

/// What the header says of one tensor. Offsets count from the start of the data.
struct HeaderEntry {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;
  uint64_t begin;
  uint64_t end;
};

struct Header {
  std::map<std::string, std::string> metadata;
  std::vector<HeaderEntry> entries;
};

/// The key under which the format keeps the metadata; no tensor can have this name.
inline constexpr std::string_view kMetadataName = "__metadata__";

/// Bytes of one element, 0 for a type that we do not write.
size_t element_bytes(std::string_view dtype);

/// Bytes of an array; false if its type is unknown or if there are more than a file can have.
bool array_bytes(std::string_view dtype, const std::vector<int64_t>& shape, uint64_t* bytes);

/// JSON text, filled with blanks to a multiple of 8.
std::string write_header(const Header& header);

/// Read JSON text. @return the problem, or "" and `header` is filled; offsets are not checked.
std::string read_header(const uint8_t* text, size_t size, Header* header);

/// Every tensor begins where the one before ends, has the bytes that its type and shape need, and
/// the last one ends the data. @return the problem, or ""
std::string check_layout(const std::vector<HeaderEntry>& entries, uint64_t data_bytes);

}  // namespace sagips

#endif  // SAGIPS_CORE_SAFETENSORS_HEADER_H_
