#include "sfu/net/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

#include "sfu/net/system_error.hpp"

namespace parley::net {
namespace {

/// Browsers refuse more than 398 days.
constexpr long validity_seconds = 365L * 24 * 3600;
/// A clock that is a little slow must not find it in the future.
constexpr long backdated_seconds = 24L * 3600;

template <auto release>
struct Release {
  void operator()(auto* object) const { release(object); }
};
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Memory = std::unique_ptr<BIO, Release<BIO_free>>;

void check(bool good) {
  if (!good) throw SystemError::sentence("The certificate cannot be made (OpenSSL refused).");
}

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string alternative_names(const std::vector<std::string>& names, const std::vector<Address>& addresses) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "DNS:" : ",DNS:") + name;
  for (const Address& address : addresses) text += (text.empty() ? "IP:" : ",IP:") + address.host();
  return text;
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  check(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

/// Null: there is none.
Certificate first_of(std::string_view pem) {
  const Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Certificate(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
}

}  // namespace

PemPair make_certificate(Time now, const std::vector<std::string>& names, const std::vector<Address>& addresses) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  check(key && certificate);
  std::time_t start = unix_seconds(now);
  std::uint64_t serial = 0;
  check(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_time_adj_ex(X509_getm_notBefore(certificate.get()), 0, -backdated_seconds, &start);
  X509_time_adj_ex(X509_getm_notAfter(certificate.get()), 0, validity_seconds, &start);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>("Parley"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  check(X509_set_pubkey(certificate.get(), key.get()) == 1);
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate.get(), NID_ext_key_usage, "serverAuth");
  add_extension(certificate.get(), NID_subject_alt_name, alternative_names(names, addresses));
  check(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);

  const Memory certificate_text(BIO_new(BIO_s_mem()));
  const Memory key_text(BIO_new(BIO_s_mem()));
  check(PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1);
  check(PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return {text_of(certificate_text.get()), text_of(key_text.get())};
}

std::optional<Time> certificate_expiry(std::string_view pem) {
  const Certificate certificate = first_of(pem);
  std::tm when{};
  if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &when) != 1) return std::nullopt;
  return Time(seconds(::timegm(&when)));
}

std::vector<std::string> certificate_names(std::string_view pem) {
  std::vector<std::string> names;
  const Certificate certificate = first_of(pem);
  if (!certificate) return names;
  const std::unique_ptr<GENERAL_NAMES, Release<GENERAL_NAMES_free>> all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* const one = sk_GENERAL_NAME_value(all.get(), i);
    if (one->type != GEN_DNS) continue;
    const auto* const text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(one->d.dNSName));
    std::string name(text, static_cast<std::size_t>(ASN1_STRING_length(one->d.dNSName)));
    if (!name.starts_with('*')) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace parley::net
