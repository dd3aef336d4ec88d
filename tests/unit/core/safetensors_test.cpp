// SPDX-License-Identifier: BSD-3-Clause
#include "core/safetensors.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <random>

#include "core/files.h"
#include "core/text.h"
#include "core_testing.h"

namespace sagips {
namespace {

TensorFile example() {
  TensorFile file;
  file.metadata = {{"options", "a = \"b\"\n"}, {"name", "\xC3\xA4\x01"}, {"empty", ""}};
  add_tensor(&file, "bytes", std::vector<uint8_t>{1, 2, 3});
  add_tensor(&file, "weights", std::vector<float>{1, 2, 3, 4, 5, 6}, {2, 3});
  add_tensor(&file, "moments \"m\"", std::vector<double>{0.1, -0.0});
  add_tensor(&file, "epoch", std::vector<int64_t>{-7}, {});
  add_tensor(&file, "keys", std::vector<uint64_t>{~uint64_t{0}});
  add_tensor(&file, "none", std::vector<float>{}, {0, 5});
  return file;
}

sagips_status decode_status(const std::vector<uint8_t>& bytes) {
  return error_of([&] { decode(bytes.data(), bytes.size()); }).status();
}

// A file of any header and data, with the checksum of its header right. The header may be nonsense.
std::vector<uint8_t> forged(std::string header, const std::string& data, bool checksummed = true) {
  std::vector<uint8_t> out;
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<uint8_t>(header.size() >> (8 * i)));
  out.insert(out.end(), header.begin(), header.end());
  const uint64_t sum = checksum(out.data(), out.size());
  out.insert(out.end(), data.begin(), data.end());
  for (int i = 0; checksummed && i < 8; ++i) out.push_back(static_cast<uint8_t>(sum >> (8 * i)));
  return out;
}

// The same with `entries` between right metadata and a right last tensor behind `n` bytes of data.
std::vector<uint8_t> forged_entries(const std::string& entries, size_t n,
                                    const std::string& metadata = "\"sagips.format\":\"1\"") {
  return forged(
      concatenate("{\"__metadata__\":{", metadata, "}", entries,
                  ",\"header_checksum\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[", n, ",",
                  n + 8, "]}}"),
      std::string(n, 'x'));
}

TEST(Safetensors, RoundTripKeepsEveryByte) {
  const TensorFile file = example();
  const std::vector<uint8_t> bytes = encode(file);
  const TensorFile read = decode(bytes.data(), bytes.size());
  EXPECT_EQ(read.metadata, file.metadata);
  ASSERT_EQ(read.tensors.size(), file.tensors.size());
  for (const Tensor& tensor : file.tensors) {
    EXPECT_EQ(find_tensor(read, tensor.name, tensor.dtype, tensor.shape).bytes, tensor.bytes);
  }
  EXPECT_EQ(read_tensor<float>(read, "weights", {2, 3}), std::vector<float>({1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(read_tensor<int64_t>(read, "epoch", {}), std::vector<int64_t>({-7}));
  EXPECT_TRUE(read_tensor<float>(read, "none", {0, 5}).empty());
}

TEST(Safetensors, EqualContentsGiveEqualBytes) {
  EXPECT_EQ(encode(example()), encode(example()));
  const std::vector<uint8_t> bytes = encode(example());
  EXPECT_EQ(encode(decode(bytes.data(), bytes.size())), bytes);
  // The published test vector of XXH3-64 for no bytes: the checksum is the standard one.
  EXPECT_EQ(to_hex(checksum("", 0)), "2d06800538d394c2");
}

TEST(Safetensors, ArraysStartWhereTheirTypeMay) {
  const std::vector<uint8_t> bytes = encode(example());
  EXPECT_EQ((8 + bytes[0] + 256u * bytes[1]) % 8, 0u);
  const TensorFile read = decode(bytes.data(), bytes.size());
  size_t position = 0;
  for (const Tensor& tensor : read.tensors) {
    EXPECT_EQ(position % (tensor.dtype == "U8" ? 1 : tensor.dtype == "F32" ? 4 : 8), 0u);
    position += tensor.bytes.size();
  }
}

TEST(Safetensors, EmptyFileIsOne) {
  const std::vector<uint8_t> bytes = encode({});
  const TensorFile read = decode(bytes.data(), bytes.size());
  EXPECT_TRUE(read.metadata.empty());
  EXPECT_TRUE(read.tensors.empty());
}

TEST(Safetensors, TruncationAtEveryLengthIsRefused) {
  const std::vector<uint8_t> bytes = encode(example());
  for (size_t size = 0; size < bytes.size(); ++size) {
    // A copy of exactly this size, so that a sanitizer sees the first byte beyond.
    const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_EQ(decode_status(cut), SAGIPS_ERROR_FORMAT) << size;
  }
  EXPECT_EQ(error_of([] { decode(nullptr, 0); }).status(), SAGIPS_ERROR_FORMAT);
}

TEST(Safetensors, EverySingleBitFlipIsRefused) {
  std::vector<uint8_t> bytes = encode(example());
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    const auto mask = static_cast<uint8_t>(1 << (bit % 8));
    bytes[bit / 8] ^= mask;
    EXPECT_EQ(decode_status(bytes), SAGIPS_ERROR_FORMAT) << "bit " << bit;
    bytes[bit / 8] ^= mask;
  }
  EXPECT_EQ(decode_status(bytes), SAGIPS_OK);
}

TEST(Safetensors, RandomDamageIsRefused) {
  const std::vector<uint8_t> good = encode(example());
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::vector<uint8_t> bytes = good;
    for (uint64_t change = 0; change <= random() % 8; ++change) {
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    }
    if (bytes == good) continue;
    EXPECT_EQ(decode_status(bytes), SAGIPS_ERROR_FORMAT) << i;
  }
}

TEST(Safetensors, AddedBytesAreRefused) {
  std::vector<uint8_t> bytes = encode(example());
  bytes.push_back(0);
  EXPECT_EQ(decode_status(bytes), SAGIPS_ERROR_FORMAT);
}

TEST(Safetensors, HugeLengthsAreRefusedBeforeTheyCost) {
  for (const uint8_t top : {uint8_t{0x01}, uint8_t{0x7F}, uint8_t{0xFF}}) {
    std::vector<uint8_t> bytes = encode(example());
    bytes[7] = top;
    EXPECT_EQ(decode_status(bytes), SAGIPS_ERROR_FORMAT);
  }
  const std::vector<uint8_t> large = forged(std::string((16 << 20) + 1, ' '), "");
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_FORMAT, "16 MiB", decode(large.data(), large.size()));
  const std::vector<uint8_t> deep = forged("{\"a\":" + std::string(1 << 20, '['), "");
  EXPECT_EQ(decode_status(deep), SAGIPS_ERROR_FORMAT);
}

// Headers whose checksum is right: what the checks of the form are for.
TEST(Safetensors, ForgedHeadersAreRefused) {
  const std::string sum0 =
      "\"sagips.format\":\"1\",\"sagips.xxh3.a\":\"" + to_hex(checksum("", 0)) + "\"";
  // The forgery itself is right, so that what follows is refused for what it changes.
  EXPECT_EQ(decode_status(forged_entries(
                ",\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}", 0, sum0)),
            SAGIPS_OK);
  for (
      const char* entry : {
          // shapes and offsets
          R"(,"a":{"dtype":"F32","shape":[0],"data_offsets":[0,4]})",
          R"(,"a":{"dtype":"F32","shape":[1],"data_offsets":[0,0]})",
          R"(,"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]})",
          R"(,"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]})",
          R"(,"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]})",
          R"(,"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]})",
          R"(,"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]})",
          R"(,"a":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]})",
          R"(,"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,0]})",
          R"(,"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,0]})",
          R"(,"a":{"dtype":"F32","shape":[0],"data_offsets":[0]})",
          R"(,"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0,0]})",
          R"(,"a":{"dtype":"F32","shape":[0],"data_offsets":[18446744073709551612,0]})",
          R"(,"a":{"dtype":"F32","shape":[0,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,0]})",
          // types
          R"(,"a":{"dtype":"BF16","shape":[0],"data_offsets":[0,0]})",
          R"(,"a":{"dtype":"","shape":[0],"data_offsets":[0,0]})",
          R"(,"a":{"dtype":5,"shape":[0],"data_offsets":[0,0]})",
          R"(,"a":{"dtype":["F32"],"shape":[0],"data_offsets":[0,0]})",
          R"(,"a":{"dtype":"F32","shape":"0","data_offsets":[0,0]})",
          R"(,"a":{"dtype":"F32","shape":[[0]],"data_offsets":[0,0]})",
          R"(,"a":{"dtype":"F32","shape":0,"data_offsets":[0,0]})",
          R"(,"a":[0],"b":null)",
          R"(,"a":"text")",
          R"(,"a":{})",
          R"(,"a":true)",
          // fields missing, twice, or unknown
          R"(,"a":{"dtype":"F32","shape":[0]})",
          R"(,"a":{"dtype":"F32","shape":[0],"shape":[0],"data_offsets":[0,0]})",
          R"(,"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"more":[0]})",
          R"(,"a":{"dtype":"F32","shape":[0],"more":[0,0]})",
          R"(,"a":{"dtype":"F32","shape":[0],"data_offsets":{"x":0}})",
          // names twice
          R"(,"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},)"
          R"("a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})",
          R"(,"__metadata__":{})",
          R"(,"header_checksum":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})",
      }) {
    EXPECT_EQ(decode_status(forged_entries(entry, 0, sum0)), SAGIPS_ERROR_FORMAT) << entry;
  }
}

