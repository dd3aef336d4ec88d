// SPDX-License-Identifier: BSD-3-Clause
// A pointer and a length, passed by value; it never owns.
#ifndef SAGIPS_CORE_VIEW_H_
#define SAGIPS_CORE_VIEW_H_

#include <cassert>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace sagips {

template <typename T>
class View {
 public:
  View() = default;
  View(T* data, int64_t size) : data_(data), size_(size) {}
  View(std::vector<std::remove_const_t<T>>& v)  // NOLINT: a vector is a view of itself
      : data_(v.data()), size_(static_cast<int64_t>(v.size())) {}
  template <typename U = T, typename = std::enable_if_t<std::is_const_v<U>>>
  View(const std::vector<std::remove_const_t<T>>& v)  // NOLINT
      : data_(v.data()), size_(static_cast<int64_t>(v.size())) {}
  template <typename U, typename = std::enable_if_t<std::is_same_v<const U, T>>>
  View(View<U> v) : data_(v.data()), size_(v.size()) {}  // NOLINT

  T* data() const { return data_; }
  int64_t size() const { return size_; }
  T* begin() const { return data_; }
  T* end() const { return data_ + size_; }
  T& operator[](int64_t i) const {
    assert(i >= 0 && i < size_);
    return data_[i];
  }
  View part(int64_t first, int64_t n) const {
    assert(first >= 0 && n >= 0 && first + n <= size_);
    return View(data_ + first, n);
  }

 private:
  T* data_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace sagips

#endif  // SAGIPS_CORE_VIEW_H_
