// FusedAttention: softmax(scale q k^T + mask) v in one pass over tiles of rows, as a pass makes it of the operators of attention.
#ifndef LITE_OP_FUSED_ATTENTION_H_
#define LITE_OP_FUSED_ATTENTION_H_
#include "lite/op/product.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

// Inputs of four axes: q [B, H, Tq, D], k [B, H, Tk, D], v [B, H, Tk, Dv] and an optional mask that broadcasts to [B, H, Tq, Tk] and
// is added before the softmax; a row that is masked as a whole (minus infinity everywhere) gives zeros. k and v may have fewer heads, each
// of which serves H / (their number) of q in turn. Output [B, H, Tq, Dv]. An operand whose attribute *_time_first is 1 has H and T exchanged
// ([B, T, H, D]): what models transpose, this operator reads in place. k_columns: k is given as [B, H, D, Tk].
struct FusedAttention {
    static constexpr std::string_view name = "FusedAttention";
    static constexpr Spelling spellings[] = {{"lite", "", "FusedAttention"}};
    struct Attributes {
        float scale = 1.f;
        int64_t q_time_first = 0, k_time_first = 0, v_time_first = 0, y_time_first = 0, k_columns = 0;
        template <class V> void visit(V& v) {
            v("scale", scale);
            v("q_time_first", q_time_first);
            v("k_time_first", k_time_first);
            v("v_time_first", v_time_first);
            v("y_time_first", y_time_first);
            v("k_columns", k_columns);
        }
    };
    // A [B, H, T, D] tensor as strides, whatever the order of its axes.
    struct Operand {
        int64_t b = 0, h = 0, t = 0, d = 0;
        size_t batch_step = 0, head_step = 0, row_step = 0;
        static Operand of(const Shape& s, bool time_first) {
            Operand o{s[0], s[time_first ? 2 : 1], s[time_first ? 1 : 2], s[3]};
            if (!s.known()) return o;
            const size_t row = static_cast<size_t>(o.d), heads = static_cast<size_t>(o.h), times = static_cast<size_t>(o.t);
            o.batch_step = heads * times * row;
            o.head_step = time_first ? row : times * row;
            o.row_step = time_first ? heads * row : row;
            return o;
        }
        size_t at(size_t batch, size_t head) const { return batch * batch_step + head * head_step; }
    };
    struct Extents {
        Operand q, k, v, y;  // k as [B, H, Tk, D] but for its steps when it lies in columns
        Shape result;
        size_t group = 1;  // heads of q that one of k and v serves
        static Extents of(const Attributes& at, const Shape& q, const Shape& k, const Shape& v, const Who& who) {
            check(q.rank() == 4 && k.rank() == 4 && v.rank() == 4, who, ": operands are ", q, ", ", k, " and ", v, ", expected four axes each");
            Extents e;
            e.q = Operand::of(q, at.q_time_first != 0);
            e.k = Operand::of(k, at.k_time_first != 0 && !at.k_columns);
            if (at.k_columns) std::swap(e.k.t, e.k.d);
            e.v = Operand::of(v, at.v_time_first != 0);
            const auto agree = [](int64_t a, int64_t b) { return a == b || a < 0 || b < 0; };
            const bool heads = agree(e.k.h, e.v.h) && (e.q.h < 0 || e.k.h < 0 || (e.k.h == 0 ? e.q.h == 0 : e.q.h % e.k.h == 0));
            check(agree(e.q.b, e.k.b) && agree(e.q.b, e.v.b) && heads && agree(e.q.d, e.k.d) && agree(e.k.t, e.v.t),
                  who, ": operands ", q, ", ", k, " and ", v, " do not fit together");
            e.group = e.k.h > 0 ? static_cast<size_t>(e.q.h / e.k.h) : 1;
            e.result = at.y_time_first ? Shape{e.q.b, e.q.t, e.q.h, e.v.d} : Shape{e.q.b, e.q.h, e.q.t, e.v.d};
            e.y = Operand::of(e.result, at.y_time_first != 0);
            return e;
        }
    };
    // Steps of the mask for batch, head, row and column: 0 where it broadcasts.
    static std::array<size_t, 4> mask_steps(const Shape& s) {
        std::array<size_t, 4> step{};
        size_t n = 1;
        for (size_t i = 0; i < s.rank(); ++i) {
            const size_t extent = static_cast<size_t>(s[s.rank() - 1 - i]);
            step[3 - i] = extent == 1 ? 0 : n;
            n *= extent;
        }
        return step;
    }

