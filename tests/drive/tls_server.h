// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <httplib.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "tests/support/catch.h"

namespace parallax::drive_tests {

/// A self-signed certificate for "localhost", valid for an hour.
class Certificate {
 public:
  Certificate() : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), certificate_(X509_new(), X509_free) {
    X509* const made = certificate_.get();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 1);
    X509_gmtime_adj(X509_getm_notBefore(made), -60);
    X509_gmtime_adj(X509_getm_notAfter(made), 3'600);
    X509_NAME* const name = X509_get_subject_name(made);
    const auto* const host = reinterpret_cast<const unsigned char*>("localhost");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, host, -1, -1, 0);
    X509_set_issuer_name(made, name);
    X509_set_pubkey(made, key_.get());
    X509_EXTENSION* const names =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
    X509_add_ext(made, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(made, key_.get(), EVP_sha256());
  }
  X509* certificate() const { return certificate_.get(); }
  EVP_PKEY* key() const { return key_.get(); }

  void save(const std::filesystem::path& path) const {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    REQUIRE(file != nullptr);
    PEM_write_X509(file, certificate_.get());
    std::fclose(file);
  }

 private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> certificate_;
};

/// Answers 200 over TLS and counts.
class TlsServer {
 public:
  TlsServer() : server_(certificate_.certificate(), certificate_.key()) {
    server_.set_keep_alive_max_count(1'000);
    server_.Post("/in", [this](const httplib::Request& request, httplib::Response& response) {
      ++requests_;
      const std::lock_guard lock(mutex_);
      last_ = request.body;
      response.status = 200;
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~TlsServer() {
    server_.stop();
    thread_.join();
  }
  std::string url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(port_) + "/in";
  }
  const Certificate& certificate() const { return certificate_; }
  int requests() const { return requests_; }
  std::string last() {
    const std::lock_guard lock(mutex_);
    return last_;
  }

 private:
  Certificate certificate_;
  httplib::SSLServer server_;
  std::thread thread_;
  int port_ = 0;
  std::atomic<int> requests_{0};
  std::mutex mutex_;
  std::string last_;
};

/// Makes the system trust one certificate more, for as long as it lives.
class Trusting {
 public:
  explicit Trusting(const Certificate& certificate)
      : path_(std::filesystem::temp_directory_path() /
              ("parallax-trust-" + std::to_string(::getpid()) + ".pem")) {
    certificate.save(path_);
    ::setenv("SSL_CERT_FILE", path_.c_str(), 1);
  }
  ~Trusting() {
    ::unsetenv("SSL_CERT_FILE");
    std::filesystem::remove(path_);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace parallax::drive_tests