TEST(Safetensors, ForgedMetadataAreRefused) {
  const std::string entry = R"(,"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  for (const char* metadata : {
           "",                                            // no version
           R"("sagips.format":"1")",                      // no checksum of the tensor
           R"("sagips.format":"1","sagips.xxh3.a":"0")",  // a wrong one
           R"("sagips.format":"0")",
           R"("sagips.format":"x")",
           R"("sagips.format":1)",
           R"("sagips.format":"1","sagips.format":"1")",
           R"("sagips.format":"1","x":{})",
           R"("sagips.format":"1","x":null)",
           R"("sagips.format":"1","x":["a"])",
           R"("sagips.format":"1","sagips.xxh3.a":"2d06800538d394c2","sagips.xxh3.b":"0")",
           "\"sagips.format\":\"1\",\"sagips.xxh3.a\":\"2d06800538d394c2\",\"x\":\"\xFF\"",
       }) {
    EXPECT_EQ(decode_status(forged_entries(entry, 0, metadata)), SAGIPS_ERROR_FORMAT) << metadata;
  }
  for (const char* header :
       {"", " ", "{", "{}", "[]", "null", " {}", "{}x", "{\"__metadata__\":{}}"}) {
    EXPECT_EQ(decode_status(forged(header, "")), SAGIPS_ERROR_FORMAT) << header;
    EXPECT_EQ(decode_status(forged(header, "", false)), SAGIPS_ERROR_FORMAT) << header;
  }
}

