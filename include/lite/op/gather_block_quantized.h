// GatherBlockQuantized of com.microsoft: rows of a table whose elements have a few bits, as numbers.
#ifndef LITE_OP_GATHER_BLOCK_QUANTIZED_H_
#define LITE_OP_GATHER_BLOCK_QUANTIZED_H_
#include "lite/op/rare.h"

LITE_NAMESPACE_BEGIN

// As Gather along gather_axis, of (data - zero point) * scale with one scale and zero point for each block of block_size elements along
// quantize_axis. u8 data holds elements of `bits` from the low ones on, packed along the last axis, and so do its zero points, which are in
// the middle of the range if absent (those of i4 and u4 are 0). Inputs: data, indices, scales, zero points.
struct GatherBlockQuantized {
    static constexpr std::string_view name = "GatherBlockQuantized";
    static constexpr Spelling spellings[] = {{"onnx", "com.microsoft", "GatherBlockQuantized"}};
    struct Attributes {
        int64_t gather_axis = 0, quantize_axis = 1, block_size = 128, bits = 4;
        template <class V> void visit(V& v) {
            v("gather_axis", gather_axis);
            v("quantize_axis", quantize_axis);
            v("block_size", block_size);
            v("bits", bits);
        }
    };
    // The table as it was before it was packed, and the places of its axes.
    struct Table {
        Shape shape;
        size_t gather = 0, quantize = 0;
        int64_t per_byte = 1;
        Table(const Attributes& a, DType t, const Shape& data, const Who& where) : shape(data) {
            check(t == DType::u8 || t == DType::u4 || t == DType::i4, where, ": the table is ", t, ", u8, u4 or i4 was expected");
            check(a.bits == 2 || a.bits == 4 || a.bits == 8, where, ": elements have ", a.bits, " bits, 2, 4 or 8 were expected");
            check(a.block_size >= 16 && a.block_size <= kMaxElements, where, ": blocks have ", a.block_size, " elements, 16 or more were expected");
            gather = normalize_axis(a.gather_axis, data.rank(), where);
            quantize = normalize_axis(a.quantize_axis, data.rank(), where);
            check(gather != quantize, where, ": axis ", static_cast<int64_t>(gather), " is both picked from and quantized");
            if (t != DType::u8) return;
            per_byte = 8 / a.bits;
            check(quantize + 1 == data.rank(), where, ": packed elements lie along the last axis, its quantize_axis is ", a.quantize_axis);
            if (shape[quantize] >= 0) shape[quantize] *= per_byte;
        }
        Shape picked(const Shape& indices) const {
            Shape y;
            for (size_t k = 0; k < shape.rank(); ++k) {
                if (k != gather) y.push_back(shape[k]);
                else
                    for (int64_t d : indices) y.push_back(d);
            }
            return y;
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo &data = c.input(0), &indices = c.input(1);
        c.check_that(indices.dtype == DType::i32 || indices.dtype == DType::i64, "indices are ", indices.dtype, ", i32 or i64 was expected");
        c.check_that(is_float(c.input(2).dtype), "scales are ", c.input(2).dtype, ", floats were expected");
        if (!data.has_shape || !indices.has_shape) return c.output_unknown(0, c.input(2).dtype);
        c.output(0, c.input(2).dtype, Table(c.attributes<Attributes>(), data.dtype, data.shape, c.where()).picked(indices.shape));
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const TensorView& data = c.input(0);
        const Table t(a, data.dtype, data.shape, c.where());
        const Shape& s = t.shape;
        Shape blocks = s, zeros = s;
        blocks[t.quantize] = (s[t.quantize] + a.block_size - 1) / a.block_size;
        zeros[t.quantize] = (blocks[t.quantize] + t.per_byte - 1) / t.per_byte;
        const bool has_zero = c.has_input(3);
        c.check_that(c.input(2).shape == blocks, "scales are ", c.input(2).shape, ", blocks of ", a.block_size, " of ", s, " need ", blocks);
        c.check_that(!has_zero || (c.input(3).dtype == data.dtype && c.input(3).shape == zeros), "zero points have shape ", c.input(has_zero ? 3 : 2).shape, ", ", zeros, " of ",
                     data.dtype, " was expected");
        const auto field = [&](const TensorView& x, int64_t row, int64_t i, int64_t width) -> int32_t {  // element i of a row of `width` bytes
            if (x.dtype == DType::i4) return x.as<const int8_t>()[row * width + i];
            return (x.as<const uint8_t>()[row * width + i / t.per_byte] >> (i % t.per_byte * (t.per_byte == 1 ? 8 : a.bits))) & (t.per_byte == 1 ? 255 : (1 << a.bits) - 1);
        };
        const auto index = detail::integers(c.input(1));
        const auto scale = detail::doubles(c.input(2));
        const TensorView y = c.output(0, c.input(2).dtype, t.picked(c.input(1).shape));
        const int64_t extent = s[t.gather], outer = s.count(0, t.gather), inner = s.count(t.gather + 1, s.rank());
        std::vector<double> out(detail::at(y.count()));
        size_t at = 0;
        for (int64_t o = 0; o < outer; ++o)
            for (int64_t i : index) {
                c.check_that(i >= -extent && i < extent, "index ", i, " is outside axis ", static_cast<int64_t>(t.gather), " of ", s);
                const int64_t first = (o * extent + (i < 0 ? i + extent : i)) * inner;
                for (int64_t k = first; k < first + inner; ++k) {
                    // Around the quantized axis: [rows, its extent, what follows].
                    const int64_t after = s.count(t.quantize + 1, s.rank()), n = s[t.quantize], row = k / after / n, place = k / after % n;
                    const int64_t block = (row * blocks[t.quantize] + place / a.block_size) * after + k % after;
                    int32_t zero = data.dtype == DType::u8 ? 1 << (a.bits - 1) : 0;
                    if (has_zero) zero = after == 1 ? field(c.input(3), row, place / a.block_size, zeros[t.quantize]) : field(c.input(3), 0, block, 0);
                    const int32_t v = after == 1 ? field(data, row, place, data.shape[t.quantize]) : field(data, 0, k, 0);
                    out[at++] = (v - zero) * scale[detail::at(block)];
                }
            }
        detail::put_doubles(y, out);
    }
};

LITE_NAMESPACE_END
#endif