    static void infer(InferContext& c) {
        const auto at = c.attributes<Attributes>();
        const DType type = c.input(0).dtype;
        c.check_that(is_float(type), "input 0 is ", type, ", expected floating-point numbers");
        for (size_t i = 1; i < 4; ++i)
            if (i < 3 || c.has_input(3)) c.check_that(c.input(i).dtype == type, "input ", i, " is ", c.input(i).dtype, ", input 0 is ", type);
        for (size_t i = 0; i < 3; ++i)
            if (!c.input(i).has_shape) return c.output_unknown(0, type, 4);
        const Extents e = Extents::of(at, c.shape(0), c.shape(1), c.shape(2), c.where());
        if (c.has_input(3) && c.input(3).has_shape) {
            const Shape &m = c.input(3).shape, want{e.q.b, e.q.h, e.q.t, e.k.t};
            bool ok = m.rank() <= 4;
            for (size_t i = 0; ok && i < m.rank(); ++i) {
                const int64_t have = m[m.rank() - 1 - i], need = want[3 - i];
                ok = have == 1 || have == need || have < 0 || need < 0;
            }
            c.check_that(ok, "the mask is ", m, ", which does not broadcast to ", want);
        }
        c.output(0, type, e.result);
    }

    // In double.
    static void reference(RunContext& c) {
        const auto at = c.attributes<Attributes>();
        const Extents e = Extents::of(at, c.input(0).shape, c.input(1).shape, c.input(2).shape, c.where());
        const TensorView y = c.output(0, c.input(0).dtype, e.result);
        const auto q = c.input(0).values<double>(), k = c.input(1).values<double>(), v = c.input(2).values<double>();
        const auto mask = c.has_input(3) ? c.input(3).values<double>() : std::vector<double>();
        const auto m = c.has_input(3) ? mask_steps(c.input(3).shape) : std::array<size_t, 4>{};
        const size_t B = static_cast<size_t>(e.q.b), H = static_cast<size_t>(e.q.h), Tq = static_cast<size_t>(e.q.t), Tk = static_cast<size_t>(e.k.t),
                     D = static_cast<size_t>(e.q.d), Dv = static_cast<size_t>(e.v.d);
        std::vector<double> score(Tk);
        for (size_t b = 0; b < B; ++b)
            for (size_t h = 0; h < H; ++h)
                for (size_t i = 0; i < Tq; ++i) {
                    double largest = -static_cast<double>(__builtin_inff()), total = 0;
                    for (size_t j = 0; j < Tk; ++j) {
                        double s = 0;
                        for (size_t x = 0; x < D; ++x)
                            s += q[e.q.at(b, h) + i * e.q.row_step + x] * k[e.k.at(b, h / e.group) + (at.k_columns ? x * Tk + j : j * e.k.row_step + x)];
                        score[j] = static_cast<double>(at.scale) * s + (mask.empty() ? 0. : mask[b * m[0] + h * m[1] + i * m[2] + j * m[3]]);
                        largest = std::max(largest, score[j]);
                    }
                    const bool none = largest == -static_cast<double>(__builtin_inff());
                    for (double& s : score) total += s = none ? 0 : std::exp(s - largest);
                    for (size_t x = 0; x < Dv; ++x) {
                        double sum = 0;
                        for (size_t j = 0; j < Tk; ++j) sum += score[j] * v[e.v.at(b, h / e.group) + j * e.v.row_step + x];
                        const size_t to = e.y.at(b, h) + i * e.y.row_step + x;
                        sum = none ? 0 : sum / total;
                        store_wide(y, static_cast<int64_t>(to), 1, 1, &sum);
                    }
                }
    }
};

