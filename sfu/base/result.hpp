#pragma once
// How a command fails. Packets never use this: they fail silently and are counted (see drop_reason.hpp).

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace parley {

/// Why a command was refused, in words that a program can match and words that a person can act on.
struct Error {
  std::string code;     ///< stable, snake_case: part of the protocol (signaling/PROTOCOL.md lists them)
  std::string message;  ///< one plain sentence: what is wrong and what to do about it
  bool operator==(const Error&) const = default;
};

/// A value, or the Error that says why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  explicit operator bool() const { return std::holds_alternative<T>(state_); }
  T& value() & { return std::get<T>(state_); }
  const T& value() const& { return std::get<T>(state_); }
  T&& value() && { return std::get<T>(std::move(state_)); }
  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return std::get<Error>(state_); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace parley
