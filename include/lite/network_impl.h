// Network and Runtime on top of a Session.
#ifndef LITE_NETWORK_IMPL_H_
#define LITE_NETWORK_IMPL_H_
#include "lite/exec/session.h"
#include "lite/format/onnx.h"
#include "lite/network.h"
#include "lite/registries.h"
#include "lite/tensor_data.h"

LITE_NAMESPACE_BEGIN

class NetworkImpl {
public:
    struct Port {
        IO io;
        TensorSignature signature;
        std::shared_ptr<Tensor> tensor;
    };
    Config config;
    NetworkIO configured;
    ExtraConfig extra;
    int device_id = 0, stream_id = 0;
    size_t threads = 1;
    bool inplace = false, loaded = false, only_configured = false, ran = false;
    ThreadAffinityCallback affinity;
    StartCallback on_start;
    FinishCallback on_finish;
    std::string model_extra_info;
    std::shared_ptr<const std::byte> model_memory;  // what constants of the graph point into
    Graph graph;
    std::unique_ptr<Session> session;
    std::vector<Port> inputs, outputs;          // outputs in the order of the file
    std::vector<size_t> output_order;           // configured ones first

    // Options of later releases are refused, never ignored.
    void check_options() const {
        const Options& o = config.options;
        const auto refuse = [](bool set, std::string_view option) {
            check(!set, "Options::", option, " is not available in this release of lite; leave it at its default");
        };
        check(config.device_type == LITE_CPU || config.device_type == LITE_DEVICE_DEFAULT, "lite runs on the CPU: the device type ",
              name_of(config.device_type), " is not available");
        check(config.backend == LITE_DEFAULT, "lite has only the backend LITE_DEFAULT");
        check(!config.has_compression, "Config::has_compression is about .mge files, which this release of lite does not read");
        check(config.bare_model_cryption_name.empty(), "Config::bare_model_cryption_name: encrypted models are not available in this release of lite");
        check(config.discrete_input_name.empty(), "Config::discrete_input_name is not available in this release of lite");
        refuse(o.fuse_preprocess, "fuse_preprocess");
        refuse(o.fake_next_exec, "fake_next_exec");
        refuse(o.const_shape, "const_shape");
        refuse(o.force_dynamic_alloc, "force_dynamic_alloc");
        refuse(o.force_output_dynamic_alloc, "force_output_dynamic_alloc");
        refuse(o.no_profiling_on_shape_change, "no_profiling_on_shape_change");
        refuse(o.jit_level != 0, "jit_level");
        refuse(o.comp_node_seq_record_level != 0, "comp_node_seq_record_level");
        refuse(o.graph_opt_level > 2, "graph_opt_level above 2");
        refuse((o.async_exec_level & 4u) != 0, "async_exec_level with 4");
        refuse(o.enable_f16_io_comp, "enable_f16_io_comp");
        int layouts = 0;
        for (bool b : {o.enable_nchw44, o.enable_nchw44_dot, o.enable_nchw88, o.enable_nhwcd4, o.enable_nchw4, o.enable_nchw32, o.enable_nchw64})
            layouts += b;
        check(layouts <= 1, "Options: ", layouts, " memory layouts are enabled at once, at most one can be");
    }
    SessionOptions session_options() const {
        const Options& o = config.options;
        SessionOptions s;
        s.threads = static_cast<int>(threads);
        s.thread_affinity = affinity;
        s.optimize.fold = o.graph_opt_level >= 2;
        s.optimize.fuse = o.graph_opt_level >= 1;
        if (o.enable_nchw44) s.layout = LayoutTag::nchw44;
        if (o.enable_nchw44_dot) s.layout = LayoutTag::nchw44_dot;
        if (o.enable_nchw88) s.layout = LayoutTag::nchw88;
        if (o.enable_nhwcd4) s.layout = LayoutTag::nhwcd4;
        if (o.enable_nchw4) s.layout = LayoutTag::nchw4;
        if (o.enable_nchw32) s.layout = LayoutTag::nchw32;
        if (o.enable_nchw64) s.layout = LayoutTag::nchw64;
        return s;
    }
    void load(Graph g) {
        check_options();
        if (only_configured) {
            check(!configured.outputs.empty(), "compute configured output only with no configure output.");
            std::erase_if(g.outputs, [&](ValueId o) {
                return std::none_of(configured.outputs.begin(), configured.outputs.end(), [&](const IO& io) { return io.name == g.value(o).name; });
            });
            check(!g.outputs.empty(), "compute configured output only with no configure output: the model has none of the configured names");
        }
        graph = std::move(g);
        session = std::make_unique<Session>(graph, session_options());
        inputs.clear();
        outputs.clear();
        for (const TensorSignature& s : session->inputs()) inputs.push_back(make_port(s, configured.inputs));
        for (const TensorSignature& s : session->outputs()) outputs.push_back(make_port(s, configured.outputs));
        output_order.clear();
        for (const IO& io : configured.outputs)
            for (size_t i = 0; i < outputs.size(); ++i)
                if (outputs[i].signature.name == io.name && std::find(output_order.begin(), output_order.end(), i) == output_order.end())
                    output_order.push_back(i);
        for (size_t i = 0; i < outputs.size(); ++i)
            if (std::find(output_order.begin(), output_order.end(), i) == output_order.end()) output_order.push_back(i);
        loaded = true;
        if (shapes_known()) {
            plan();
            for (size_t i = 0; i < outputs.size(); ++i) {
                const TensorInfo t = session->output_info(i);
                if (t.has_shape) show_output_layout(outputs[i], t.shape, t.dtype);
            }
        }
    }
    Port make_port(const TensorSignature& s, const std::vector<IO>& user) const {
        Port p;
        p.signature = s;
        p.io.name = s.name;
        for (const IO& io : user)
            if (io.name == s.name) p.io = io;
        p.io.is_host = true;
        p.tensor = std::make_shared<Tensor>(inplace ? (threads > 1 ? -1025 : -1024) : device_id, stream_id, LITE_CPU);
        const bool is_input = &user == &configured.inputs;
        if (is_input && p.io.config_layout.ndim) p.tensor->set_layout(p.io.config_layout);
        else if (is_input && s.has_shape && s.shape.known()) p.tensor->set_layout(to_layout(s.shape, s.dtype, text("input \"", s.name, "\"")));
        return p;
    }
    bool shapes_known() const {
        return std::all_of(inputs.begin(), inputs.end(), [](const Port& p) {
            return p.tensor->get_layout().ndim != 0 || (p.signature.has_shape && p.signature.shape.rank() == 0);
        });
    }
    std::vector<Shape> input_shapes() const {
        std::vector<Shape> s;
        for (const Port& p : inputs) {
            const Layout l = p.tensor->get_layout();
            // A scalar of the model is a tensor of one element here: rank 0 means "no layout" in this interface.
            const bool scalar = p.signature.has_shape && p.signature.shape.rank() == 0;
            check(l.ndim != 0 || scalar, "the input tensor \"", p.signature.name, "\" has no layout: the model gives its shape as ", p.signature.shape,
                  "; call set_layout on it before forward");
            s.push_back(scalar ? Shape{} : to_shape(l));
        }
        return s;
    }
    void plan() { session->prepare(input_shapes()); }
    static void show_output_layout(Port& p, const Shape& shape, DType dtype) {
        Shape s = shape;
        if (s.rank() == 0) s.push_back(1);
        const Layout l = to_layout(s, dtype, text("output \"", p.signature.name, "\""));
        if (!(p.tensor->get_layout() == l)) p.tensor->set_layout(l);
    }
    void forward() {
        if (on_start) on_start(ports_by_name(inputs));
        const std::vector<Shape> shapes = input_shapes();
        session->prepare(shapes);
        std::vector<TensorView> views;
        std::vector<std::shared_ptr<std::byte>> dense;
        for (size_t i = 0; i < inputs.size(); ++i) {
            Port& p = inputs[i];
            TensorImpl& t = TensorAccess::impl(*p.tensor);
            const DType dtype = t.layout().ndim ? t.dtype() : p.signature.dtype;
            check(dtype == p.signature.dtype, "dtype mismatch: get=", dtype, " expect=", p.signature.dtype, " of input \"", p.signature.name, "\"");
            std::byte* data = t.data();
            if (!t.contiguous()) {
                dense.push_back(allocate_bytes(t.bytes()));
                t.copy_out(dense.back().get());
                data = dense.back().get();
            }
            views.push_back({data, dtype, shapes[i], LayoutTag::nchw});
        }
        for (size_t i = 0; i < outputs.size(); ++i) {
            const TensorInfo t = session->output_info(i);
            session->bind_output(i, nullptr);
            if (!t.has_shape || outputs[i].io.io_type == LITE_IO_SHAPE) continue;
            show_output_layout(outputs[i], t.shape, t.dtype);
            TensorImpl& impl = TensorAccess::impl(*outputs[i].tensor);
            check(!config.options.force_output_use_user_specified_memory || impl.is_user_memory(), "output \"", outputs[i].signature.name,
                  "\" has no memory of the user's: Options::force_output_use_user_specified_memory asks for reset() before forward()");
            if (impl.contiguous()) session->bind_output(i, impl.data());
        }
        session->run(views);
        ran = true;
    }
    void wait() {
        if (ran)
            for (size_t i = 0; i < outputs.size(); ++i) {
                const TensorView& v = session->output(i);
                show_output_layout(outputs[i], v.shape, v.dtype);
                TensorImpl& impl = TensorAccess::impl(*outputs[i].tensor);
                if (outputs[i].io.io_type == LITE_IO_SHAPE || v.bytes() == 0 || impl.data() == v.data) continue;
                impl.copy_in(static_cast<const std::byte*>(v.data));
            }
        if (on_finish) on_finish(ports_by_name(outputs));
    }
    static std::unordered_map<std::string, std::pair<IO, std::shared_ptr<Tensor>>> ports_by_name(const std::vector<Port>& ports) {
        std::unordered_map<std::string, std::pair<IO, std::shared_ptr<Tensor>>> m;
        for (const Port& p : ports) m.emplace(p.signature.name, std::pair(p.io, p.tensor));
        return m;
    }
    void want_loaded(std::string_view call) const { check(loaded, call, " should be used after model loaded."); }
    void want_unloaded(std::string_view call) const { check(!loaded, call, " should be used before model loaded."); }
    [[noreturn]] static void refuse(std::string_view what) { fail(what, " is not available in this release of lite"); }
};

