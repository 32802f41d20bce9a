// LSTM, GRU and RNN: one-layer recurrent networks in one or both directions of time.
#ifndef LITE_OP_RECURRENT_H_
#define LITE_OP_RECURRENT_H_
#include "lite/op/product.h"
#include "lite/op/wide.h"

LITE_NAMESPACE_BEGIN

enum class RecurrentCell { rnn, gru, lstm };
constexpr int64_t gates_of(RecurrentCell c) { return c == RecurrentCell::rnn ? 1 : c == RecurrentCell::gru ? 3 : 4; }
constexpr size_t functions_of(RecurrentCell c) { return c == RecurrentCell::rnn ? 1 : c == RecurrentCell::gru ? 2 : 3; }
constexpr size_t states_of(RecurrentCell c) { return c == RecurrentCell::lstm ? 2 : 1; }

// One of the functions that these operators name in `activations`.
struct RecurrentFunction {
    enum class Kind : uint8_t { plain, affine /* alpha x + beta */, scaled_tanh /* alpha tanh(beta x) */ };
    Kind kind = Kind::plain;
    Activation plain;
    float alpha = 1.f, beta = 0.f;

    double operator()(double x) const {
        if (kind == Kind::affine) return static_cast<double>(alpha) * x + static_cast<double>(beta);
        if (kind == Kind::scaled_tanh) return static_cast<double>(alpha) * std::tanh(static_cast<double>(beta) * x);
        return activate(plain, x);
    }
    void operator()(const MathBricks& m, float* x, size_t n) const {
        if (kind == Kind::plain) return m.unary(plain.mode, plain.alpha, plain.beta, x, x, n);
        constexpr float zero = 0.f;
        if (kind == Kind::affine) return m.scale_shift(x, &alpha, kScalar, &beta, kScalar, x, n);
        m.scale_shift(x, &beta, kScalar, &zero, kScalar, x, n);
        m.unary(ElemwiseMode::tanh, 0.f, 0.f, x, x, n);
        m.scale_shift(x, &alpha, kScalar, &zero, kScalar, x, n);
    }
    // The function of that name, in any case. Functions with parameters take the next ones of the lists, or their defaults.
    static RecurrentFunction named(std::string_view name, const std::vector<float>& alphas, size_t& next_alpha, const std::vector<float>& betas,
                                   size_t& next_beta, const Who& who) {
        std::string s(name);
        for (char& ch : s)
            if (ch >= 'A' && ch <= 'Z') ch = static_cast<char>(ch - 'A' + 'a');
        const auto alpha = [&](float otherwise) { return next_alpha < alphas.size() ? alphas[next_alpha++] : otherwise; };
        const auto beta = [&](float otherwise) { return next_beta < betas.size() ? betas[next_beta++] : otherwise; };
        RecurrentFunction f;
        if (s == "sigmoid") f.plain.mode = ElemwiseMode::sigmoid;
        else if (s == "tanh") f.plain.mode = ElemwiseMode::tanh;
        else if (s == "relu") f.plain.mode = ElemwiseMode::relu;
        else if (s == "softsign") f.plain.mode = ElemwiseMode::softsign;
        else if (s == "softplus") f.plain.mode = ElemwiseMode::softplus;
        else if (s == "leakyrelu") f.plain = {ElemwiseMode::leaky_relu, alpha(0.01f)};
        else if (s == "thresholdedrelu") f.plain = {ElemwiseMode::thresholded_relu, alpha(1.f)};
        else if (s == "elu") f.plain = {ElemwiseMode::elu, alpha(1.f)};
        else if (s == "hardsigmoid") {
            f.plain.mode = ElemwiseMode::hard_sigmoid;
            f.plain.alpha = alpha(0.2f);
            f.plain.beta = beta(0.5f);
        } else if (s == "affine" || s == "scaledtanh") {
            f.kind = s == "affine" ? Kind::affine : Kind::scaled_tanh;
            f.alpha = alpha(1.f);
            f.beta = beta(s == "affine" ? 0.f : 1.f);
        } else {
            fail(who, ": activation '", name, "' is not one of Sigmoid, Tanh, Relu, LeakyRelu, ThresholdedRelu, Elu, HardSigmoid, Affine, ",
                 "ScaledTanh, Softsign, Softplus");
        }
        return f;
    }
};