// k and v of a head are packed once; then for tiles of rows: scores, exponentials and the product with v while the tile is in the
// first-level cache. The sums of the exponentials divide the Dv results of a row instead of its Tk scores.
template <> struct Kernel<FusedAttention, NCHW, float> {
    static constexpr std::string_view name = "attention/tiles";
    struct State {
        FusedAttention::Extents e;
        float scale = 1.f;
        bool k_columns = false;
        size_t score_stride = 0, k_floats = 0, v_floats = 0, thread_floats = 0;
    };
    static bool applicable(const NodeInfo& n) {
        for (const TensorInfo& t : n.inputs)
            if (t && !t.shape_known()) return false;
        if (extents(n).k.t == 0) return false;
        // A mask that is one number for a whole row of scores is left to the reference.
        return !n.has_input(3) || (n.input(3).shape.rank() > 0 && n.input(3).shape.back() == extents(n).k.t);
    }
    static FusedAttention::Extents extents(const NodeInfo& n) {
        return FusedAttention::Extents::of(n.attributes<FusedAttention::Attributes>(), n.input(0).shape, n.input(1).shape, n.input(2).shape, n.node->name);
    }
    static double cost(const NodeInfo& n) {
        const auto e = extents(n);
        const double tq = static_cast<double>(e.q.t), tk = static_cast<double>(e.k.t), d = static_cast<double>(e.q.d), dv = static_cast<double>(e.v.d);
        return 50 + static_cast<double>(e.q.b * e.q.h) * (gemm_cost(*n.bricks, tq, tk, d) + gemm_cost(*n.bricks, tq, dv, tk) +
                                                          tq * tk * 5 / n.bricks->lanes + 0.2 * tk * (d + dv));
    }
    static State prepare(const NodeInfo& n, PrepareContext& c) {
        const auto at = n.attributes<FusedAttention::Attributes>();
        const GemmBricks& g = n.bricks->gemm;
        State s;
        s.e = extents(n);
        s.scale = at.scale;
        s.k_columns = at.k_columns != 0;
        const size_t Tk = static_cast<size_t>(s.e.k.t);
        s.score_stride = (Tk + g.panel - 1) / g.panel * g.panel;
        s.k_floats = packed_b_size(*n.bricks, static_cast<size_t>(s.e.q.d), Tk) / sizeof(float);
        s.v_floats = packed_b_size(*n.bricks, Tk, static_cast<size_t>(s.e.v.d)) / sizeof(float);
        s.thread_floats = (g.rows * s.score_stride + s.k_floats + s.v_floats + 2 * g.rows + 31) / 16 * 16;
        c.need_workspace(s.thread_floats * sizeof(float) * static_cast<size_t>(n.threads));
        return s;
    }
    static void run(const State& s, const RunContext& c) noexcept {
        const auto& e = s.e;
        const Bricks& bricks = *c.bricks;
        const GemmBricks& g = bricks.gemm;
        const size_t H = static_cast<size_t>(e.q.h), heads = static_cast<size_t>(e.q.b) * H, Tq = static_cast<size_t>(e.q.t),
                     Tk = static_cast<size_t>(e.k.t), D = static_cast<size_t>(e.q.d), Dv = static_cast<size_t>(e.v.d);
        if (heads == 0 || Tq == 0 || Dv == 0) return;
        const size_t tiles = (Tq + g.rows - 1) / g.rows;
        const bool v_in_place = tiles <= 2;  // packing would cost about as much as it saves
        const float *q = c.input(0).as<float>(), *k = c.input(1).as<float>(), *v = c.input(2).as<float>();
        const float* mask = c.has_input(3) ? c.input(3).as<float>() : nullptr;
        const auto m = mask ? FusedAttention::mask_steps(c.input(3).shape) : std::array<size_t, 4>{};
        float* y = c.output(0).as<float>();
        const size_t grain = heads * Tq * Tk * (D + Dv) < 2 * kGemmSplitWork ? heads * tiles : 1;
        c.pool->parallel_shares(heads * tiles, grain, [&](ThreadPool::Share& share, int thread) {
            float* scores = reinterpret_cast<float*>(c.workspace) + static_cast<size_t>(thread) * s.thread_floats;
            float *k_packed = scores + g.rows * s.score_stride, *v_packed = k_packed + s.k_floats, *inverse = v_packed + s.v_floats;
            size_t packed = heads;  // the head whose keys and values are in the workspace
            for (size_t unit = 0, end = 0; unit < end || share.next(unit, end); ++unit) {
                const size_t head = unit / tiles, tile = unit % tiles, b = head / H, h = head % H;
                if (head != packed) {
                    packed = head;
                    const float* kh = k + e.k.at(b, h / e.group);
                    if (s.k_columns) pack_b(bricks, kh, D, Tk, Tk, k_packed, s.scale);
                    else pack_bt(bricks, kh, D, Tk, e.k.row_step, k_packed, s.scale);
                    if (!v_in_place) pack_b(bricks, v + e.v.at(b, h / e.group), Tk, Dv, e.v.row_step, v_packed);
                }
                const size_t from = Tq * tile / tiles, rows = Tq * (tile + 1) / tiles - from;  // of nearly equal height
                GemmCall one;
                one.m = Tq;  // what decides between a tile and one row
                one.n = Tk;
                one.k = D;
                one.a = q + e.q.at(b, h) + from * e.q.row_step;
                one.lda = e.q.row_step;
                one.b = k_packed;
                one.c = scores;
                one.ldc = s.score_stride;
                if (mask) {
                    const float* mh = mask + b * m[0] + h * m[1] + from * m[2];
                    if (m[2] == 0) {
                        one.bias = mh;
                    } else {
                        for (size_t r = 0; r < rows; ++r) std::memcpy(scores + r * s.score_stride, mh + r * m[2], Tk * sizeof(float));
                        one.accumulate = true;
                    }
                }
                gemm_f32(bricks, one, {0, rows, 0, gemm_panels(bricks, Tk)});
                const auto masked = [&](size_t r) {
                    const float* row = scores + r * s.score_stride;
                    return mask && row[0] == -__builtin_inff() && std::all_of(row, row + Tk, [](float x) { return x == -__builtin_inff(); });
                };
                uint64_t no_keys = 0;  // a bit for each row, of which there are fewer
                for (size_t r = 0; r < rows; ++r)
                    if (masked(r)) no_keys |= uint64_t{1} << r;
                g.exp_rows(scores, rows, Tk, s.score_stride, inverse);
                for (size_t r = 0; no_keys; ++r, no_keys >>= 1)
                    if (no_keys & 1) std::fill_n(scores + r * s.score_stride, s.score_stride, 0.f), inverse[r] = 0.f;
                GemmCall two;
                two.m = Tq;
                two.n = Dv;
                two.k = Tk;
                two.a = scores;
                two.lda = s.score_stride;
                two.form = v_in_place ? GemmB::rows : GemmB::packed;
                two.b = v_in_place ? v + e.v.at(b, h / e.group) : v_packed;
                two.ldb = e.v.row_step;
                two.c = y + e.y.at(b, h) + from * e.y.row_step;
                two.ldc = e.y.row_step;
                gemm_f32(bricks, two, {0, rows, 0, gemm_panels(bricks, Dv)}, v_packed);
                g.scale_rows(two.c, rows, Dv, e.y.row_step, inverse);
            }
        });
    }
};

LITE_NAMESPACE_END
#endif
