#include "lite/op/relayout.h"
#include "tests/support/op_test.h"
using namespace lite_test;

static_assert(LayoutType<NCHW> && LayoutType<NHWC> && LayoutType<NCHW44> && LayoutType<NCHW88> && LayoutType<NCHW1616> &&
              LayoutType<NCHW44_DOT> && LayoutType<NHWCD4> && LayoutType<NCHW4> && LayoutType<NCHW32> && LayoutType<NCHW64>);
static_assert(!LayoutType<float>);

static constexpr LayoutTag kAll[] = {LayoutTag::nchw,       LayoutTag::nhwc,   LayoutTag::nchw44, LayoutTag::nchw88, LayoutTag::nchw1616,
                                     LayoutTag::nchw44_dot, LayoutTag::nhwcd4, LayoutTag::nchw4,  LayoutTag::nchw32, LayoutTag::nchw64};

// Distinct non-zero bytes, so that a lost or doubled element shows.
static Array counted(DType t, const Shape& s) {
    Array a = Array::zeros(t, s);
    uint32_t v = 12345;
    for (size_t i = 0; i < a.bytes(); ++i) {
        v = v * 1664525u + 1013904223u;
        a.mutable_data()[i] = static_cast<std::byte>((v >> 24) | 1u);
    }
    return a;
}

TEST_CASE("Tags map to names and back") {
    for (LayoutTag t : kAll) {
        LayoutTag back = LayoutTag::nchw;
        CHECK(parse_layout(name_of(t), back));
        CHECK(back == t);
    }
    LayoutTag t;
    CHECK_FALSE(parse_layout("nchw7", t));
}

TEST_CASE("Offsets are distinct, inside padded_count, and as documented") {
    const Shape s{2, 10, 3, 5};
    const int64_t at[] = {1, 6, 2, 4};
    CHECK(NCHW::offset(s, at) == ((1 * 10 + 6) * 3 + 2) * 5 + 4);
    CHECK(NHWC::offset(s, at) == ((1 * 3 + 2) * 5 + 4) * 10 + 6);
    CHECK(NCHW44::offset(s, at) == (((1 * 3 + 1) * 3 + 2) * 5 + 4) * 4 + 2);
    CHECK(NCHW88::offset(s, at) == (((1 * 2 + 0) * 3 + 2) * 5 + 4) * 8 + 6);
    CHECK(NHWCD4::offset(s, at) == (((1 * 3 + 2) * 3 + 1) * 5 + 4) * 4 + 2);
    CHECK(padded_count(LayoutTag::nchw, s) == 300);
    CHECK(padded_count(LayoutTag::nhwc, s) == 300);
    CHECK(padded_count(LayoutTag::nchw44, s) == 2 * 12 * 15);
    CHECK(padded_count(LayoutTag::nchw1616, s) == 2 * 16 * 15);
    CHECK(padded_count(LayoutTag::nchw64, s) == 2 * 64 * 15);
    CHECK(padded_count(LayoutTag::nhwcd4, s) == 2 * 3 * 3 * 5 * 4);
    for (LayoutTag t : kAll)
        visit_layout(t, [&](auto l) {
            std::vector<bool> seen(static_cast<size_t>(padded_count(t, s)));
            int64_t i[4];
            for (i[0] = 0; i[0] < s[0]; ++i[0])
                for (i[1] = 0; i[1] < s[1]; ++i[1])
                    for (i[2] = 0; i[2] < s[2]; ++i[2])
                        for (i[3] = 0; i[3] < s[3]; ++i[3]) {
                            const auto o = static_cast<size_t>(decltype(l)::offset(s, i));
                            REQUIRE(o < seen.size());
                            REQUIRE_FALSE(seen[o]);
                            seen[o] = true;
                        }
        });
}

