// Times LSTM, GRU and RNN layers: microseconds, and the multiply-adds of their products a second.
#include "benchmarks/support/bench.h"
#include "lite/op/recurrent.h"

using namespace lite_bench;

namespace {
template <class Op> void measure(const Bricks& bricks, ThreadPool& pool, int64_t t, int64_t b, int64_t in, int64_t h, const char* direction) {
    typename Op::Attributes a;
    a.hidden_size = h;
    a.direction = direction;
    const int64_t d = a.directions(), g = Op::kGates;
    const double s = time_node(describe<Op>(), write_attributes(a),
                               {{random_f32({t, b, in}, 1)}, {random_f32({d, g * h, in}, 2), true}, {random_f32({d, g * h, h}, 3), true},
                                {random_f32({d, 2 * g * h}, 4), true}},
                               1 + Op::kStates, bricks, pool);
    const double flops = 2.0 * static_cast<double>(d * t * b * g * h) * static_cast<double>(in + h);
    std::printf("%-8s %d thread%s %-4.4s steps %3lld batch %2lld inputs %3lld states %3lld %-13s %9.1f us %7.1f GF/s\n", bricks.name, pool.threads(),
                pool.threads() > 1 ? "s" : " ", Op::name.data(), static_cast<long long>(t), static_cast<long long>(b), static_cast<long long>(in),
                static_cast<long long>(h), direction, s * 1e6, flops / s * 1e-9);
}
}  // namespace

// usage: recurrent [ISA] [threads]
int main(int argc, char** argv) {
    const Bricks& bricks = find_bricks(argc > 1 ? argv[1] : "");
    SpinPool pool(argc > 2 ? std::atoi(argv[2]) : 1);
    measure<LSTM>(bricks, pool, 1, 1, 128, 128, "forward");
    measure<LSTM>(bricks, pool, 32, 1, 128, 128, "forward");
    measure<LSTM>(bricks, pool, 64, 1, 512, 256, "bidirectional");
    measure<LSTM>(bricks, pool, 26, 8, 256, 256, "forward");
    measure<GRU>(bricks, pool, 20, 1, 256, 256, "forward");
    measure<GRU>(bricks, pool, 20, 1, 256, 256, "bidirectional");
    measure<RNN>(bricks, pool, 100, 1, 64, 128, "forward");
    return 0;
}
