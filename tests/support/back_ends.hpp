#pragma once
// The back ends of transport::Cipher that this machine can run, by name.

#include <memory>
#include <string>
#include <vector>

#include "sfu/transport/cipher.hpp"

namespace parley::test {

struct BackEnd {
  std::string name;
  std::unique_ptr<transport::Cipher> (*make)() = nullptr;
};

inline std::vector<BackEnd> back_ends() {
  std::vector<BackEnd> result{{"OpenSSL", transport::make_openssl_cipher}};
  if (transport::make_ipsec_mb_cipher()) result.push_back({"intel-ipsec-mb", transport::make_ipsec_mb_cipher});
  return result;
}

}  // namespace parley::test
