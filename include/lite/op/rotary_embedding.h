// RotaryEmbedding: pairs of numbers turned by angles that depend on the position.
#ifndef LITE_OP_ROTARY_EMBEDDING_H_
#define LITE_OP_ROTARY_EMBEDDING_H_
#include "lite/op/rare.h"

LITE_NAMESPACE_BEGIN

// x [batch, heads, length, size] or [batch, length, heads * size], tables of cosines and sines [positions, size / 2], with position
// ids [batch, length], or without them [batch, length, size / 2]. The form of com.microsoft has the position ids second; they may be
// one number, the first position.
struct RotaryEmbedding {
    static constexpr std::string_view name = "RotaryEmbedding";
    static constexpr Spelling spellings[] = {{"onnx", "", "RotaryEmbedding", 0}, {"onnx", "com.microsoft", "RotaryEmbedding", 1}};
    struct Attributes {
        int64_t mode = 0, interleaved = 0, rotary_embedding_dim = 0, num_heads = 0;
        template <class V> void visit(V& v) {
            v("mode", mode);
            v("interleaved", interleaved);
            v("rotary_embedding_dim", rotary_embedding_dim);
            v("num_heads", num_heads);
        }
    };
    static void infer(InferContext& c) {
        const TensorInfo& x = c.input(0);
        if (x.has_shape) c.check_that(x.shape.rank() == 3 || x.shape.rank() == 4, "its input is ", x.shape);
        detail::like_input(c, 0, 0, x.dtype);
    }
    static void reference(RunContext& c) {
        const auto a = c.attributes<Attributes>();
        const Shape& s = c.input(0).shape;
        const bool packed = s.rank() == 3;
        const TensorView &cosines = c.input(a.mode ? 2 : 1), &sines = c.input(a.mode ? 3 : 2);
        const size_t id_input = a.mode ? 1 : 3;
        int64_t heads = packed ? a.num_heads : s[1];
        const int64_t half_table = cosines.shape.back();
        c.check_that(half_table > 0 && a.rotary_embedding_dim >= 0, "its tables are ", cosines.shape, ", it turns ", a.rotary_embedding_dim);
        if (packed && heads == 0) heads = s[2] / (a.rotary_embedding_dim ? a.rotary_embedding_dim : 2 * half_table);
        c.check_that(heads > 0 && (!packed || s[2] % heads == 0), "its input ", s, " has no ", heads, " heads");
        const int64_t batch = s[0], length = packed ? s[1] : s[2], size = packed ? s[2] / heads : s[3], turned = a.rotary_embedding_dim ? a.rotary_embedding_dim : size,
                      half = turned / 2;
        c.check_that(half_table == half && sines.shape == cosines.shape && turned <= size, "tables of ", cosines.shape, " meet heads of ", size);
        const auto x = detail::doubles(c.input(0)), co = detail::doubles(cosines), si = detail::doubles(sines);
        const auto ids = c.has_input(id_input) ? detail::integers(c.input(id_input)) : std::vector<int64_t>();
        c.check_that(ids.size() <= 1 || ids.size() == detail::at(batch * length), "it has ", ids.size(), " positions for ", batch, " sequences of ", length);
        const int64_t rows = cosines.shape.count() / std::max<int64_t>(half, 1);
        std::vector<double> y = x;
        for (int64_t b = 0; b < batch; ++b)
            for (int64_t i = 0; i < length; ++i) {
                const int64_t row = ids.empty() ? b * length + i : ids.size() == 1 ? std::min(ids[0], kMaxElements) + i : ids[detail::at(b * length + i)];
                c.check_that(row >= 0 && row < rows, "position ", row, " is outside tables of ", rows);
                for (int64_t h = 0; h < heads; ++h) {
                    const int64_t from = packed ? ((b * length + i) * heads + h) * size : ((b * heads + h) * length + i) * size;
                    for (int64_t k = 0; k < half; ++k) {
                        const size_t p = detail::at(from + (a.interleaved ? 2 * k : k)), q = detail::at(from + (a.interleaved ? 2 * k + 1 : half + k));
                        const double cosine = co[detail::at(row * half + k)], sine = si[detail::at(row * half + k)];
                        y[p] = cosine * x[p] - sine * x[q];
                        y[q] = sine * x[p] + cosine * x[q];
                    }
                }
            }
        detail::put_doubles(c.output(0, c.input(0).dtype, s), y);
    }
};

LITE_NAMESPACE_END
#endif
