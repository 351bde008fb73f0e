// SPDX-License-Identifier: Apache-2.0
#include "sim/core/math.h"

#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>

namespace parallax::math {
namespace {

constexpr double log2_e = 0x1.71547652b82fep+0;
/// ln 2 in two parts; the first has 32 bits, so that its product with an exponent is exact.
constexpr double ln2_high = 0x1.62e42fee00000p-1;
constexpr double ln2_low = 0x1.a39ef35793c76p-33;

constexpr int mantissa_bits = 52;
constexpr std::uint64_t mantissa_mask = (std::uint64_t{1} << mantissa_bits) - 1;
constexpr int exponent_bias = 1'023;

/// An unevaluated sum: `low` holds what does not fit the 53 bits of `high`.
struct Pair {
  double high, low;
};

/// Exact when |a| >= |b| (Dekker 1971).
Pair add_fast(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

/// Exact product by splitting the factors in halves (Dekker 1971). Precondition: |a|, |b| < 2^996.
Pair multiply(double a, double b) {
  constexpr double splitter = 134'217'729;  // 2^27 + 1
  const double a_scaled = a * splitter, b_scaled = b * splitter;
  const double a_high = a_scaled - (a_scaled - a), a_low = a - a_high;
  const double b_high = b_scaled - (b_scaled - b), b_low = b - b_high;
  const double product = a * b;
  const double error =
      ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
  return {product, error};
}

/// 2^exponent. Precondition: a normal number.
double power_of_two(int exponent) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(exponent + exponent_bias)
                               << mantissa_bits);
}

/// x = mantissa * 2^exponent with the mantissa in [sqrt(1/2), sqrt(2)).
struct Split {
  double mantissa;
  int exponent;
};
Split split(double x) {
  assert(x > 0 && x <= std::numeric_limits<double>::max());
  int exponent = -exponent_bias;
  if (x < std::numeric_limits<double>::min()) {  // subnormal
    x *= 0x1p54;
    exponent -= 54;
  }
  const auto bits = std::bit_cast<std::uint64_t>(x);
  exponent += static_cast<int>(bits >> mantissa_bits);
  auto mantissa = std::bit_cast<double>((bits & mantissa_mask) | std::bit_cast<std::uint64_t>(1.0));
  if (mantissa >= 0x1.6a09e667f3bcdp+0) {
    mantissa /= 2;
    ++exponent;
  }
  return {mantissa, exponent};
}

/// (2 atanh(s) - 2s) / s = sum of 2 s^2n / (2n+1), n = 1 .. 11, for |s| <= 0.1716: the terms left
/// out are below 2^-63 of 2. Odd and even terms apart, because two short chains are faster.
double atanh_tail(double s) {
  const double z = s * s;
  const double w = z * z;
  const double odd =
      z *
      (2.0 / 3 + w * (2.0 / 7 + w * (2.0 / 11 + w * (2.0 / 15 + w * (2.0 / 19 + w * (2.0 / 23))))));
  const double even =
      w * (2.0 / 5 + w * (2.0 / 9 + w * (2.0 / 13 + w * (2.0 / 17 + w * (2.0 / 21)))));
  return odd + even;
}

/// ln x to about 2^-64 of itself, which pow needs: it multiplies the error by up to 700.
Pair log_pair(double x) {
  const auto [mantissa, exponent] = split(x);
  const double f = mantissa - 1;  // exact: the mantissa is within a factor of 2 of 1
  const Pair denominator = add_fast(2, f);
  const double s = f / denominator.high;
  const Pair back = multiply(s, denominator.high);
  const double s_low = ((f - back.high) - back.low - s * denominator.low) / denominator.high;
  // ln m = 2 s + s * tail(s)
  const Pair twice{2 * s, 2 * s_low};
  const Pair series = multiply(s, atanh_tail(s));
  const Pair mantissa_log = add_fast(twice.high, series.high);
  const double mantissa_low = mantissa_log.low + (twice.low + series.low);
  const double k = exponent;
  const Pair sum = exponent == 0 ? mantissa_log : add_fast(k * ln2_high, mantissa_log.high);
  const double low = exponent == 0 ? mantissa_low : sum.low + (mantissa_low + k * ln2_low);
  return add_fast(sum.high, low);
}

/// e^r - 1 - r for |r| <= 0.35, by Taylor's series to r^14.
double exp_tail(double r) {
  constexpr std::array<double, 15> factorial{
      1,      1,       2,         6,          24,          120,           720,           5'040,
      40'320, 362'880, 3'628'800, 39'916'800, 479'001'600, 6'227'020'800, 87'178'291'200};
  const double z = r * r;
  double even = 1 / factorial[14], odd = 1 / factorial[13];
  for (std::size_t n = 12; n >= 2; n -= 2) even = even * z + 1 / factorial[n];
  for (std::size_t n = 11; n >= 3; n -= 2) odd = odd * z + 1 / factorial[n];
  return z * (even + r * odd);
}

/// e^(x + x_low) for a small x_low; infinity and 0 beyond what a double holds.
double exp_sum(double x, double x_low) {
  if (x > 710) return std::numeric_limits<double>::infinity();
  if (x < -746) return 0;
  const double k = std::floor(x * log2_e + 0.5);
  const double high = x - k * ln2_high;
  const double low = x_low - k * ln2_low;
  const double r = high + low;
  const double r_low = low - (r - high);
  const double value = 1 + (r + (exp_tail(r) + (r_low + r * r_low)));
  // In two steps, because 2^k itself may be beyond the range where the product is not.
  const int exponent = static_cast<int>(k), half = exponent / 2;
  return value * power_of_two(half) * power_of_two(exponent - half);
}

template <std::size_t n>
double polynomial(const std::array<double, n>& coefficients, double x) {
  double sum = coefficients[n - 1];
  for (std::size_t i = n - 1; i-- > 0;) sum = sum * x + coefficients[i];
  return sum;
}

// Coefficients of PPND16 in M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal
// Distribution", Applied Statistics 37 (1988), pages 477-484.
constexpr std::array central_top{3.3871328727963666080e0,  1.3314166789178437745e+2,
                                 1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                 3.3430575583588128105e+4, 2.5090809287301226727e+3};
constexpr std::array central_bottom{1.0,
                                    4.2313330701600911252e+1,
                                    6.8718700749205790830e+2,
                                    5.3941960214247511077e+3,
                                    2.1213794301586595867e+4,
                                    3.9307895800092710610e+4,
                                    2.8729085735721942674e+4,
                                    5.2264952788528545610e+3};
constexpr std::array middle_top{1.42343711074968357734e0,  4.63033784615654529590e0,
                                5.76949722146069140550e0,  3.64784832476320460504e0,
                                1.27045825245236838258e0,  2.41780725177450611770e-1,
                                2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr std::array middle_bottom{1.0,
                                   2.05319162663775882187e0,
                                   1.67638483018380384940e0,
                                   6.89767334985100004550e-1,
                                   1.48103976427480074590e-1,
                                   1.51986665636164571966e-2,
                                   5.47593808499534494600e-4,
                                   1.05075007164441684324e-9};
constexpr std::array far_top{6.65790464350110377720e0,  5.46378491116411436990e0,
                             1.78482653991729133580e0,  2.96560571828504891230e-1,
                             2.65321895265761230930e-2, 1.24266094738807843860e-3,
                             2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr std::array far_bottom{1.0,
                                5.99832206555887937690e-1,
                                1.36929880922735805310e-1,
                                1.48753612908506148525e-2,
                                7.86869131145613259100e-4,
                                1.84631831751005468180e-5,
                                1.42151175831644588870e-7,
                                2.04426310338993978564e-15};

}  // namespace

double log(double x) {
  const auto [mantissa, exponent] = split(x);
  const double f = mantissa - 1;
  const double s = f / (2 + f);
  const double k = exponent;
  return k * ln2_high + (2 * s + (s * atanh_tail(s) + k * ln2_low));
}

double exp(double x) {
  assert(x >= -700 && x <= 700);
  return exp_sum(x, 0);
}

double pow(double x, double y) {
  const Pair logarithm = log_pair(x);
  const Pair product = multiply(logarithm.high, y);
  return exp_sum(product.high, product.low + logarithm.low * y);
}

double normal_quantile(double p) {
  assert(p > 0 && p < 1);
  const double q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(central_top, r) / polynomial(central_bottom, r);
  }
  const double r = std::sqrt(-log(q < 0 ? p : 1 - p));
  const double distance = r <= 5
                              ? polynomial(middle_top, r - 1.6) / polynomial(middle_bottom, r - 1.6)
                              : polynomial(far_top, r - 5) / polynomial(far_bottom, r - 5);
  return q < 0 ? -distance : distance;
}

}  // namespace parallax::math
