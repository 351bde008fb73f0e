// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Elementary functions whose last bit is the same on every machine: they use only IEEE 754 +, -,
/// *, / and sqrt, which are exactly rounded everywhere, and the project is built with
/// -ffp-contract=off. The C library's log, exp and pow differ in the last bit between versions,
/// which would move a draw and with it a golden hash. Relative error below 4e-15.
namespace parallax::math {

double log(double x);            ///< Natural logarithm. Precondition: x > 0 and finite.
double exp(double x);            ///< e^x. Precondition: |x| <= 700.
double pow(double x, double y);  ///< x^y. Precondition: x > 0.
/// Inverse of the standard normal distribution function (Wichura, Algorithm AS 241, 1988).
/// Precondition: 0 < p < 1.
double normal_quantile(double p);

}  // namespace parallax::math
