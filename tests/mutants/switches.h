// SPDX-License-Identifier: Apache-2.0
#pragma once
/// What a mutated copy of a source calls at each place that can be wrong. All mutants of a program
/// are compiled into it at once and told apart by a number (mutant schemata: Untch, Offutt,
/// Harrold, ISSTA 1993); with none on, every place does what the original did. `make_mutants` puts
/// the calls in by infix: `a < b` becomes `a < mutant::Less{7, 8} < b`, so that no expression is
/// ever parsed. Where the compiler evaluates a constant nothing is switched.
#include <concepts>
#include <cstdint>
#include <type_traits>

namespace mutant {

constexpr int numbers_max = 1 << 17;  ///< Mutants are numbered below.
constexpr int no_number = -1;

/// The mutant that is on, and a byte for each number: 1 where its place was passed.
struct State {
  int on = no_number;
  std::uint8_t* passed = nullptr;  ///< `numbers_max` bytes, or nobody asks.
};
extern State state;

inline bool is_on(int number) {
  if (number == no_number) return false;
  if (state.passed != nullptr) state.passed[number] = 1;
  return state.on == number;
}
constexpr bool on(int number) { return !std::is_constant_evaluated() && is_on(number); }

/// A condition, or its contrary.
template <class T>
constexpr bool flip(int number, const T& condition) {
  return on(number) != static_cast<bool>(condition);
}

/// A constant, or another.
template <class T>
constexpr T pick(int number, T is, T other) {
  return on(number) ? other : is;
}

/// `a && All{n} | b`: `b` need not hold. `a || None{n} & b`: `b` does not help.
struct All {
  int number;
  template <class B>
  friend constexpr bool operator|(All all, const B& b) {
    return on(all.number) || static_cast<bool>(b);
  }
};
struct None {
  int number;
  template <class B>
  friend constexpr bool operator&(None none, const B& b) {
    return !on(none.number) && static_cast<bool>(b);
  }
};

/// `a < Less{n}`, which waits for what `a` is compared with.
template <class A, class Sign>
struct Half {
  const A& a;
  Sign sign;
};

/// A comparison turned round; or one in which equal values change sides.
#define PARALLAX_MUTANT_COMPARISON(Sign, op)                                   \
  struct Sign {                                                                \
    int reversed;                                                              \
    int edge = no_number;                                                      \
    template <class A>                                                         \
    friend constexpr Half<A, Sign> operator op(const A& a, Sign sign) {        \
      return {a, sign};                                                        \
    }                                                                          \
    template <class A, class B>                                                \
    friend constexpr bool operator op(const Half<A, Sign>& half, const B& b) { \
      if (on(half.sign.reversed)) return !(half.a op b);                       \
      if (on(half.sign.edge)) return !(b op half.a);                           \
      return half.a op b;                                                      \
    }                                                                          \
  };
PARALLAX_MUTANT_COMPARISON(Less, <)
PARALLAX_MUTANT_COMPARISON(LessEqual, <=)
PARALLAX_MUTANT_COMPARISON(Greater, >)
PARALLAX_MUTANT_COMPARISON(GreaterEqual, >=)
PARALLAX_MUTANT_COMPARISON(Equal, ==)
PARALLAX_MUTANT_COMPARISON(Unequal, !=)
#undef PARALLAX_MUTANT_COMPARISON

/// Added where it was taken away, and the other way round; where a type knows only one of the two
/// (texts), nothing is switched.
#define PARALLAX_MUTANT_ARITHMETIC(Sign, op, other)                            \
  struct Sign {                                                                \
    int number;                                                                \
    template <class A>                                                         \
    friend constexpr Half<A, Sign> operator op(const A& a, Sign sign) {        \
      return {a, sign};                                                        \
    }                                                                          \
    template <class A, class B>                                                \
    friend constexpr auto operator op(const Half<A, Sign>& half, const B& b) { \
      using Result = decltype(half.a op b);                                    \
      if constexpr (requires {                                                 \
                      { half.a other b } -> std::same_as<Result>;              \
                    }) {                                                       \
        if (on(half.sign.number)) return half.a other b;                       \
      }                                                                        \
      return half.a op b;                                                      \
    }                                                                          \
  };
PARALLAX_MUTANT_ARITHMETIC(Plus, +, -)
PARALLAX_MUTANT_ARITHMETIC(Minus, -, +)
#undef PARALLAX_MUTANT_ARITHMETIC

}  // namespace mutant
