// Times the kernels of single operators by Google Benchmark: microseconds of the fastest iteration, its share of the multiply-add
// peak and of the bandwidth of a copy of as many bytes, both measured in the same run.
//
//     bench_op [--isa=NAME] [--threads=N] [--benchmark_filter=Conv/resnet.*winograd] [other options of Google Benchmark]
#include "benchmarks/support/bench.h"

namespace lite_bench {
namespace {
// Gop/s of one thread in the largest int8 tile, whose operands stay in the first-level cache.
double measure_int8_peak(const Int8Bricks& b) {
    const size_t k = 512;
    std::vector<uint8_t> row(k, 3);
    std::vector<int8_t> w(b.panel * k, 1);
    std::vector<int32_t> bias(b.panel), y(b.rows * b.panel);
    std::vector<const uint8_t*> a(b.rows, row.data());
    Int8TileArgs g{};
    g.a = a.data();
    g.a_stride = b.rows;
    g.taps = 1;
    g.k = k;
    g.w = w.data();
    g.bias = bias.data();
    g.y = y.data();
    g.ldy = g.n = b.panel;
    g.rows = b.rows;
    return 2.0 * static_cast<double>(b.rows * b.panel * k) / best_ns([&] { b.wide[b.rows - 1](g); }, 1e8);
}

// A node with its operands in the layouts of one kernel.
class PreparedNode {
public:
    PreparedNode(const Machine& m, const Operator& op, Attributes attributes, std::vector<Input> inputs, size_t outputs)
            : machine_(m), inputs_(std::move(inputs)) {
        node_.op = &op;
        node_.attributes = std::move(attributes);
        for (const Input& i : inputs_) {
            node_.inputs.push_back(i.data ? graph_.add_value("") : kNoValue);
            in_.push_back(i.data ? TensorInfo{i.data.dtype(), i.data.shape(), true, i.constant ? &i.data : nullptr, LayoutTag::nchw} : TensorInfo{});
        }
        for (size_t i = 0; i < outputs; ++i) node_.outputs.push_back(graph_.add_value(""));
        InferContext infer(graph_, node_, in_);
        op.infer(infer);
        out_ = infer.outputs();
    }
    PreparedNode(const PreparedNode&) = delete;
    void operator=(const PreparedNode&) = delete;

    bool use(const KernelRow& row) {
        if (row.dtype != DType::none && row.dtype != in_[0].dtype) return false;
        for (LayoutTag t : {row.in_layout, row.out_layout})
            if (t != LayoutTag::nchw && t != LayoutTag::nhwc && t != machine_.bricks->native) return false;
        for (TensorInfo& t : in_)
            if (t && !t.value && layout_fits(row.in_layout, t.shape.rank())) t.layout = row.in_layout;
        for (TensorInfo& t : out_)
            if (layout_fits(row.out_layout, t.shape.rank())) t.layout = row.out_layout;
        row_ = &row;
        return out_[0].layout == row.out_layout && row.applicable(info());
    }
    double bytes() const {  // of all operands and results
        double n = 0;
        for (const auto* list : {&in_, &out_})
            for (const TensorInfo& t : *list)
                if (t) n += static_cast<double>(padded_count(t.layout, t.shape)) * static_cast<double>(size_of(t.dtype));
        return n;
    }
    void run(benchmark::State& state, const Work& work) {
        WeightStore weights;
        PrepareContext prepare;
        prepare.weights = &weights;
        const auto kernel = row_->prepare(info(), prepare);
        const auto workspace = allocate_bytes(prepare.workspace_bytes);
        std::vector<std::shared_ptr<std::byte>> memory;
        std::vector<TensorView> views, results;
        const auto view = [&](const TensorInfo& t, const Array* from) {
            const size_t n = static_cast<size_t>(padded_count(t.layout, t.shape)) * size_of(t.dtype);
            memory.push_back(allocate_bytes(n));
            std::memset(memory.back().get(), 0, n);
            if (from) std::memcpy(memory.back().get(), from->data(), from->bytes());  // numbers in any order: zeros are no faster
            return TensorView{memory.back().get(), t.dtype, t.shape, t.layout};
        };
        for (size_t i = 0; i < in_.size(); ++i) views.push_back(in_[i] ? view(in_[i], &inputs_[i].data) : TensorView{});
        for (const TensorInfo& t : out_) results.push_back(t ? view(t, nullptr) : TensorView{});
        RunContext c;
        c.node = &node_;
        c.inputs = views;
        c.outputs = results;
        c.workspace = workspace.get();
        c.bricks = machine_.bricks;
        c.pool = machine_.pool;
        row_->run(kernel.get(), c);
        Clock clock;
        for (auto _ : state) clock.sample([&] { row_->run(kernel.get(), c); });
        report(state, machine_, clock, work);
    }

private:
    NodeInfo info() const { return {&node_, in_, out_, machine_.bricks, machine_.pool->threads()}; }

