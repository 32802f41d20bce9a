// An operator of one's own: softmax with a temperature. It has a meaning, which is enough, and a kernel, which makes it fast.
#include <cmath>
#include <cstdio>

#include <lite/graph.h>
#include <lite/lite.h>
#include <lite/platform/thread_pool.h>

// y = softmax(x / temperature) along the last axis.
struct TemperatureSoftmax {
    static constexpr std::string_view name = "TemperatureSoftmax";
    // ONNX files may use it, too, under this domain and name.
    static constexpr lite::Spelling spellings[] = {{"onnx", "example", "TemperatureSoftmax"}};
    struct Attributes {
        float temperature = 1.f;
        template <class V> void visit(V& v) { v("temperature", temperature); }
    };

    // Checks what comes in, and tells what comes out.
    static void infer(lite::InferContext& c) {
        const lite::TensorInfo& x = c.input(0);
        c.check_that(x.dtype == lite::DType::f32, "input 0 has dtype ", lite::name_of(x.dtype), ", f32 is expected");
        c.check_that(c.attributes<Attributes>().temperature > 0, "the temperature must be positive");
        c.output(0, x.dtype, c.shape(0));
    }
    // One row: the same code serves the reference and the kernel.
    static void row(const float* x, float* y, int64_t n, float temperature) {
        float top = -INFINITY, sum = 0.f;
        for (int64_t i = 0; i < n; ++i) top = std::fmax(top, x[i]);
        for (int64_t i = 0; i < n; ++i) sum += y[i] = std::exp((x[i] - top) / temperature);
        for (int64_t i = 0; i < n; ++i) y[i] /= sum;
    }
    // What the operator means, on dense tensors.
    static void reference(lite::RunContext& c) {
        const lite::TensorView& x = c.input(0);
        const lite::TensorView y = c.output(0, x.dtype, x.shape);
        const int64_t n = x.shape.back();
        for (int64_t r = 0; n > 0 && r < x.count() / n; ++r)
            row(x.as<float>() + r * n, y.as<float>() + r * n, n, c.attributes<Attributes>().temperature);
    }
};

// The kernel for dense float tensors: rows in parallel. It cannot fail and does not allocate.
template <>
struct lite::Kernel<TemperatureSoftmax, lite::NCHW, float, lite::Default> {
    static constexpr std::string_view name = "temperature_softmax/rows";
    static double cost(const lite::NodeInfo& n) { return 100 + 5.0 * static_cast<double>(n.output().shape.count()); }  // nanoseconds
    struct State {
        float temperature;
    };
    static State prepare(const lite::NodeInfo& n, lite::PrepareContext&) { return {n.attributes<TemperatureSoftmax::Attributes>().temperature}; }
    static void run(const State& s, const lite::RunContext& c) noexcept {
        const lite::TensorView& x = c.input(0);
        const int64_t n = x.shape.back();
        if (n == 0) return;
        c.pool->parallel_for(static_cast<size_t>(x.count() / n), 1, [&](size_t begin, size_t end, int) {
            for (size_t r = begin; r < end; ++r) {
                const size_t at = r * static_cast<size_t>(n);
                TemperatureSoftmax::row(x.as<float>() + at, c.output(0).as<float>() + at, n, s.temperature);
            }
        });
    }
};

int main() {
    lite::register_operator<TemperatureSoftmax>();  // needed only for files that use it

    lite::GraphBuilder g;
    const lite::Var scores = g.input("scores", {2, 3});
    const lite::Var sharp = g.add<TemperatureSoftmax>({scores}, {.temperature = 0.5f});
    const lite::Var flat = g.add<TemperatureSoftmax>({scores});

    lite::Network network;
    network.load_model(g.finish({sharp.named("sharp"), flat.named("flat")}));
    const float values[] = {0, 1, 2, 3, 3, 3};
    std::copy(values, values + 6, static_cast<float*>(network.get_input_tensor(0)->get_memory_ptr()));
    network.forward();
    network.wait();
    for (const std::string& name : network.get_all_output_name()) {
        const auto* y = static_cast<const float*>(network.get_io_tensor(name)->get_memory_ptr());
        std::printf("%-5s", name.c_str());
        for (int i = 0; i < 6; ++i) std::printf(" %.4f", static_cast<double>(y[i]));
        std::printf("\n");
    }
}