// Numbers rounded to 255 steps between the smallest and the largest of them and zero, as DynamicQuantizeLinear and DequantizeLinear do it.
template <class T> void round_to_8_bits(const T* x, size_t n, T* out) {
    float low = 0.f, high = 0.f;
    for (size_t i = 0; i < n; ++i) {
        low = std::min(low, static_cast<float>(x[i]));
        high = std::max(high, static_cast<float>(x[i]));
    }
    const float scale = high > low ? (high - low) / 255.f : 1.f;
    const auto nearest = [](float v) { return (v + 12582912.f) - 12582912.f; };  // 1.5 * 2^23: what is behind the point falls off, to the even one
    const float zero = nearest(std::clamp(-low / scale, 0.f, 255.f));
    for (size_t i = 0; i < n; ++i) out[i] = static_cast<T>((std::clamp(nearest(static_cast<float>(x[i]) / scale) + zero, 0.f, 255.f) - zero) * scale);
}

// What the three operators share; all is compiled once, the cell is a number.
// Inputs: X [T, B, I], W [D, G H, I], R [D, G H, H], bias [D, 2 G H], sequence_lens [B], initial_h [D, B, H], and for LSTM initial_c and
// peepholes [D, 3 H]; the last ones from the bias on may be absent. Outputs: Y [T, D, B, H], Y_h [D, B, H] and for LSTM Y_c. With
// layout 1, B is the first axis of all of them. Gates lie in the order z r h (GRU) and i o f c (LSTM). After the end of a sequence
// Y is zero; a sequence of length 0 has a zero Y_h, too. quantized: products take X, and of each sequence the state of each step, rounded
// to 8 bits (see DynamicQuantizeLSTM; for LSTM only). `clip` bounds what goes into the gates' activations, as ONNX Runtime has it.
struct RecurrentNetwork {
    struct Attributes {
        std::vector<float> activation_alpha, activation_beta;
        std::vector<std::string> activations;
        std::string direction = "forward";
        float clip = 0.f;  // 0: none
        int64_t hidden_size = 0, input_forget = 0, linear_before_reset = 0, layout = 0, quantized = 0;
        template <class V> void visit(V& v) {
            v("activation_alpha", activation_alpha);
            v("activation_beta", activation_beta);
            v("activations", activations);
            v("direction", direction);
            v("clip", clip);
            v("hidden_size", hidden_size);
            v("input_forget", input_forget);
            v("linear_before_reset", linear_before_reset);
            v("layout", layout);
            v("quantized", quantized);
        }
        int64_t directions() const { return direction == "bidirectional" ? 2 : 1; }
        bool backward(size_t d) const { return direction == "reverse" || d == 1; }
        // Those of all directions, functions_of(cell) each.
        std::vector<RecurrentFunction> functions(RecurrentCell cell, const Who& who) const {
            std::vector<std::string> names = activations;
            if (names.empty())
                for (int64_t d = 0; d < directions(); ++d) {
                    if (cell != RecurrentCell::rnn) names.push_back("Sigmoid");
                    names.push_back("Tanh");
                    if (cell == RecurrentCell::lstm) names.push_back("Tanh");
                }
            const size_t want = functions_of(cell) * static_cast<size_t>(directions());
            check(names.size() == want, who, ": ", names.size(), " activations, expected ", want);
            std::vector<RecurrentFunction> f;
            size_t next_alpha = 0, next_beta = 0;
            for (const std::string& s : names)
                f.push_back(RecurrentFunction::named(s, activation_alpha, next_alpha, activation_beta, next_beta, who));
            return f;
        }
    };

    struct Extents {
        int64_t t, b, in, h, d;
        bool batch_first;
        Shape y() const { return batch_first ? Shape{b, t, d, h} : Shape{t, d, b, h}; }
        Shape state() const { return batch_first ? Shape{b, d, h} : Shape{d, b, h}; }
        // Positions of the row of (time, batch) in X, of (time, direction, batch) in Y, of (direction, batch) in a state.
        size_t x_row(size_t ti, size_t bi) const { return batch_first ? bi * static_cast<size_t>(t) + ti : ti * static_cast<size_t>(b) + bi; }
        size_t y_row(size_t ti, size_t di, size_t bi) const {
            const size_t ds = static_cast<size_t>(d), bs = static_cast<size_t>(b), ts = static_cast<size_t>(t);
            return batch_first ? (bi * ts + ti) * ds + di : (ti * ds + di) * bs + bi;
        }
        size_t state_row(size_t di, size_t bi) const { return batch_first ? bi * static_cast<size_t>(d) + di : di * static_cast<size_t>(b) + bi; }
        static Extents of(const Attributes& at, int64_t gates, const Shape& x, const Shape& w, const Shape& r, const Who& who) {
            check(x.rank() == 3, who, ": input 0 is ", x, ", expected [time, batch, size]");
            const int64_t directions = at.directions();
            const auto agree = [](int64_t x1, int64_t x2) { return x1 == x2 || x1 < 0 || x2 < 0; };
            Extents e{x[at.layout ? 1 : 0], x[at.layout ? 0 : 1], x[2], at.hidden_size, directions, at.layout != 0};
            if (e.h <= 0 && r.rank() == 3) e.h = r[2];
            check(e.h <= kMaxElements, who, ": hidden_size is ", e.h);
            check(w.rank() == 3 && agree(w[0], directions) && (e.h < 0 || agree(w[1], gates * e.h)) && agree(w[2], e.in), who, ": input 1 is ", w,
                  ", expected ", Shape{directions, e.h < 0 ? kUnknown : gates * e.h, e.in});
            check(r.rank() == 3 && agree(r[0], directions) && (e.h < 0 || agree(r[1], gates * e.h)) && agree(r[2], e.h), who, ": input 2 is ", r,
                  ", expected ", Shape{directions, e.h < 0 ? kUnknown : gates * e.h, e.h});
            return e;
        }
    };

