// SPDX-License-Identifier: BSD-3-Clause
// Writing and reading safetensors with checksums; see safetensors.h for the layout of the file and
// safetensors_header.h for its JSON part.
#include "core/safetensors.h"

// All of xxHash is compiled into this file: no run-time dependency, no symbol for others to see.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/safetensors_header.h"
#include "core/text.h"
#include "sagips.h"

namespace sagips {
namespace {

constexpr int64_t kFormatVersion = 1;
constexpr std::string_view kOwnKeys = "sagips.";
constexpr std::string_view kVersionKey = "sagips.format";
constexpr std::string_view kChecksumKey = "sagips.xxh3.";  // followed by the tensor's name
constexpr std::string_view kHeaderChecksum = "header_checksum";
constexpr size_t kLengthBytes = 8;
constexpr size_t kChecksumBytes = 8;
constexpr size_t kLargestHeader = size_t{16} << 20;

[[noreturn]] void fail_format(std::string_view problem) {
  fail(SAGIPS_ERROR_FORMAT, "the file is not as this library wrote it: ", problem,
       "; use another checkpoint");
}

// ---------------------------------------------------------------------------------------- encode

void check_tensor(const Tensor& tensor, std::set<std::string_view>* names) {
  uint64_t bytes = 0;
  if (!array_bytes(tensor.dtype, tensor.shape, &bytes) || bytes != tensor.bytes.size()) {
    fail(SAGIPS_ERROR_SHAPE, "tensor '", tensor.name, "' has ", tensor.bytes.size(),
         " bytes (not what its type ", tensor.dtype, " and shape need); correct the shape");
  }
  if (!is_utf8(tensor.name)) {
    fail(SAGIPS_ERROR_TYPE, "the name of a tensor is not UTF-8 (the format needs it); rename it");
  }
  if (tensor.name == kMetadataName || !names->insert(tensor.name).second) {
    fail(SAGIPS_ERROR_INTERNAL, "tensor name '", tensor.name, "' is taken; choose another");
  }
}

void check_metadata(const std::map<std::string, std::string>& metadata) {
  for (const auto& [key, text] : metadata) {
    if (!is_utf8(key) || !is_utf8(text)) {
      fail(SAGIPS_ERROR_TYPE, "a metadata text is not UTF-8 (the format needs it); use UTF-8");
    }
    if (key.compare(0, kOwnKeys.size(), kOwnKeys) == 0) {
      fail(SAGIPS_ERROR_INTERNAL, "metadata key '", key, "' is the format's own; choose another");
    }
  }
}

void append_little_endian(uint64_t value, std::vector<uint8_t>* out) {
  for (int i = 0; i < 8; ++i) out->push_back(static_cast<uint8_t>(value >> (8 * i)));
}

uint64_t read_little_endian(const uint8_t* bytes) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value |= static_cast<uint64_t>(bytes[i]) << (8 * i);
  return value;
}

// ---------------------------------------------------------------------------------------- decode

void check_header_checksum(const std::vector<HeaderEntry>& entries, const uint8_t* stored,
                           uint64_t computed) {
  if (entries.empty() || entries.back().name != kHeaderChecksum ||
      entries.back().end - entries.back().begin != kChecksumBytes) {
    fail_format("it does not end with a header_checksum");
  }
  if (read_little_endian(stored) != computed) fail_format("the checksum of its header is wrong");
}

void check_version(const std::map<std::string, std::string>& metadata) {
  const auto found = metadata.find(std::string(kVersionKey));
  int64_t version = 0;
  if (found == metadata.end() || !read_number(found->second, &version) || version < 1) {
    fail_format("it does not tell its version");
  }
  if (version > kFormatVersion) {
    fail(SAGIPS_ERROR_VERSION, "the file has version ", version,
         " of the format (this library reads ", kFormatVersion,
         "); use the library that wrote it, or a newer one");
  }
}

// Take the checksum of a tensor out of the metadata and compare.
void take_tensor_checksum(const Tensor& tensor, std::map<std::string, std::string>* metadata) {
  const auto found = metadata->find(concatenate(kChecksumKey, tensor.name));
  if (found == metadata->end() ||
      found->second != to_hex(checksum(tensor.bytes.data(), tensor.bytes.size()))) {
    fail_format(concatenate("the checksum of tensor ", shown(tensor.name), " is wrong or missing"));
  }
  metadata->erase(found);
}

}  // namespace

