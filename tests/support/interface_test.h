// Small models for tests of the public interface, with what they must give.
#ifndef LITE_TESTS_SUPPORT_INTERFACE_TEST_H_
#define LITE_TESTS_SUPPORT_INTERFACE_TEST_H_
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "lite/base/log.h"
#include "lite/exec/session.h"
#include "lite/format/onnx_writer.h"
#include "lite/global.h"
#include "lite/graph.h"
#include "lite/network.h"
#include "lite/pack_model.h"
#include "tests/support/op_test.h"

namespace lite_test {
using namespace lite;

inline std::string message_of(const std::function<void()>& f) {
    try {
        f();
    } catch (const std::exception& e) {
        return e.what();
    }
    return "";
}
#define CHECK_FAILS(expression, part) \
    do { \
        const std::string said = lite_test::message_of([&] { (void)(expression); }); \
        CHECK_MESSAGE(said.find(std::string(part)) != std::string::npos, "\"" << said << "\" should hold \"" << std::string(part) << "\""); \
    } while (false)

// Errors are logged; tests provoke many.
struct Quiet {
    Quiet() { log_level().store(static_cast<int>(LogLevel::error) + 1); }
    ~Quiet() { log_level().store(static_cast<int>(LogLevel::error)); }
};

// A classifier: input "data" (by default [1,3,32,32]), two convolutions, element-wise nodes, a pool, a matrix product; output "prob" [N,10].
inline Graph small_net(const Shape& shape = {1, 3, 32, 32}) {
    GraphBuilder g("small");
    const Var x = g.input("data", shape);
    const Var a = relu(conv2d(x, g.constant(random_f32({16, 3, 3, 3}, 1)), g.constant(random_f32({16}, 2)), {.pads = {1, 1, 1, 1}}));
    const Var b = conv2d(max_pool(a, {2, 2}), g.constant(random_f32({32, 16, 3, 3}, 3, -0.2f, 0.2f)), {}, {.pads = {1, 1, 1, 1}});
    const Var c = global_average_pool(hard_swish(b));
    const Var p = softmax(gemm(flatten(c), g.constant(random_f32({32, 10}, 4)), g.constant(random_f32({10}, 5))));
    return g.finish({p.named("prob")});
}
// Two outputs, "clsfy" and "total", where the second needs more than the first.
inline Graph two_outputs() {
    GraphBuilder g("two");
    const Var x = g.input("data", {1, 8, 4, 4});
    const Var a = relu(conv2d(x, g.constant(random_f32({8, 8, 1, 1}, 1))));
    const Var b = conv2d(a, g.constant(random_f32({8, 8, 1, 1}, 2)));
    return g.finish({a.named("clsfy"), b.named("total")});
}
// What the operators' references give.
inline std::vector<Array> expected(const Graph& g, const std::vector<Array>& inputs) {
    SessionOptions o;
    o.kernels = false;
    o.optimize = {.fold = false, .fuse = false};
    Session s(g, o);
    return s.run(inputs);
}
inline std::vector<float> floats(const Tensor& t) {
    const auto* p = static_cast<const float*>(t.get_memory_ptr());
    return {p, p + t.get_tensor_total_size_in_byte() / sizeof(float)};
}
inline std::vector<float> floats(const Array& a) { return a.values<float>(); }
// Sums of up to 300 products in another order, in float: 1e-4 is the interface's own tolerance.
inline bool near(const std::vector<float>& a, const std::vector<float>& b, float tolerance = 1e-4f) {
    bool ok = a.size() == b.size();
    for (size_t i = 0; ok && i < a.size(); ++i) ok = std::fabs(a[i] - b[i]) <= tolerance + tolerance * std::fabs(b[i]);
    return ok;
}
inline void set_input(Network& n, const Array& data, const std::string& name = "data") {
    const auto t = n.get_io_tensor(name, LITE_INPUT);
    t->set_layout([&] {
        Layout l;
        l.ndim = data.shape().rank();
        for (size_t i = 0; i < l.ndim; ++i) l.shapes[i] = static_cast<size_t>(data.shape()[i]);
        return l;
    }());
    std::memcpy(t->get_memory_ptr(), data.data(), data.bytes());
}
inline std::vector<float> run(Network& n, const Array& data, const std::string& output = "prob") {
    set_input(n, data);
    n.forward();
    n.wait();
    return floats(*n.get_io_tensor(output, LITE_OUTPUT));
}
inline std::shared_ptr<Network> make_network(const Graph& g, const Config& config = {}, const NetworkIO& io = {}) {
    auto n = std::make_shared<Network>(config, io);
    n->load_model(g);
    return n;
}

// A folder that is gone afterwards.
struct Folder {
    std::string path;
    Folder() {
        path = (std::filesystem::temp_directory_path() / "lite-test-XXXXXX").string();
        REQUIRE(::mkdtemp(path.data()));
    }
    ~Folder() { (void)!std::system(("rm -rf " + path).c_str()); }
    std::string operator/(const std::string& name) const { return path + "/" + name; }
};
inline std::string read_text(const std::string& path) {
    std::FILE* f = std::fopen(path.c_str(), "rb");
    if (!f) return {};
    std::string s;
    char b[4096];
    for (size_t n; (n = std::fread(b, 1, sizeof b, f)) > 0;) s.append(b, n);
    std::fclose(f);
    return s;
}

// Counts what is taken and given back.
struct CountingAllocator final : Allocator {
    std::atomic<int> taken{0}, left{0};
    std::atomic<size_t> bytes{0};
    void* allocate(LiteDeviceType device, int, size_t size, size_t align) override {
        CHECK(device == LITE_CPU);
        ++taken;
        ++left;
        bytes += size;
        return std::aligned_alloc(align, (size + align - 1) / align * align);
    }
    void free(LiteDeviceType, int, void* p) override {
        --left;
        std::free(p);
    }
};
}  // namespace lite_test
#endif