    static void infer(InferContext& c, RecurrentCell cell) {
        const int64_t gates = gates_of(cell);
        const size_t states = states_of(cell);
        const auto at = c.attributes<Attributes>();
        c.check_that(at.direction == "forward" || at.direction == "reverse" || at.direction == "bidirectional", "direction is '", at.direction,
                     "', expected forward, reverse or bidirectional");
        c.check_that(at.clip >= 0.f, "clip is ", at.clip, ", expected a positive bound");
        (void)at.functions(cell, c.where());
        const DType type = c.input(0).dtype;
        c.check_that(is_float(type), "input 0 is ", type, ", expected floating-point numbers");
        for (size_t i : {1, 2, 3, 5, 6, 7})
            if (c.has_input(i)) c.check_that(c.input(i).dtype == type, "input ", i, " is ", c.input(i).dtype, ", input 0 is ", type);
        if (c.has_input(4)) c.check_that(c.input(4).dtype == DType::i32, "sequence_lens is ", c.input(4).dtype, ", expected i32");
        if (!c.input(0).has_shape || !c.input(1).has_shape || !c.input(2).has_shape) {
            c.output_unknown(0, type, 4);
            for (size_t i = 1; i <= states; ++i) c.output_unknown(i, type, 3);
            return;
        }
        const Extents e = Extents::of(at, gates, c.shape(0), c.shape(1), c.shape(2), c.where());
        const auto expect = [&](size_t i, const Shape& want) {
            if (!c.has_input(i) || !c.input(i).has_shape) return;
            const Shape& s = c.input(i).shape;
            bool ok = s.rank() == want.rank();
            for (size_t k = 0; ok && k < s.rank(); ++k) ok = s[k] == want[k] || s[k] < 0 || want[k] < 0;
            c.check_that(ok, "input ", i, " is ", s, ", expected ", want);
        };
        expect(3, {e.d, e.h < 0 ? kUnknown : 2 * gates * e.h});
        expect(4, {e.b});
        expect(5, e.state());
        if (cell == RecurrentCell::lstm) {
            expect(6, e.state());
            expect(7, {e.d, e.h < 0 ? kUnknown : 3 * e.h});
        }
        c.output(0, type, e.y());
        for (size_t i = 1; i <= states; ++i) c.output(i, type, e.state());
    }