std::vector<uint8_t> encode(const TensorFile& file) {
  // 1. What is handed in.
  check_metadata(file.metadata);
  std::set<std::string_view> names{kHeaderChecksum};
  std::vector<const Tensor*> order;
  for (const Tensor& tensor : file.tensors) {
    check_tensor(tensor, &names);
    order.push_back(&tensor);
  }
  std::stable_sort(order.begin(), order.end(), [](const Tensor* a, const Tensor* b) {
    return element_bytes(a->dtype) > element_bytes(b->dtype);
  });

  // 2. The header.
  Header header{file.metadata, {}};
  header.metadata[std::string(kVersionKey)] = to_text(kFormatVersion);
  uint64_t end = 0;
  for (const Tensor* tensor : order) {
    const uint64_t begin = end;
    end += tensor->bytes.size();
    header.entries.push_back({tensor->name, tensor->dtype, tensor->shape, begin, end});
    header.metadata[concatenate(kChecksumKey, tensor->name)] =
        to_hex(checksum(tensor->bytes.data(), tensor->bytes.size()));
  }
  header.entries.push_back(
      {std::string(kHeaderChecksum), "U8", {kChecksumBytes}, end, end + kChecksumBytes});
  const std::string text = write_header(header);
  if (text.size() > kLargestHeader) {
    fail(SAGIPS_ERROR_UNSUPPORTED, "the header of a file needs ", text.size(), " bytes (more than ",
         kLargestHeader, "); write fewer tensors or shorter texts");
  }

  // 3. Length, header, data, and the checksum of the first two.
  std::vector<uint8_t> out;
  out.reserve(kLengthBytes + text.size() + end + kChecksumBytes);
  append_little_endian(text.size(), &out);
  out.insert(out.end(), text.begin(), text.end());
  const uint64_t header_checksum = checksum(out.data(), out.size());
  for (const Tensor* tensor : order) {
    out.insert(out.end(), tensor->bytes.begin(), tensor->bytes.end());
  }
  append_little_endian(header_checksum, &out);
  return out;
}

TensorFile decode(const void* bytes, size_t size) {
  // 1. The lengths.
  const auto* begin = static_cast<const uint8_t*>(bytes);
  if (size < kLengthBytes) fail_format("it is too short");
  const uint64_t header_bytes = read_little_endian(begin);
  if (header_bytes > kLargestHeader || header_bytes > size - kLengthBytes) {
    fail_format("its header is longer than the file or than 16 MiB");
  }
  const uint8_t* data = begin + kLengthBytes + header_bytes;

  // 2. The header, and that nobody has touched it.
  Header header;
  std::string problem = read_header(begin + kLengthBytes, header_bytes, &header);
  if (problem.empty()) problem = check_layout(header.entries, size - kLengthBytes - header_bytes);
  if (!problem.empty()) fail_format(problem);
  check_header_checksum(header.entries, begin + size - kChecksumBytes,
                        checksum(begin, kLengthBytes + header_bytes));
  check_version(header.metadata);
  header.metadata.erase(std::string(kVersionKey));
  header.entries.pop_back();

  // 3. The tensors, and that nobody has touched them.
  TensorFile file{std::move(header.metadata), {}};
  for (HeaderEntry& entry : header.entries) {
    file.tensors.push_back({std::move(entry.name),
                            std::move(entry.dtype),
                            std::move(entry.shape),
                            {data + entry.begin, data + entry.end}});
    take_tensor_checksum(file.tensors.back(), &file.metadata);
  }
  const auto own = file.metadata.lower_bound(std::string(kOwnKeys));
  if (own != file.metadata.end() && own->first.compare(0, kOwnKeys.size(), kOwnKeys) == 0) {
    fail_format("its metadata speak of a tensor that it does not have");
  }
  return file;
}

uint64_t checksum(const void* bytes, size_t size) { return XXH3_64bits(bytes, size); }

const std::string& find_metadata(const TensorFile& file, std::string_view key) {
  const auto found = file.metadata.find(std::string(key));
  if (found == file.metadata.end()) {
    fail(SAGIPS_ERROR_MISMATCH, "the file has no metadata '", key,
         "' (another kind of file was expected); use a checkpoint of this solver");
  }
  return found->second;
}

const Tensor& find_tensor(const TensorFile& file, std::string_view name, std::string_view dtype,
                          const std::vector<int64_t>& shape) {
  for (const Tensor& tensor : file.tensors) {
    if (tensor.name != name) continue;
    if (tensor.dtype == dtype && tensor.shape == shape) return tensor;
    fail(SAGIPS_ERROR_MISMATCH, "tensor ", shown(name),
         " of the file has another type or shape than here (it belongs to another problem or to "
         "other networks); use a checkpoint of this solver");
  }
  fail(SAGIPS_ERROR_MISMATCH, "the file has no tensor '", name,
       "' (it belongs to another problem or to other networks); use a checkpoint of this solver");
}

bool has_tensor(const TensorFile& file, std::string_view name) {
  return std::any_of(file.tensors.begin(), file.tensors.end(),
                     [name](const Tensor& tensor) { return tensor.name == name; });
}

}  // namespace sagips
