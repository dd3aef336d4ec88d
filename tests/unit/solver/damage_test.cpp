// SPDX-License-Identifier: BSD-3-Clause
// Checkpoints that are damaged or not there: each is refused with the status of its cause, and the
// solver that was asked to load it is as it was, to the byte of its next save.
#include <unistd.h>

#include <random>

#include "unit/solver/checkpoint_testing.h"

namespace sagips {
namespace {

namespace fs = std::filesystem;

class Damage : public CheckpointTest {};

TEST_F(Damage, IsNotSeenInAWholeCheckpoint) {  // or none of the tests below says anything
  set_file_bytes(manifest_path(), forged_manifest(manifest_, rank_));
  EXPECT_EQ(file_bytes(manifest_path()), manifest_);
  EXPECT_EQ(status_of_load(folder()), SAGIPS_OK);
  EXPECT_EQ(solver_.progress().epoch, 5);
  EXPECT_TRUE(saved_bytes(&solver_, scratch_ / "mine") == rank_);
}

TEST_F(Damage, TruncatedAtAnyLengthItIsRefused) {
  for (size_t size = rank_.size(); size-- > 0;) {
    fs::resize_file(rank_path(), size);
    ASSERT_EQ(status_of_load(folder()), SAGIPS_ERROR_FORMAT) << size;
  }
  repair();
  for (size_t size = manifest_.size(); size-- > 0;) {
    fs::resize_file(manifest_path(), size);
    ASSERT_EQ(status_of_load(folder()), SAGIPS_ERROR_FORMAT) << size;
  }
  expect_unchanged();
}

TEST_F(Damage, TruncatedWithAManifestThatFitsItIsRefused) {
  for (size_t size = rank_.size(); size-- > 0;) {
    fs::resize_file(rank_path(), size);
    set_file_bytes(manifest_path(), forged_manifest(manifest_, rank_.substr(0, size)));
    ASSERT_EQ(status_of_load(folder()), SAGIPS_ERROR_FORMAT) << size;
  }
  expect_unchanged();
}

TEST_F(Damage, WithAnyBitFlippedItIsRefused) {
  const auto status_with_flip = [&](const std::string& path, const std::string& bytes, size_t bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    set_file_bytes(path, flipped);
    const sagips_status status = status_of_load(folder());
    set_file_bytes(path, bytes);
    return status;
  };
  std::mt19937 random(3);
  for (int i = 0; i < 500; ++i) {
    const size_t bit = random() % (8 * rank_.size());
    ASSERT_EQ(status_with_flip(rank_path(), rank_, bit), SAGIPS_ERROR_FORMAT) << bit;
  }
  // Every one of the manifest: also that of the version, which does not make it a newer file.
  for (size_t bit = 0; bit < 8 * manifest_.size(); ++bit)
    ASSERT_EQ(status_with_flip(manifest_path(), manifest_, bit), SAGIPS_ERROR_FORMAT)
        << "bit " << bit % 8 << " of '" << manifest_[bit / 8] << "' at " << bit / 8;
  expect_unchanged();
}

TEST_F(Damage, WithABitFlippedUnderAManifestThatFitsItIsRefused) {
  std::mt19937 random(4);
  for (int i = 0; i < 500; ++i) {
    std::string bytes = rank_;
    const size_t place = random() % bytes.size();
    bytes[place] = static_cast<char>(bytes[place] ^ (1 << (random() % 8)));
    set_file_bytes(rank_path(), bytes);
    set_file_bytes(manifest_path(), forged_manifest(manifest_, bytes));
    ASSERT_EQ(status_of_load(folder()), SAGIPS_ERROR_FORMAT) << place;
  }
  expect_unchanged();
}

TEST_F(Damage, AForgedManifestIsRefused) {
  struct Forgery {
    const char* from;
    const char* to;
    sagips_status status;
  };
  const Forgery forgeries[] = {
      {"\"epoch\": 5", "\"epoch\": 6", SAGIPS_ERROR_FORMAT},
      {"\"epoch\": 5", "\"epoch\": \"5\"", SAGIPS_ERROR_FORMAT},
      {"\"epoch\": 5", "\"epoch\": 05", SAGIPS_ERROR_FORMAT},
      {"\"epoch\": 5,\n", "", SAGIPS_ERROR_FORMAT},
      {"\"ranks\": 1", "\"ranks\": 2", SAGIPS_ERROR_FORMAT},
      {"\"ranks\": 1", "\"ranks\": 1,\n  \"extra\": 1", SAGIPS_ERROR_FORMAT},
      {kRankFile, "rank-1.safetensors", SAGIPS_ERROR_FORMAT},
      {"sagips checkpoint", "another", SAGIPS_ERROR_FORMAT},
      {"\"format_version\": 2", "\"format_version\": 0", SAGIPS_ERROR_FORMAT},
      {"\"format_version\": 2", "\"format_version\": 3", SAGIPS_ERROR_VERSION}};
  for (const Forgery& f : forgeries) {
    const std::string forged = forged_manifest(manifest_, rank_, f.from, f.to);
    set_file_bytes(manifest_path(), forged);
    EXPECT_EQ(status_of_load(folder()), f.status) << forged;
  }
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string("[[[["), std::string(100000, '['),
        manifest_ + " ", manifest_ + manifest_}) {
    set_file_bytes(manifest_path(), text);
    EXPECT_EQ(status_of_load(folder()), SAGIPS_ERROR_FORMAT) << text.substr(0, 40);
  }
  expect_unchanged();
}