    // In double throughout.
    static void reference(RunContext& c, RecurrentCell cell) {
        const auto at = c.attributes<Attributes>();
        const Extents e = Extents::of(at, gates_of(cell), c.input(0).shape, c.input(1).shape, c.input(2).shape, c.where());
        const auto functions = at.functions(cell, c.where());
        const DType type = c.input(0).dtype;
        const auto values = [&](size_t i, size_t count) {
            return c.has_input(i) ? c.input(i).values<double>() : std::vector<double>(count, 0.);
        };
        const size_t T = static_cast<size_t>(e.t), B = static_cast<size_t>(e.b), I = static_cast<size_t>(e.in), H = static_cast<size_t>(e.h),
                     D = static_cast<size_t>(e.d), G = static_cast<size_t>(gates_of(cell));
        auto x = values(0, 0);
        if (at.quantized) round_to_8_bits(x.data(), x.size(), x.data());
        const auto w = values(1, 0), r = values(2, 0), bias = values(3, D * 2 * G * H), first_h = values(5, D * B * H),
                   first_c = values(6, D * B * H), p = values(7, D * 3 * H);
        std::vector<int64_t> lengths(B, e.t);
        if (c.has_input(4)) lengths = c.input(4).values<int64_t>();
        for (int64_t n : lengths) c.check_that(n >= 0 && n <= e.t, "a sequence of length ", n, " in ", e.t, " steps");
        std::vector<double> y(T * D * B * H, 0.), y_h(D * B * H, 0.), y_c(D * B * H, 0.);
        const double bound = at.clip > 0.f ? static_cast<double>(at.clip) : static_cast<double>(__builtin_inff());
        const auto clip = [&](double v) { return v < -bound ? -bound : v > bound ? bound : v; };
        for (size_t d = 0; d < D; ++d) {
            const RecurrentFunction* f = functions.data() + d * functions_of(cell);
            const double *wd = w.data() + d * G * H * I, *rd = r.data() + d * G * H * H, *wb = bias.data() + d * 2 * G * H, *rb = wb + G * H,
                         *pd = p.data() + d * 3 * H;
            for (size_t b = 0; b < B; ++b) {
                const size_t steps = static_cast<size_t>(lengths[b]);
                if (steps == 0) continue;
                const size_t at_state = e.state_row(d, b) * H;
                std::vector<double> h(first_h.begin() + static_cast<std::ptrdiff_t>(at_state), first_h.begin() + static_cast<std::ptrdiff_t>(at_state + H)),
                        memory(first_c.begin() + static_cast<std::ptrdiff_t>(at_state), first_c.begin() + static_cast<std::ptrdiff_t>(at_state + H)), next(H);
                for (size_t s = 0; s < steps; ++s) {
                    const size_t t = at.backward(d) ? steps - 1 - s : s;
                    const double* xt = x.data() + e.x_row(t, b) * I;
                    const auto from_x = [&](size_t g, size_t j) {  // row j of gate g
                        double sum = wb[g * H + j];
                        for (size_t i = 0; i < I; ++i) sum += xt[i] * wd[(g * H + j) * I + i];
                        return sum;
                    };
                    const auto from_h = [&](size_t g, size_t j, const std::vector<double>& state) {
                        double sum = rb[g * H + j];
                        for (size_t i = 0; i < H; ++i) sum += state[i] * rd[(g * H + j) * H + i];
                        return sum;
                    };
                    if (cell == RecurrentCell::rnn) {
                        for (size_t j = 0; j < H; ++j) next[j] = f[0](clip(from_x(0, j) + from_h(0, j, h)));
                    } else if (cell == RecurrentCell::gru) {
                        std::vector<double> z(H), reset(H), scaled(H);
                        for (size_t j = 0; j < H; ++j) {
                            z[j] = f[0](clip(from_x(0, j) + from_h(0, j, h)));
                            reset[j] = f[0](clip(from_x(1, j) + from_h(1, j, h)));
                            scaled[j] = reset[j] * h[j];
                        }
                        for (size_t j = 0; j < H; ++j) {
                            const double a = from_x(2, j) + (at.linear_before_reset ? reset[j] * from_h(2, j, h) : from_h(2, j, scaled));
                            next[j] = (1 - z[j]) * f[1](clip(a)) + z[j] * h[j];
                        }
                    } else {
                        std::vector<double> state = h;
                        if (at.quantized) round_to_8_bits(h.data(), H, state.data());
                        for (size_t j = 0; j < H; ++j) {
                            const double in = f[0](clip(from_x(0, j) + from_h(0, j, state) + pd[j] * memory[j]));
                            const double forget = at.input_forget ? 1 - in : f[0](clip(from_x(2, j) + from_h(2, j, state) + pd[2 * H + j] * memory[j]));
                            memory[j] = forget * memory[j] + in * f[1](clip(from_x(3, j) + from_h(3, j, state)));
                            next[j] = f[0](clip(from_x(1, j) + from_h(1, j, state) + pd[H + j] * memory[j])) * f[2](memory[j]);
                        }
                    }
                    h.swap(next);
                    std::copy(h.begin(), h.end(), y.begin() + static_cast<std::ptrdiff_t>(e.y_row(t, d, b) * H));
                }
                std::copy(h.begin(), h.end(), y_h.begin() + static_cast<std::ptrdiff_t>(at_state));
                std::copy(memory.begin(), memory.end(), y_c.begin() + static_cast<std::ptrdiff_t>(at_state));
            }
        }
        const auto write = [&](size_t i, const Shape& s, const std::vector<double>& v) {
            if (!c.has_output(i)) return;
            const TensorView out = c.output(i, type, s);
            store_wide(out, 0, 1, v.size(), v.data());
        };
        write(0, e.y(), y);
        write(1, e.state(), y_h);
        if (cell == RecurrentCell::lstm) write(2, e.state(), y_c);
    }
};
template <RecurrentCell kCell> struct Recurrent {
    static constexpr std::string_view name = kCell == RecurrentCell::rnn ? "RNN" : kCell == RecurrentCell::gru ? "GRU" : "LSTM";
    static constexpr Spelling spellings[] = {{"onnx", "", name}};
    static constexpr int64_t kGates = gates_of(kCell);
    static constexpr size_t kStates = states_of(kCell);
    using Attributes = RecurrentNetwork::Attributes;
    static void infer(InferContext& c) { RecurrentNetwork::infer(c, kCell); }
    static void reference(RunContext& c) { RecurrentNetwork::reference(c, kCell); }
};
using RNN = Recurrent<RecurrentCell::rnn>;
using GRU = Recurrent<RecurrentCell::gru>;
using LSTM = Recurrent<RecurrentCell::lstm>;