struct NetworkAccess {
    static NetworkImpl& impl(const std::shared_ptr<Network>& n) {
        check(n != nullptr, "the network is null");
        return *n->impl_;
    }
};

LITE_INLINE Network::Network(const Config& config, const NetworkIO& network_io) : impl_(std::make_shared<NetworkImpl>()) {
    impl_->config = config;
    impl_->configured = network_io;
    impl_->device_id = config.device_id;
}
LITE_INLINE Network::Network(const NetworkIO& network_io, const Config& config) : Network(config, network_io) {}
LITE_INLINE Network::~Network() = default;

LITE_INLINE void Network::load_model(void* model_mem, size_t size) {
    check(model_mem != nullptr && size > 0, "load_model: the model is empty");
    impl_->load(read_onnx(copy_model(model_mem, size)));
}
LITE_INLINE void Network::load_model(std::string model_path) { impl_->load(read_onnx(open_model(model_path))); }
LITE_INLINE void Network::load_model(const Graph& graph) { impl_->load(graph); }
LITE_INLINE void Network::compute_only_configured_output() {
    impl_->want_unloaded("compute_only_configured_output");
    impl_->only_configured = true;
}
LITE_INLINE std::shared_ptr<Tensor> Network::get_io_tensor(std::string name, LiteTensorPhase phase) {
    impl_->want_loaded("get_io_tensor");
    if (phase != LITE_OUTPUT)
        for (auto& p : impl_->inputs)
            if (p.signature.name == name) return p.tensor;
    if (phase != LITE_INPUT)
        for (auto& p : impl_->outputs)
            if (p.signature.name == name) return p.tensor;
    fail("tensor name must be ", name, " input tensor name or the registered output tensor name if NetworkIO is set, it is none of the model's");
}
LITE_INLINE std::vector<std::shared_ptr<Tensor>> Network::get_discrete_tensors(std::string name, LiteTensorPhase) {
    impl_->want_loaded("get_discrete_tensors");
    fail("tensor name must be ", name, " input tensor name.");
}
LITE_INLINE std::shared_ptr<Tensor> Network::get_input_tensor(size_t index) { return get_io_tensor(get_input_name(index), LITE_INPUT); }
LITE_INLINE std::shared_ptr<Tensor> Network::get_output_tensor(size_t index) { return get_io_tensor(get_output_name(index), LITE_OUTPUT); }
LITE_INLINE std::vector<std::shared_ptr<Tensor>> Network::get_input_tensors(size_t index) { return {get_input_tensor(index)}; }
LITE_INLINE Network& Network::set_async_callback(const AsyncCallback& callback) {
    check(!impl_->inplace || !callback, "cpu inplace mode not support async mode");
    if (callback) NetworkImpl::refuse("set_async_callback (asynchronous forward)");
    return *this;
}
LITE_INLINE Network& Network::set_start_callback(const StartCallback& callback) {
    impl_->on_start = callback;
    return *this;
}
LITE_INLINE Network& Network::set_finish_callback(const FinishCallback& callback) {
    impl_->on_finish = callback;
    return *this;
}
LITE_INLINE void Network::forward() {
    impl_->want_loaded("forward");
    impl_->forward();
}
LITE_INLINE void Network::wait() {
    impl_->want_loaded("wait");
    impl_->wait();
}
LITE_INLINE std::string Network::get_input_name(size_t index) const {
    impl_->want_loaded("get_input_name");
    check(index < impl_->inputs.size(), "The input tensor index is large than the total inputs number.");
    return impl_->inputs[index].signature.name;
}
LITE_INLINE std::string Network::get_output_name(size_t index) const {
    impl_->want_loaded("get_output_name");
    check(index < impl_->outputs.size(), "The output tensor index is large than the total outputs number.");
    return impl_->outputs[index].signature.name;
}
LITE_INLINE std::vector<std::string> Network::get_all_input_name() const {
    impl_->want_loaded("get_all_input_name");
    std::vector<std::string> names;
    for (const auto& p : impl_->inputs) names.push_back(p.signature.name);
    return names;
}
LITE_INLINE std::vector<std::string> Network::get_all_output_name() const {
    impl_->want_loaded("get_all_output_name");
    std::vector<std::string> names;
    for (size_t i : impl_->output_order) names.push_back(impl_->outputs[i].signature.name);
    return names;
}
LITE_INLINE Network& Network::set_device_id(int device_id) {
    impl_->want_unloaded("set_device_id");
    impl_->device_id = device_id;
    return *this;
}
LITE_INLINE int Network::get_device_id() const { return impl_->inplace ? (impl_->threads > 1 ? -1025 : -1024) : impl_->device_id; }
LITE_INLINE Network& Network::set_stream_id(int stream_id) {
    impl_->want_unloaded("set_stream_id");
    impl_->stream_id = stream_id;
    return *this;
}
LITE_INLINE int Network::get_stream_id() const { return impl_->stream_id; }
LITE_INLINE LiteDeviceType Network::get_device_type() const { return impl_->config.device_type; }
LITE_INLINE void Network::enable_profile_performance(std::string) { NetworkImpl::refuse("enable_profile_performance"); }
LITE_INLINE const std::string& Network::get_model_extra_info() {
    impl_->want_loaded("get_model_extra_info");
    return impl_->model_extra_info;
}
LITE_INLINE void Network::get_static_memory_alloc_info(const std::string&) const { NetworkImpl::refuse("get_static_memory_alloc_info"); }
LITE_INLINE void Network::extra_configure(const ExtraConfig& extra_config) {
    check(!impl_->loaded, "disable_configure_by_model_info should be configured before model loaded.");
    impl_->extra = extra_config;
}