TEST(Safetensors, NewerVersionsAreNamed) {
  const std::vector<uint8_t> newer = forged_entries("", 0, R"("sagips.format":"2")");
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_VERSION, "version 2", decode(newer.data(), newer.size()));
}

TEST(Safetensors, FilesOfOthersAreRefused) {
  const std::vector<uint8_t> other =
      forged(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "abcd", false);
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_FORMAT, "header_checksum", decode(other.data(), other.size()));
}

TEST(Safetensors, WhatCannotBeWrittenIsRefused) {
  const auto refuses = [](sagips_status status, const std::function<void(TensorFile*)>& spoil) {
    TensorFile file = example();
    spoil(&file);
    const Error error = error_of([&] { encode(file); });
    EXPECT_EQ(error.status(), status) << error.text();
  };
  refuses(SAGIPS_ERROR_SHAPE, [](TensorFile* file) { file->tensors[0].shape = {4}; });
  refuses(SAGIPS_ERROR_SHAPE, [](TensorFile* file) { file->tensors[0].shape = {-3}; });
  refuses(SAGIPS_ERROR_SHAPE, [](TensorFile* file) { file->tensors[0].dtype = "F16"; });
  refuses(SAGIPS_ERROR_TYPE, [](TensorFile* file) { file->tensors[0].name = "\xFF"; });
  refuses(SAGIPS_ERROR_TYPE, [](TensorFile* file) { file->metadata["x"] = "\xFF"; });
  refuses(SAGIPS_ERROR_INTERNAL, [](TensorFile* file) { file->metadata["sagips.format"] = "9"; });
  refuses(SAGIPS_ERROR_INTERNAL, [](TensorFile* file) { file->tensors[0].name = "weights"; });
  refuses(SAGIPS_ERROR_INTERNAL, [](TensorFile* file) { file->tensors[0].name = "__metadata__"; });
  refuses(SAGIPS_ERROR_INTERNAL,
          [](TensorFile* file) { file->tensors[0].name = "header_checksum"; });
  refuses(SAGIPS_ERROR_UNSUPPORTED,
          [](TensorFile* file) { file->metadata["x"] = std::string(17 << 20, 'x'); });
}