// The inputs of all steps are projected by one product; then every step is one product with the state (a row of it for a batch
// of one) and vector functions over the gates. Two directions run on two threads.
struct RecurrentKernel {
    using Attributes = RecurrentNetwork::Attributes;
    using Extents = RecurrentNetwork::Extents;
    // Buffers of one direction in the workspace, in floats.
    struct Offsets {
        size_t w = 0, r = 0, bias = 0, x = 0, gates = 0, h = 0, cell = 0, extra = 0, end = 0;
    };
    struct State {
        RecurrentCell kind = RecurrentCell::rnn;
        Attributes attributes;
        Extents e{};
        std::vector<RecurrentFunction> functions;
        std::shared_ptr<const std::byte> w, r;  // packed, when constant
        std::vector<float> bias;                // summed, when constant: [D][gates, then the recurrent bias of the last gate]
        bool same_gates = false;                // no peepholes, no clip: i, o, f go through their activation together
        Offsets at;
    };
    // A GRU that resets before its product needs that gate's weights on their own.
    static bool split_r(RecurrentCell kind, const Attributes& at) { return kind == RecurrentCell::gru && at.linear_before_reset == 0; }
    static size_t packed_w(const Bricks& b, const Extents& e, size_t gates) {
        return packed_b_size(b, static_cast<size_t>(e.in), gates * static_cast<size_t>(e.h)) / sizeof(float);
    }
    static size_t packed_r(const Bricks& b, const Extents& e, size_t gates, bool split) {
        const size_t h = static_cast<size_t>(e.h);
        if (!split) return packed_b_size(b, h, gates * h) / sizeof(float);
        return (packed_b_size(b, h, (gates - 1) * h) + packed_b_size(b, h, h)) / sizeof(float);
    }
    static void pack_r(const Bricks& b, const float* from, size_t h, size_t gates, bool split, float* to) {
        if (!split) return pack_bt(b, from, h, gates * h, h, to);
        pack_bt(b, from, h, (gates - 1) * h, h, to);
        pack_bt(b, from + (gates - 1) * h * h, h, h, h, to + packed_b_size(b, h, (gates - 1) * h) / sizeof(float));
    }
    // given: [2][gates] of one direction. out: their sum, but where the recurrent bias of the last gate is reset (linear_before_reset)
    // it stands alone, behind.
    static void sum_bias(const float* given, size_t n, size_t h, bool apart, float* out) {
        for (size_t i = 0; i < n; ++i) out[i] = given[i] + (apart && i >= n - h ? 0.f : given[n + i]);
        for (size_t i = 0; i < n; ++i) out[n + i] = apart && i >= n - h ? given[n + i] : 0.f;
    }
    static bool applicable(const NodeInfo& n, RecurrentCell kind) {
        for (size_t i = 0; i < n.inputs.size(); ++i)
            if (n.has_input(i) && !n.input(i).shape_known()) return false;
        for (const RecurrentFunction& f : n.attributes<Attributes>().functions(kind, n.node->name))
            if (f.plain.mode == ElemwiseMode::thresholded_relu) return false;  // differs from the element-wise one at the threshold
        return true;
    }
    static Extents extents(const NodeInfo& n, RecurrentCell kind) {
        return Extents::of(n.attributes<Attributes>(), gates_of(kind), n.input(0).shape, n.input(1).shape, n.input(2).shape, n.node->name);
    }
    static double cost(const NodeInfo& n, RecurrentCell kind) {
        const auto e = extents(n, kind);
        const double t = static_cast<double>(e.t), b = static_cast<double>(e.b), h = static_cast<double>(e.h), g = static_cast<double>(gates_of(kind));
        return static_cast<double>(e.d) * (gemm_cost(*n.bricks, t * b, g * h, static_cast<double>(e.in)) +
                                           t * (gemm_cost(*n.bricks, b, g * h, h) + 100 + b * h * (g + 1) * 8 / n.bricks->lanes));
    }
    static State prepare(const NodeInfo& n, PrepareContext& c, RecurrentCell kind) {
        const Bricks& bricks = *n.bricks;
        State s;
        s.kind = kind;
        s.attributes = n.attributes<Attributes>();
        s.e = extents(n, kind);
        s.functions = s.attributes.functions(kind, n.node->name);
        s.same_gates = s.attributes.clip <= 0.f && !n.has_input(7);
        const size_t B = static_cast<size_t>(s.e.b), T = static_cast<size_t>(s.e.t), I = static_cast<size_t>(s.e.in), H = static_cast<size_t>(s.e.h),
                     D = static_cast<size_t>(s.e.d), G = static_cast<size_t>(gates_of(kind)), n_gates = G * H;
        const bool split = split_r(kind, s.attributes);
        const size_t w_floats = packed_w(bricks, s.e, G), r_floats = packed_r(bricks, s.e, G, split);
        size_t floats = 0;
        const auto take = [&](size_t count) {
            const size_t at = floats;
            floats += (count + 15) / 16 * 16;
            return at;
        };
        const auto constant = [&](size_t input, const char* what, size_t each, const std::function<void(const float*, size_t, float*)>& pack_one) -> std::shared_ptr<const std::byte> {
            const Array* a = n.constant(input);
            if (!a) return nullptr;
            c.drop(input);
            return c.weights->packed(*a, text(n.node->op->name, ' ', what, ' ', bricks.name, ' ', split), D * each * sizeof(float), [&](std::byte* out) {
                std::vector<float> keep;
                const float* from = a->floats(keep);
                for (size_t d = 0; d < D; ++d) pack_one(from, d, reinterpret_cast<float*>(out) + d * each);
            });
        };
        s.w = constant(1, "W", w_floats, [&](const float* from, size_t d, float* to) { pack_bt(bricks, from + d * n_gates * I, I, n_gates, I, to); });
        s.r = constant(2, "R", r_floats, [&](const float* from, size_t d, float* to) { pack_r(bricks, from + d * n_gates * H, H, G, split, to); });
        if (!s.w) s.at.w = take(w_floats);
        if (!s.r) s.at.r = take(r_floats);
        const bool apart = kind == RecurrentCell::gru && s.attributes.linear_before_reset != 0;
        if (const Array* b = n.constant(3)) {
            const auto given = b->values<float>();
            s.bias.resize(given.size());
            for (size_t d = 0; d < D; ++d) sum_bias(given.data() + d * 2 * n_gates, n_gates, H, apart, s.bias.data() + d * 2 * n_gates);
            c.drop(3);
        } else if (n.has_input(3)) {
            s.at.bias = take(2 * n_gates);
        }
        if (s.attributes.quantized) s.at.x = take(T * B * I);
        s.at.gates = take(T * B * n_gates);
        s.at.h = take(B * H);
        if (kind == RecurrentCell::lstm) s.at.cell = take(B * H);
        s.at.extra = take(kind == RecurrentCell::gru ? B * n_gates : B * H);
        s.at.end = floats;
        c.need_workspace(D * floats * sizeof(float));
        return s;
    }