    Machine machine_;
    Graph graph_;
    Node node_;
    std::vector<Input> inputs_;
    std::vector<TensorInfo> in_, out_;
    const KernelRow* row_ = nullptr;
};
}  // namespace

double copy_ns(const Machine& m, double bytes) {
    const size_t n = static_cast<size_t>(bytes) / 2;
    std::vector<char> from(n, 1), to(n, 2);
    return best_ns([&] {
        m.pool->parallel_for(n, 4096, [&](size_t begin, size_t end, int) { std::memcpy(to.data() + begin, from.data() + begin, end - begin); });
        benchmark::DoNotOptimize(to.data());
        benchmark::ClobberMemory();
    });
}

void report(benchmark::State& state, const Machine& m, const Clock& clock, const Work& work) {
    const double ns = clock.best();
    state.counters["best_us"] = ns / 1e3;
    if (work.elements > 0) state.counters["elements/ns"] = work.elements / ns;
    if (work.operations > 0) {
        state.counters["Gop/s"] = work.operations / ns;
        state.counters["peak_%"] = 100 * work.operations / ns / work.peak;
    }
    if (work.bytes > 0) state.counters["copy_%"] = 100 * copy_ns(m, work.bytes) / ns;
}

Array random_f32(const Shape& shape, uint32_t seed) {
    Array a = Array::zeros(DType::f32, shape);
    std::mt19937 g(seed);
    std::uniform_real_distribution<float> u(-0.1f, 0.1f);
    for (int64_t i = 0; i < a.count(); ++i) reinterpret_cast<float*>(a.mutable_data())[i] = u(g);
    return a;
}

void add_node(const Machine& m, const std::string& name, const Operator& op, Attributes attributes, std::vector<Input> inputs, size_t outputs, Work work) {
    if (work.peak == 0) work.peak = m.peak;
    for (const KernelRow& row : op.rows) {
        const auto node = std::make_shared<PreparedNode>(m, op, attributes, inputs, outputs);
        if (!node->use(row)) continue;
        work.bytes = node->bytes();
        benchmark::RegisterBenchmark(text(name, "/", row.name, "/", name_of(row.out_layout)).c_str(),
                                     [node, work](benchmark::State& state) { node->run(state, work); })->UseRealTime()->Unit(benchmark::kMicrosecond);
    }
}

void add_function(const Machine& m, const std::string& name, std::function<void()> f, size_t inner, Work work) {
    benchmark::RegisterBenchmark(name.c_str(), [m, f = std::move(f), inner, work](benchmark::State& state) {
        Clock clock;
        for (auto _ : state) clock.sample(f, inner);
        report(state, m, clock, work);
    })->UseRealTime()->Unit(benchmark::kMicrosecond);
}

}  // namespace lite_bench

int main(int argc, char** argv) {
    using namespace lite_bench;
    std::string isa;
    int threads = 1, kept = 1;
    for (int i = 1; i < argc; ++i) {
        const std::string_view a = argv[i];
        if (a.starts_with("--isa=")) isa = a.substr(6);
        else if (a.starts_with("--threads=")) threads = std::atoi(argv[i] + 10);
        else argv[kept++] = argv[i];
    }
    argc = kept;
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    const Bricks& bricks = find_bricks(isa);
    SpinPool pool(threads);
    Machine m{&bricks, &pool, measure_peak_gflops(bricks.probe, 0.3) * threads, measure_int8_peak(bricks.int8) * threads};
    benchmark::AddCustomContext("isa", bricks.name);
    benchmark::AddCustomContext("threads", std::to_string(threads));
    benchmark::AddCustomContext("peak", text(m.peak, " GFLOP/s in fp32, ", m.int8_peak, " Gop/s in int8"));
    for (double mb : {0.5, 4.0, 64.0}) benchmark::AddCustomContext(text("copy of ", mb, " MB"), text(mb * 1e6 / copy_ns(m, mb * 1e6), " GB/s read and written"));
    add_convolutions(m);
    add_products(m);
    add_elements(m);
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
