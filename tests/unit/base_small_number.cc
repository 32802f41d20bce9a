#include <doctest/doctest.h>

#include "lite/base/small_number.h"
using namespace lite;

TEST_CASE("Every code of a small float comes back from its number") {
    for (DType t : {DType::f8e4m3fn, DType::f8e4m3fnuz, DType::f8e5m2, DType::f8e5m2fnuz, DType::f8e8m0, DType::f4e2m1})
        for (int code = 0; code < (t == DType::f4e2m1 ? 16 : 256); ++code) {
            const double v = small_to_double(t, static_cast<uint8_t>(code));
            if (std::isnan(v)) CHECK(std::isnan(small_to_double(t, small_from_double(t, v))));
            else CHECK_MESSAGE(small_from_double(t, v, false) == code, name_of(t), " ", code);
        }
}

TEST_CASE("Small floats have the ranges that their papers give") {
    CHECK(small_to_double(DType::f8e4m3fn, 0x7e) == 448);
    CHECK(small_to_double(DType::f8e4m3fnuz, 0x7f) == 240);
    CHECK(small_to_double(DType::f8e5m2, 0x7b) == 57344);
    CHECK(small_to_double(DType::f8e5m2fnuz, 0x7f) == 57344);
    CHECK(small_to_double(DType::f8e4m3fn, 1) == std::ldexp(1.0, -9));
    CHECK(small_to_double(DType::f8e5m2, 1) == std::ldexp(1.0, -16));
    CHECK(small_to_double(DType::f8e8m0, 127) == 1);
    CHECK(small_to_double(DType::f4e2m1, 7) == 6);
    CHECK(std::isinf(small_to_double(DType::f8e5m2, 0x7c)));
    CHECK(std::isnan(small_to_double(DType::f8e4m3fnuz, 0x80)));
}

TEST_CASE("Numbers between two small floats go to the nearest, of two as near to the even one") {
    const auto round = [](DType t, double v) { return small_to_double(t, small_from_double(t, v)); };
    CHECK(round(DType::f4e2m1, 2.5) == 2);
    CHECK(round(DType::f4e2m1, 3.5) == 4);
    CHECK(round(DType::f4e2m1, -0.75) == -1);
    CHECK(round(DType::f8e4m3fn, 1.0625) == 1);
    CHECK(round(DType::f8e4m3fn, 1.1875) == 1.25);
    CHECK(small_to_double(DType::f8e4m3fn, small_from_double(DType::f8e4m3fn, 464, false)) == 448);
    CHECK(std::isnan(small_to_double(DType::f8e4m3fn, small_from_double(DType::f8e4m3fn, 465, false))));
    CHECK(std::isinf(small_to_double(DType::f8e5m2, small_from_double(DType::f8e5m2, 1e6, false))));
    CHECK(small_to_double(DType::f8e8m0, small_from_double(DType::f8e8m0, 5, true, SmallRound::up)) == 8);
    CHECK(small_to_double(DType::f8e8m0, small_from_double(DType::f8e8m0, 5, true, SmallRound::down)) == 4);
    CHECK(small_to_double(DType::f8e8m0, small_from_double(DType::f8e8m0, 5)) == 4);
}

TEST_CASE("Small integers wrap around") {
    CHECK(wrap_small_int(DType::i4, 8) == -8);
    CHECK(wrap_small_int(DType::i4, -9) == 7);
    CHECK(wrap_small_int(DType::u4, -1) == 15);
    CHECK(wrap_small_int(DType::i2, 2) == -2);
    CHECK(wrap_small_int(DType::u2, 5) == 1);
}