    // One direction, on the threads of `pool`.
    static void run_direction(const State& s, const RunContext& c, ThreadPool& pool, size_t d) noexcept {
        const Bricks& bricks = *c.bricks;
        const MathBricks& m = bricks.math;
        const auto& e = s.e;
        const size_t B = static_cast<size_t>(e.b), T = static_cast<size_t>(e.t), I = static_cast<size_t>(e.in), H = static_cast<size_t>(e.h),
                     G = static_cast<size_t>(gates_of(s.kind)), N = G * H;
        float* mine = reinterpret_cast<float*>(c.workspace) + d * s.at.end;
        const bool split = split_r(s.kind, s.attributes), apart = s.kind == RecurrentCell::gru && !split;
        const float *w, *r, *bias = nullptr;
        if (s.w) {
            w = reinterpret_cast<const float*>(s.w.get()) + d * packed_w(bricks, e, G);
        } else {
            pack_bt(bricks, c.input(1).as<float>() + d * N * I, I, N, I, mine + s.at.w);
            w = mine + s.at.w;
        }
        if (s.r) {
            r = reinterpret_cast<const float*>(s.r.get()) + d * packed_r(bricks, e, G, split);
        } else {
            pack_r(bricks, c.input(2).as<float>() + d * N * H, H, G, split, mine + s.at.r);
            r = mine + s.at.r;
        }
        if (!s.bias.empty()) {
            bias = s.bias.data() + d * 2 * N;
        } else if (c.has_input(3)) {
            sum_bias(c.input(3).as<float>() + d * 2 * N, N, H, apart, mine + s.at.bias);
            bias = mine + s.at.bias;
        }
        float *gates = mine + s.at.gates, *h = mine + s.at.h, *cell = mine + s.at.cell, *extra = mine + s.at.extra;
        const RecurrentFunction* f = s.functions.data() + d * functions_of(s.kind);

        for (size_t b = 0; b < B; ++b)
            for (size_t i = 0; i < H; ++i) {
                const size_t from = e.state_row(d, b) * H + i;
                h[b * H + i] = c.has_input(5) ? c.input(5).as<float>()[from] : 0.f;
                if (s.kind == RecurrentCell::lstm) cell[b * H + i] = c.has_input(6) ? c.input(6).as<float>()[from] : 0.f;
            }
        const int32_t* lengths = c.has_input(4) ? c.input(4).as<int32_t>() : nullptr;
        size_t longest = lengths ? 0 : T;  // no sequence has steps behind it
        for (size_t b = 0; lengths && b < B; ++b) longest = std::max(longest, std::min(static_cast<size_t>(std::max(lengths[b], 0)), T));
        GemmCall project;
        project.m = (e.batch_first ? T : longest) * B;
        project.n = N;
        project.k = I;
        project.a = c.input(0).as<float>();
        if (s.attributes.quantized) {
            round_to_8_bits(project.a, project.m * I, mine + s.at.x);
            project.a = mine + s.at.x;
        }
        project.lda = I;
        project.b = w;
        project.bias = bias;
        project.c = gates;
        project.ldc = N;
        gemm_f32(bricks, pool, project);

        float* y = c.has_output(0) ? c.output(0).as<float>() : nullptr;
        const bool clipped = s.attributes.clip > 0.f;
        const auto clip = [&](float* v, size_t count) {
            if (clipped) m.unary(ElemwiseMode::clip, -s.attributes.clip, s.attributes.clip, v, v, count);
        };
        const auto mul = [&](const float* a, const float* b, float* to, size_t count) { m.binary(ElemwiseMode::mul, a, kDense, b, kDense, to, count); };
        const auto add = [&](const float* a, const float* b, float* to, size_t count) { m.binary(ElemwiseMode::add, a, kDense, b, kDense, to, count); };
        const auto sub = [&](const float* a, const float* b, float* to, size_t count) { m.binary(ElemwiseMode::sub, a, kDense, b, kDense, to, count); };
        GemmCall step;  // gates += h R^T
        step.m = B;
        step.n = split ? N - H : N;
        step.k = H;
        step.a = h;
        step.lda = H;
        step.b = r;
        step.ldc = e.batch_first ? T * N : N;
        step.accumulate = true;
        const size_t batch_grain = B * H < 1024 ? std::max<size_t>(B, 1) : 1;  // a thread takes about a microsecond of gates or none
        for (size_t k = 0; k < T; ++k) {
            const size_t t = s.attributes.backward(d) ? T - 1 - k : k;
            if (t >= longest) {
                for (size_t b = 0; y && b < B; ++b) std::memset(y + e.y_row(t, d, b) * H, 0, H * sizeof(float));
                continue;
            }
            GemmCall now = step;
            now.c = gates + e.x_row(t, 0) * N;
            if (apart) {  // the product is needed on its own
                now.c = extra;
                now.ldc = N;
                now.accumulate = false;
                now.bias = bias ? bias + N : nullptr;
            }
            if (s.attributes.quantized) {
                for (size_t b = 0; b < B; ++b) round_to_8_bits(h + b * H, H, extra + b * H);
                now.a = extra;
            }
            gemm_f32(bricks, pool, now);
            const auto active = [&](size_t b) { return !lengths || static_cast<int64_t>(t) < lengths[b]; };
            if (split) {
                pool.parallel_for(B, batch_grain, [&](size_t begin, size_t end, int) {
                    for (size_t b = begin; b < end; ++b) {
                        float* g = gates + e.x_row(t, b) * N;
                        clip(g, 2 * H);
                        f[0](m, g, 2 * H);
                        mul(g + H, h + b * H, extra + b * H, H);
                    }
                });
                GemmCall last = step;
                last.n = H;
                last.a = extra;
                last.b = r + packed_b_size(bricks, H, N - H) / sizeof(float);
                last.c = gates + e.x_row(t, 0) * N + 2 * H;
                gemm_f32(bricks, pool, last);
            }
            pool.parallel_for(B, batch_grain, [&](size_t begin, size_t end, int) {
                for (size_t b = begin; b < end; ++b) {
                    float *out = y ? y + e.y_row(t, d, b) * H : nullptr, *hb = h + b * H;
                    if (!active(b)) {
                        if (out) std::memset(out, 0, H * sizeof(float));
                        continue;
                    }
                    float* g = gates + e.x_row(t, b) * N;
                    if (s.kind == RecurrentCell::rnn) {
                        clip(g, H);
                        f[0](m, g, H);
                        std::memcpy(hb, g, H * sizeof(float));
                    } else if (s.kind == RecurrentCell::gru) {
                        if (apart) {
                            float* own = extra + b * N;
                            add(g, own, g, 2 * H);
                            clip(g, 2 * H);
                            f[0](m, g, 2 * H);
                            mul(g + H, own + 2 * H, own, H);
                            add(g + 2 * H, own, g + 2 * H, H);
                        }
                        float *z = g, *fresh = g + 2 * H;
                        clip(fresh, H);
                        f[1](m, fresh, H);
                        sub(hb, fresh, hb, H);  // h = fresh + z (h - fresh)
                        mul(z, hb, hb, H);
                        add(fresh, hb, hb, H);
                    } else {
                        float *in = g, *o = g + H, *forget = g + 2 * H, *fresh = g + 3 * H, *cb = cell + b * H, *tmp = extra + b * H;
                        const float* p = c.has_input(7) ? c.input(7).as<float>() + d * 3 * H : nullptr;
                        if (s.same_gates) {
                            f[0](m, g, 3 * H);
                        } else {
                            if (p) {
                                mul(p, cb, tmp, H);
                                add(in, tmp, in, H);
                                mul(p + 2 * H, cb, tmp, H);
                                add(forget, tmp, forget, H);
                            }
                            clip(in, H);
                            f[0](m, in, H);
                            clip(forget, H);
                            f[0](m, forget, H);
                            clip(fresh, H);
                        }
                        f[1](m, fresh, H);
                        if (s.attributes.input_forget)
                            for (size_t i = 0; i < H; ++i) forget[i] = 1.f - in[i];
                        mul(forget, cb, cb, H);
                        mul(in, fresh, fresh, H);
                        add(cb, fresh, cb, H);
                        if (!s.same_gates) {
                            if (p) {
                                mul(p + H, cb, tmp, H);
                                add(o, tmp, o, H);
                            }
                            clip(o, H);
                            f[0](m, o, H);
                        }
                        std::memcpy(tmp, cb, H * sizeof(float));
                        f[2](m, tmp, H);
                        mul(o, tmp, hb, H);
                    }
                    if (out) std::memcpy(out, hb, H * sizeof(float));
                }
            });
        }
        for (size_t i = 1; i <= states_of(s.kind); ++i) {
            if (!c.has_output(i)) continue;
            float* to = c.output(i).as<float>();
            const float* from = i == 1 ? h : cell;
            for (size_t b = 0; b < B; ++b) {
                float* row = to + e.state_row(d, b) * H;
                if (T == 0 || (lengths && lengths[b] <= 0)) std::memset(row, 0, H * sizeof(float));
                else std::memcpy(row, from + b * H, H * sizeof(float));
            }
        }
    }
    static void run(const State& s, const RunContext& c) noexcept {
        if (s.e.b == 0 || s.e.h == 0) return;
        if (s.e.d == 2 && c.pool->threads() > 1) {
            c.pool->parallel_for(2, 1, [&](size_t begin, size_t end, int) {
                InlinePool alone;
                for (size_t d = begin; d < end; ++d) run_direction(s, c, alone, d);
            });
        } else {
            for (size_t d = 0; d < static_cast<size_t>(s.e.d); ++d) run_direction(s, c, *c.pool, d);
        }
    }
};
template <RecurrentCell kCell> struct Kernel<Recurrent<kCell>, NCHW, float> {
    static constexpr std::string_view name = kCell == RecurrentCell::rnn ? "rnn/gemm" : kCell == RecurrentCell::gru ? "gru/gemm" : "lstm/gemm";
    using State = RecurrentKernel::State;
    static bool applicable(const NodeInfo& n) { return RecurrentKernel::applicable(n, kCell); }
    static double cost(const NodeInfo& n) { return RecurrentKernel::cost(n, kCell); }
    static State prepare(const NodeInfo& n, PrepareContext& c) { return RecurrentKernel::prepare(n, c, kCell); }
    static void run(const State& s, const RunContext& c) noexcept { RecurrentKernel::run(s, c); }
};

LITE_NAMESPACE_END
#endif