LITE_INLINE void Runtime::set_cpu_threads_number(std::shared_ptr<Network> network, size_t nr_threads) {
    NetworkImpl& n = NetworkAccess::impl(network);
    n.want_unloaded("set_cpu_threads_number");
    check(nr_threads <= 1024, "set_cpu_threads_number: ", nr_threads, " threads, at most 1024 are possible");
    if (nr_threads > 1) n.threads = nr_threads;
}
LITE_INLINE size_t Runtime::get_cpu_threads_number(const std::shared_ptr<Network> network) { return NetworkAccess::impl(network).threads; }
LITE_INLINE void Runtime::set_runtime_thread_affinity(std::shared_ptr<Network> network, const ThreadAffinityCallback& callback) {
    NetworkImpl& n = NetworkAccess::impl(network);
    n.want_loaded("set_runtime_thread_affinity");
    // Ids as the interface has them: the thread that calls forward() is the last.
    const int last = static_cast<int>(n.threads) - 1;
    n.affinity = [callback, last](int thread) { callback(thread == 0 ? last : thread - 1); };
    n.session = std::make_unique<Session>(n.graph, n.session_options());
}
LITE_INLINE void Runtime::set_cpu_inplace_mode(std::shared_ptr<Network> network) {
    NetworkImpl& n = NetworkAccess::impl(network);
    n.want_unloaded("set_cpu_inplace_mode");
    n.inplace = true;
}
LITE_INLINE bool Runtime::is_cpu_inplace_mode(const std::shared_ptr<Network> network) { return NetworkAccess::impl(network).inplace; }
LITE_INLINE void Runtime::use_tensorrt(std::shared_ptr<Network> network) { NetworkAccess::impl(network).want_unloaded("use_tensorrt"); }
LITE_INLINE void Runtime::set_network_algo_policy(std::shared_ptr<Network> network, LiteAlgoSelectStrategy strategy, uint32_t shared_batch_size,
                                                  bool binary_equal_between_batch) {
    NetworkAccess::impl(network);
    const bool heuristic = (static_cast<int>(strategy) & ~static_cast<int>(LITE_ALGO_HEURISTIC)) == 0;
    if (!heuristic || shared_batch_size || binary_equal_between_batch)
        NetworkImpl::refuse("set_network_algo_policy beyond LITE_ALGO_HEURISTIC");
}
LITE_INLINE void Runtime::set_network_algo_workspace_limit(std::shared_ptr<Network> network, size_t) {
    NetworkAccess::impl(network).want_loaded("set_network_algo_policy");
    NetworkImpl::refuse("set_network_algo_workspace_limit");
}
LITE_INLINE void Runtime::set_memory_allocator(std::shared_ptr<Network>, std::shared_ptr<Allocator>) { NetworkImpl::refuse("set_memory_allocator"); }
LITE_INLINE void Runtime::share_runtime_memory_with(std::shared_ptr<Network>, std::shared_ptr<Network>) {
    NetworkImpl::refuse("share_runtime_memory_with");
}
LITE_INLINE void Runtime::enable_io_txt_dump(std::shared_ptr<Network>, std::string) { NetworkImpl::refuse("enable_io_txt_dump"); }
LITE_INLINE void Runtime::enable_io_bin_dump(std::shared_ptr<Network>, std::string) { NetworkImpl::refuse("enable_io_bin_dump"); }
LITE_INLINE void Runtime::shared_weight_with_network(std::shared_ptr<Network>, const std::shared_ptr<Network>) {
    NetworkImpl::refuse("shared_weight_with_network");
}
LITE_INLINE void Runtime::enable_global_layout_transform(std::shared_ptr<Network>) { NetworkImpl::refuse("enable_global_layout_transform"); }
LITE_INLINE void Runtime::dump_layout_transform_model(std::shared_ptr<Network>, std::string) {
    fail("dump layout transform model should call enable_global_layout_transform before");
}

namespace detail {
inline NetworkIO io_info(const Graph& g) {
    NetworkIO info;
    const auto add = [&](std::vector<IO>& list, ValueId id) {
        const Value& v = g.value(id);
        IO io;
        io.name = v.name;
        if (v.shape_known() && has_lite_type(v.dtype) && v.shape.rank() < Layout::MAXDIM) io.config_layout = to_layout(v.shape, v.dtype);
        list.push_back(io);
    };
    for (ValueId i : g.inputs) add(info.inputs, i);
    for (ValueId o : g.outputs) add(info.outputs, o);
    return info;
}
}  // namespace detail
LITE_INLINE NetworkIO Runtime::get_model_io_info(const std::string& model_path, const Config&) {
    Graph g = read_onnx(open_model(model_path));
    infer_and_fold(g, {});
    return detail::io_info(g);
}
LITE_INLINE NetworkIO Runtime::get_model_io_info(const void* model_mem, size_t size, const Config&) {
    check(model_mem != nullptr && size > 0, "get_model_io_info: the model is empty");
    Graph g = read_onnx(borrow_model(model_mem, size));
    infer_and_fold(g, {});
    return detail::io_info(g);
}

LITE_NAMESPACE_END
#endif