TEST_CASE("Relayout between every pair of layouts, with poisoned padding") {
    SpinPool pool(2);
    const Shape shapes[] = {{1, 1, 1, 1}, {2, 3, 5, 7},  {1, 16, 7, 7}, {1, 58, 3, 3},   {2, 64, 1, 1}, {1, 4, 4, 1},    {1, 130, 2, 9}, {1, 17, 33, 40},
                            {3, 8, 1, 6}, {0, 3, 2, 2},  {1, 0, 2, 2},  {1, 5, 0, 3},    {2, 6, 9},     {1, 9, 2, 3, 4}, {1, 3, 20, 20}, {1, 2, 13, 5},
                            {1, 16, 1, 5}};
    for (DType dtype : {DType::f32, DType::u8, DType::f16, DType::i64})
        for (const Shape& s : shapes) {
            const Array a = counted(dtype, s);
            for (LayoutTag from : kAll)
                for (LayoutTag to : kAll) {
                    if (!layout_fits(from, s.rank()) || !layout_fits(to, s.rank())) continue;
                    // Padding of the source is poison when there is a rearrangement to do; equal layouts are copied with their zeros.
                    const bool copy = relayout_is_copy(s, from, to);
                    const auto in = to_layout(a, from, copy ? std::byte{0} : std::byte{0x7f});
                    const auto want = to_layout(a, to);
                    const size_t bytes = static_cast<size_t>(padded_count(to, s)) * size_of(dtype);
                    for (const Bricks* bricks : all_bricks()) {
                        const auto out = allocate_bytes(bytes + 64);
                        std::memset(out.get(), 0x5a, bytes + 64);
                        relayout({in.get(), dtype, s, from}, {out.get(), dtype, s, to}, *bricks, pool);
                        const bool same = std::memcmp(out.get(), want.get(), bytes) == 0;
                        CHECK_MESSAGE(same, text(name_of(from), " -> ", name_of(to), " of ", s, " ", dtype, " on ", bricks->name));
                        CHECK(out.get()[bytes] == std::byte{0x5a});
                    }
                    if (copy && from != to) CHECK(std::memcmp(in.get(), want.get(), bytes) == 0);
                    TensorInfo t;
                    t.dtype = dtype;
                    t.shape = s;
                    CHECK(relayout_cost(t, from, to) > 0);
                }
        }
}

TEST_CASE("A relayout that moves nothing is known as a copy") {
    CHECK(relayout_is_copy({1, 64, 1, 1}, LayoutTag::nchw, LayoutTag::nchw1616));
    CHECK(relayout_is_copy({2, 64, 1, 1}, LayoutTag::nhwc, LayoutTag::nchw88));
    CHECK(relayout_is_copy({2, 1, 5, 5}, LayoutTag::nhwc, LayoutTag::nchw));
    CHECK(relayout_is_copy({2, 16, 5, 5}, LayoutTag::nhwc, LayoutTag::nchw1616));
    CHECK(relayout_is_copy({2, 7, 5, 5}, LayoutTag::nchw44, LayoutTag::nchw4));
    CHECK(relayout_is_copy({1, 8, 1, 5}, LayoutTag::nchw44, LayoutTag::nhwcd4));
    CHECK_FALSE(relayout_is_copy({1, 10, 1, 1}, LayoutTag::nchw, LayoutTag::nchw88));
    CHECK_FALSE(relayout_is_copy({1, 16, 2, 1}, LayoutTag::nchw88, LayoutTag::nchw1616));
    CHECK_FALSE(relayout_is_copy({1, 2, 2, 2}, LayoutTag::nchw, LayoutTag::nhwc));
}

TEST_CASE("Relayout as an operator") {
    const Array x = random_f32({2, 5, 3, 4}, 3);
    Attributes a;
    a.set("from", static_cast<int64_t>(LayoutTag::nchw));
    a.set("to", static_cast<int64_t>(LayoutTag::nhwc));
    const OpCase test(describe<Relayout>(), a, {activation(x)});
    CHECK(test.outputs[0].shape == x.shape());
    const Array y = test.run_reference()[0];
    CHECK(std::memcmp(y.data(), to_layout(x, LayoutTag::nhwc).get(), y.bytes()) == 0);
    a.set("to", int64_t{99});
    CHECK_THROWS_AS(OpCase(describe<Relayout>(), a, {activation(x)}), Error);
    a.set("to", static_cast<int64_t>(LayoutTag::nhwcd4));
    CHECK_THROWS_AS(OpCase(describe<Relayout>(), a, {activation(random_f32({2, 3, 4}, 1))}), Error);
}
