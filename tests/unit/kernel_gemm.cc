// The gemm drivers against a naive product, on every instruction set, over odd sizes and every form of B.
#include "lite/kernel/gemm.h"

#include "tests/support/op_test.h"
using namespace lite_test;

namespace {
struct Case {
    size_t m, n, k;
};
std::vector<float> random(size_t n, uint32_t seed) {
    std::mt19937 g(seed);
    std::uniform_real_distribution<float> u(-1.f, 1.f);
    std::vector<float> v(n);
    for (float& x : v) x = u(g);
    return v;
}
}  // namespace

TEST_CASE("gemm equals the naive product for every form of B, bias and split") {
    const Case cases[] = {{1, 1, 1}, {1, 37, 5}, {1, 1000, 64}, {2, 8, 3}, {3, 33, 7}, {5, 16, 1}, {13, 64, 20}, {14, 32, 4}, {15, 31, 9}, {29, 100, 17},
                          {65, 40, 33}, {100, 3, 8}, {7, 65, 0}, {0, 5, 3}, {4, 0, 3}, {20, 48, 1024}, {400, 70, 700}};
    for (const Bricks* bricks : all_bricks())
        for (const Case& s : cases) {
            const size_t lda = s.k + 3, ldb = s.n + 2, ldt = s.k + 1, ldc = s.n + 5;
            const auto a = random(s.m * lda + 1, 1), b = random(s.k * ldb + 1, 2), bias = random(s.n + 1, 3), row_bias = random(s.m + 1, 4);
            std::vector<float> bt(s.n * ldt + 1);
            for (size_t i = 0; i < s.k; ++i)
                for (size_t j = 0; j < s.n; ++j) bt[j * ldt + i] = b[i * ldb + j];
            const size_t bytes = packed_b_size(*bricks, s.k, s.n);
            std::vector<float> packed(bytes / 4 + 1), packed_t(bytes / 4 + 1);
            pack_b(*bricks, b.data(), s.k, s.n, ldb, packed.data());
            pack_bt(*bricks, bt.data(), s.k, s.n, ldt, packed_t.data());
            CHECK(std::memcmp(packed.data(), packed_t.data(), bytes) == 0);
            for (int form = 0; form < 3; ++form)
                for (int variant = 0; variant < 4; ++variant) {
                    GemmCall c;
                    c.m = s.m;
                    c.n = s.n;
                    c.k = s.k;
                    c.a = a.data();
                    c.lda = lda;
                    c.form = static_cast<GemmB>(form);
                    c.b = form == 0 ? packed.data() : form == 1 ? b.data() : bt.data();
                    c.ldb = form == 1 ? ldb : ldt;
                    c.ldc = ldc;
                    if (variant == 1) c.bias = bias.data();
                    if (variant == 2) c.row_bias = row_bias.data();
                    c.accumulate = variant == 3;
                    if (variant == 1) c.low = -0.5f, c.high = 0.75f;
                    const auto before = random(s.m * ldc + 1, 5);
                    std::vector<float> first;
                    for (int threads : {1, 2, 3}) {
                        auto out = before;
                        c.c = out.data();
                        SpinPool pool(threads);
                        std::vector<float> scratch(gemm_scratch_size(*bricks, s.k) / 4 * static_cast<size_t>(threads) + 1);
                        if (threads == 3) {  // cut by hand, so that even small products are split
                            for (size_t m = 0; m < s.m; m += 4)
                                for (size_t p = 0; p < gemm_panels(*bricks, s.n); ++p)
                                    gemm_f32(*bricks, c, {m, std::min(m + 4, s.m), p, p + 1}, scratch.data());
                        } else {
                            gemm_f32(*bricks, pool, c, scratch.data());
                        }
                        if (threads == 1) first = out;
                        CHECK_MESSAGE(first == out, bricks->name, ": the split changes bits");
                        double worst = 0;
                        bool untouched = true;
                        for (size_t m = 0; m < s.m; ++m)
                            for (size_t n = 0; n < ldc; ++n) {
                                if (n >= s.n) {
                                    untouched &= out[m * ldc + n] == before[m * ldc + n];
                                    continue;
                                }
                                double want = variant == 1 ? bias[n] : variant == 2 ? row_bias[m] : variant == 3 ? before[m * ldc + n] : 0.;
                                for (size_t k = 0; k < s.k; ++k) want += double(a[m * lda + k]) * double(b[k * ldb + n]);
                                want = std::min(std::max(want, double(c.low)), double(c.high));
                                worst = std::max(worst, std::abs(want - double(out[m * ldc + n])));
                            }
                        // k roundings of partial sums that grow like sqrt(k)
                        CHECK_MESSAGE(worst <= 1e-6 + 2e-7 * static_cast<double>(s.k), bricks->name, " m ", s.m, " n ", s.n, " k ", s.k, " form ", form,
                                      " variant ", variant);
                        CHECK(untouched);
                    }
                }
        }
}

TEST_CASE("gemm lets a NaN pass the clamp") {
    const float a[2] = {NAN, 1.f}, b[3] = {1.f, 2.f, 3.f};
    for (const Bricks* bricks : all_bricks()) {
        std::vector<float> out(6), scratch(gemm_scratch_size(*bricks, 1) / 4);
        GemmCall c;
        c.m = 2;
        c.n = 3;
        c.k = 1;
        c.a = a;
        c.lda = 1;
        c.form = GemmB::rows;
        c.b = b;
        c.ldb = 3;
        c.c = out.data();
        c.ldc = 3;
        c.low = 0.f;
        gemm_f32(*bricks, c, scratch.data());
        CHECK(std::isnan(out[0]));
        CHECK(out[5] == 3.f);
    }
}