TEST_F(Damage, ANewerFileFormatIsRefusedAsSuch) {
  TensorFile file = decode(rank_.data(), rank_.size());
  const std::vector<uint8_t> again = encode(file);
  ASSERT_EQ(std::string(again.begin(), again.end()), rank_);
  const std::string one = "\"sagips.format\":\"1\"";
  std::string newer = rank_;
  ASSERT_NE(newer.find(one), std::string::npos);
  newer[newer.find(one) + one.size() - 2] = '2';
  size_t header = 8;  // its length, little-endian, then the JSON; its checksum is at the end
  for (size_t i = 0; i < 8; ++i)
    header += static_cast<size_t>(static_cast<uint8_t>(newer[i])) << (8 * i);
  const uint64_t sum = checksum(newer.data(), header);
  for (size_t i = 0; i < 8; ++i)
    newer[newer.size() - 8 + i] = static_cast<char>(sum >> (8 * i) & 0xff);
  set_file_bytes(rank_path(), newer);
  set_file_bytes(manifest_path(), forged_manifest(manifest_, newer));
  EXPECT_EQ(status_of_load(folder()), SAGIPS_ERROR_VERSION);
  expect_unchanged();
}

TEST_F(Damage, MissingTensorsAndTextsAreAMismatch) {
  const TensorFile whole = decode(rank_.data(), rank_.size());
  const auto status_of = [&](const TensorFile& file) {
    const std::vector<uint8_t> bytes = encode(file);
    const std::string text(bytes.begin(), bytes.end());
    set_file_bytes(rank_path(), text);
    set_file_bytes(manifest_path(), forged_manifest(manifest_, text));
    return status_of_load(folder());
  };
  for (size_t i = 0; i < whole.tensors.size(); ++i) {
    TensorFile file = whole;
    file.tensors.erase(file.tensors.begin() + static_cast<int64_t>(i));
    EXPECT_EQ(status_of(file), SAGIPS_ERROR_MISMATCH) << whole.tensors[i].name;
    file = whole;
    file.tensors[i].name += "x";
    EXPECT_EQ(status_of(file), SAGIPS_ERROR_MISMATCH) << whole.tensors[i].name;
  }
  for (const char* key : {"parameters", "datasets"}) {
    TensorFile file = whole;
    file.metadata.erase(key);
    EXPECT_EQ(status_of(file), SAGIPS_ERROR_MISMATCH) << key;
  }
  expect_unchanged();
}

TEST_F(Damage, FilesThatAreNotThereAreAnIoError) {
  EXPECT_EQ(status_of_load(scratch_ / "nowhere"), SAGIPS_ERROR_IO);
  EXPECT_EQ(status_of_load(rank_path()), SAGIPS_ERROR_IO);
  EXPECT_EQ(status_of_load(""), SAGIPS_ERROR_IO);
  fs::create_directory(scratch_ / "empty");
  EXPECT_EQ(status_of_load(scratch_ / "empty"), SAGIPS_ERROR_IO);
  fs::remove(rank_path());
  EXPECT_EQ(status_of_load(folder()), SAGIPS_ERROR_IO);
  repair();
  fs::remove(manifest_path());
  EXPECT_EQ(status_of_load(folder()), SAGIPS_ERROR_IO);
  fs::create_directory(manifest_path());
  EXPECT_EQ(status_of_load(folder()), SAGIPS_ERROR_IO);
  expect_unchanged();
}

TEST_F(Damage, LinksAndOtherNamesAreNoCheckpoints) {
  fs::create_directory(scratch_ / "links");
  ASSERT_EQ(::symlink(folder().c_str(), (scratch_ / "links" + "/epoch-00000099").c_str()), 0);
  for (const char* name : {"epoch-", "epoch-x", "epoch-5x", "epoch--5", "epoch-1e2", "other"})
    fs::copy(folder(), scratch_ / "links" + "/" + name);
  EXPECT_EQ(status_of_load(scratch_ / "links"), SAGIPS_ERROR_IO);
  ASSERT_EQ(::symlink("rank-0.safetensors", (folder() + "/loop").c_str()), 0);
  fs::remove(manifest_path());
  ASSERT_EQ(::symlink("manifest", manifest_path().c_str()), 0);  // to itself
  EXPECT_EQ(status_of_load(folder()), SAGIPS_ERROR_IO);
  expect_unchanged();
}

}  // namespace
}  // namespace sagips
