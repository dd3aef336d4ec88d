// SPDX-License-Identifier: BSD-3-Clause
// Named arrays in one block of bytes: the public safetensors format, with checksums added in a way
// that every other reader of the format simply sees as metadata and one more tensor.
//
//   8 bytes, little-endian n | n bytes of JSON | bytes of tensor 0 | tensor 1 | ... |
//   header_checksum
//
// The JSON header holds name, dtype, shape and offsets of each tensor and, in "__metadata__",
// texts. There we put the format's version and an XXH3-64 of each tensor's bytes. The header itself
// is covered by the last tensor, whose 8 bytes are the XXH3-64 of everything before the data. So
// any changed, missing or added bit of the block is noticed. Equal contents give equal bytes.
// Format: https://github.com/huggingface/safetensors#format
#ifndef SAGIPS_CORE_SAFETENSORS_H_
#define SAGIPS_CORE_SAFETENSORS_H_

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sagips {

/// One array, row-major, little-endian.
struct Tensor {
  std::string name;
  std::string dtype;           ///< "F32", "F64", "I64", "U64", "U8"
  std::vector<int64_t> shape;  ///< () is one number
  std::vector<uint8_t> bytes;
};

/// The contents of a file. Names of tensors are unique; `header_checksum` is taken.
struct TensorFile {
  std::map<std::string, std::string> metadata;  ///< UTF-8; keys "sagips.*" are the format's own
  std::vector<Tensor> tensors;
};

/// Bytes of the whole file. Tensors are ordered by the size of their elements, largest first, then
/// as given, so that every array starts where its type may. SAGIPS_ERROR_SHAPE if bytes and shape
/// of a tensor disagree, SAGIPS_ERROR_TYPE for names and texts that are not UTF-8.
std::vector<uint8_t> encode(const TensorFile& file);

/// The reverse. SAGIPS_ERROR_FORMAT if anything is damaged, missing, left over or of another form,
/// SAGIPS_ERROR_VERSION for the intact file of a newer version. Never more memory than a few sizes.
TensorFile decode(const void* bytes, size_t size);

/// XXH3-64 of some bytes: the checksum used above, also for hashes of data.
uint64_t checksum(const void* bytes, size_t size);

/// The text of a metadata key; SAGIPS_ERROR_MISMATCH if there is none.
const std::string& find_metadata(const TensorFile& file, std::string_view key);

/// The tensor of this name; SAGIPS_ERROR_MISMATCH if there is none, or if its dtype or shape
/// differ.
const Tensor& find_tensor(const TensorFile& file, std::string_view name, std::string_view dtype,
                          const std::vector<int64_t>& shape);

/// True if the file has a tensor of this name.
bool has_tensor(const TensorFile& file, std::string_view name);

namespace detail {
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "safetensors is little-endian");
template <typename T>
inline constexpr const char* kDtype = nullptr;
template <>
inline constexpr const char* kDtype<float> = "F32";
template <>
inline constexpr const char* kDtype<double> = "F64";
template <>
inline constexpr const char* kDtype<int64_t> = "I64";
template <>
inline constexpr const char* kDtype<uint64_t> = "U64";
template <>
inline constexpr const char* kDtype<uint8_t> = "U8";
}  // namespace detail

/// Append a copy of a vector; without a shape it is one-dimensional.
template <typename T>
void add_tensor(TensorFile* file, std::string name, const std::vector<T>& values,
                std::vector<int64_t> shape) {
  Tensor tensor{std::move(name), detail::kDtype<T>, std::move(shape), {}};
  tensor.bytes.resize(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  file->tensors.push_back(std::move(tensor));
}
template <typename T>
void add_tensor(TensorFile* file, std::string name, const std::vector<T>& values) {
  add_tensor(file, std::move(name), values, {static_cast<int64_t>(values.size())});
}

/// The values of find_tensor().
template <typename T>
std::vector<T> read_tensor(const TensorFile& file, std::string_view name,
                           const std::vector<int64_t>& shape) {
  const Tensor& tensor = find_tensor(file, name, detail::kDtype<T>, shape);
  std::vector<T> values(tensor.bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  return values;
}

}  // namespace sagips

#endif  // SAGIPS_CORE_SAFETENSORS_H_
