#include "sfu/transport/cipher.hpp"

namespace parley::transport {

std::unique_ptr<Cipher> make_cipher() {
  auto cipher = make_ipsec_mb_cipher();
  return cipher ? std::move(cipher) : make_openssl_cipher();
}

}  // namespace parley::transport