TEST(Safetensors, MissingOrOtherTensorsAreAMismatch) {
  const TensorFile file = example();
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_MISMATCH, "'biases'", read_tensor<float>(file, "biases", {1}));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_MISMATCH, "'weights'", read_tensor<float>(file, "weights", {6}));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_MISMATCH, "'weights'",
                      read_tensor<double>(file, "weights", {2, 3}));
  SAGIPS_EXPECT_ERROR(SAGIPS_ERROR_MISMATCH, "'seed'", find_metadata(file, "seed"));
  EXPECT_EQ(find_metadata(file, "empty"), "");
  EXPECT_TRUE(has_tensor(file, "none"));
  EXPECT_FALSE(has_tensor(file, "header_checksum"));
}

TEST(Safetensors, PythonsReaderOpensIt) {
  if (std::system("python3 -c 'import safetensors.numpy' >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "python3 with the packages safetensors and numpy is not here";
  }
  const ScratchFolder scratch;
  const std::vector<uint8_t> bytes = encode(example());
  write_file_durably(scratch / "a.safetensors", bytes.data(), bytes.size());
  write_file_durably(scratch / "a.py", R"(
import sys, numpy
from safetensors import safe_open
with safe_open(sys.argv[1], framework="np") as file:
    assert file.metadata()["options"] == 'a = "b"\n', file.metadata()
    assert file.metadata()["name"] == "\u00e4\u0001"
    get = file.get_tensor
    assert set(file.keys()) == {"bytes", "weights", 'moments "m"', "epoch", "keys", "none", "header_checksum"}
    assert get("weights").dtype == numpy.float32
    assert (get("weights") == [[1, 2, 3], [4, 5, 6]]).all()
    assert (get('moments "m"') == [0.1, 0.0]).all()
    assert get("epoch").shape == () and get("epoch") == -7
    assert get("keys")[0] == 2**64 - 1
    assert get("none").shape == (0, 5)
    assert (get("bytes") == [1, 2, 3]).all() and get("header_checksum").size == 8
)");
  const std::string command =
      concatenate("python3 '", scratch / "a.py", "' '", scratch / "a.safetensors", "'");
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace sagips
