// DequantizeBnb4: the weights of com.microsoft's MatMulBnb4, four bits each that stand for one of 16 numbers.
#ifndef LITE_OP_DEQUANTIZE_BNB4_H_
#define LITE_OP_DEQUANTIZE_BNB4_H_
#include "lite/op/rare.h"

LITE_NAMESPACE_BEGIN

// Weights [K, N] from the bytes of [N, K], high bits first, and from the largest magnitude of each block of block_size elements.
struct DequantizeBnb4 {
    static constexpr std::string_view name = "DequantizeBnb4";
    static constexpr Spelling spellings[] = {{"onnx", "lite", "DequantizeBnb4"}};
    struct Attributes {
        int64_t K = 0, N = 0, block_size = 64, quant_type = 1;
        template <class V> void visit(V& v) {
            v("K", K);
            v("N", N);
            v("block_size", block_size);
            v("quant_type", quant_type);
        }
    };
    // By quant_type: floats of sign, two exponent bits and one of mantissa, scaled to 1; quantiles of the normal distribution.
    static constexpr float kTables[2][16] = {
            {0.f, 5.208333333e-03f, 0.66666667f, 1.f, 0.33333333f, 0.5f, 0.16666667f, 0.25f, -0.f, -5.208333333e-03f, -0.66666667f, -1.f, -0.33333333f, -0.5f, -0.16666667f,
             -0.25f},
            {-1.f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0.f,
             0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f, 0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1.f}};
    static void infer(InferContext& c) {
        const auto a = c.attributes<Attributes>();
        c.check_that((a.quant_type == 0 || a.quant_type == 1) && a.K > 0 && a.N > 0 && a.K <= kMaxElements && a.N <= kMaxElements / a.K && a.block_size >= 16, "weights of ", a.K, " by ",
                     a.N, " of type ", a.quant_type, " in blocks of ", a.block_size);
        c.output(0, c.input(1).dtype, Shape{a.K, a.N});
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const int64_t n = a.K * a.N;
        c.check_that(c.input(0).dtype == DType::u8 && c.input(0).count() == (n + 1) / 2 && c.input(1).count() == (n + a.block_size - 1) / a.block_size, "weights ",
                     c.input(0).shape, " and magnitudes ", c.input(1).shape, " do not fit ", a.K, " by ", a.N, " in blocks of ", a.block_size);
        const auto* w = c.input(0).as<const uint8_t>();
        const auto top = detail::doubles(c.input(1));
        std::vector<double> out(detail::at(n));
        for (int64_t i = 0; i < n; ++i)
            out[detail::at(i % a.K * a.N + i / a.K)] = double{kTables[a.quant_type][(w[i / 2] >> (i % 2 ? 0 : 4)) & 15]} * top[detail::at(i / a.block_size)];
        detail::put_doubles(c.output(0, c.input(1).dtype, Shape{a.K, a.N}), out);
    }
};

LITE_NAMESPACE_END
#endif
