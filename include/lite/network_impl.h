// The public calls of Network and Runtime.
#ifndef LITE_NETWORK_IMPL_H_
#define LITE_NETWORK_IMPL_H_
#include "lite/network_core.h"

LITE_NAMESPACE_BEGIN

LITE_INLINE Network::Network(const Config& config, const NetworkIO& network_io) : impl_(std::make_shared<NetworkImpl>()) {
    impl_->config = config;
    impl_->configured = network_io;
    impl_->device_id = config.device_id;
}
LITE_INLINE Network::Network(const NetworkIO& network_io, const Config& config) : Network(config, network_io) {}
LITE_INLINE Network::~Network() = default;

LITE_INLINE void Network::load_model(void* model_mem, size_t size) {
    check(model_mem != nullptr && size > 0, "load_model: the model is empty");
    logged([&] { impl_->load(copy_model(model_mem, size)); });
}
LITE_INLINE void Network::load_model(std::string model_path) { logged([&] { impl_->load(open_model(model_path)); }); }
LITE_INLINE void Network::load_model(const Graph& graph) {
    logged([&] { impl_->load_graph(Graph(graph)); });
}
LITE_INLINE void Network::save_prepared(const std::string& path) {
    impl_->want_loaded("save_prepared");
    logged([&] { impl_->save_prepared(path); });
}
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
    for (auto& p : impl_->inputs)
        if (p.signature.name == name && !p.parts.empty()) return p.parts;
    fail("tensor name must be ", name, " input tensor name.");
}
LITE_INLINE std::shared_ptr<Tensor> Network::get_input_tensor(size_t index) { return get_io_tensor(get_input_name(index), LITE_INPUT); }
LITE_INLINE std::shared_ptr<Tensor> Network::get_output_tensor(size_t index) { return get_io_tensor(get_output_name(index), LITE_OUTPUT); }
LITE_INLINE std::vector<std::shared_ptr<Tensor>> Network::get_input_tensors(size_t index) {
    const std::string name = get_input_name(index);
    const auto& parts = impl_->inputs[index].parts;
    return parts.empty() ? std::vector{get_io_tensor(name, LITE_INPUT)} : parts;
}
LITE_INLINE Network& Network::set_async_callback(const AsyncCallback& callback) {
    impl_->set_async(callback);
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
    logged([&] { impl_->forward(); });
}
LITE_INLINE void Network::wait() {
    impl_->want_loaded("wait");
    logged([&] { impl_->wait(); });
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
LITE_INLINE void Network::enable_profile_performance(std::string path) { impl_->profile_to(path); }
LITE_INLINE const std::string& Network::get_model_extra_info() {
    impl_->want_loaded("get_model_extra_info");
    return impl_->model_extra_info;
}
LITE_INLINE void Network::get_static_memory_alloc_info(const std::string& log_dir) const {
    impl_->want_loaded("get_static_memory_alloc_info");
    impl_->write_memory_info(log_dir);
}
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
    n.session->set_thread_affinity([callback, last](int thread) { callback(thread == 0 ? last : thread - 1); });
}
LITE_INLINE void Runtime::set_cpu_inplace_mode(std::shared_ptr<Network> network) {
    NetworkImpl& n = NetworkAccess::impl(network);
    n.want_unloaded("set_cpu_inplace_mode");
    check(!n.on_done, "cpu inplace mode not support async mode");
    n.inplace = true;
}
LITE_INLINE bool Runtime::is_cpu_inplace_mode(const std::shared_ptr<Network> network) { return NetworkAccess::impl(network).inplace; }
LITE_INLINE void Runtime::use_tensorrt(std::shared_ptr<Network> network) { NetworkAccess::impl(network).want_unloaded("use_tensorrt"); }
LITE_INLINE void Runtime::set_network_algo_policy(std::shared_ptr<Network> network, LiteAlgoSelectStrategy strategy, uint32_t shared_batch_size,
                                                  bool binary_equal_between_batch) {
    NetworkAccess::impl(network).set_policy(strategy, shared_batch_size, binary_equal_between_batch);
}
LITE_INLINE void Runtime::set_network_algo_workspace_limit(std::shared_ptr<Network> network, size_t workspace_limit) {
    NetworkImpl& n = NetworkAccess::impl(network);
    n.want_loaded("set_network_algo_policy");
    n.set_workspace_limit(workspace_limit);
}
LITE_INLINE void Runtime::set_memory_allocator(std::shared_ptr<Network> network, std::shared_ptr<Allocator> user_allocator) {
    NetworkImpl& n = NetworkAccess::impl(network);
    n.want_unloaded("set_memory_allocator");
    n.allocator = std::move(user_allocator);
}
LITE_INLINE void Runtime::share_runtime_memory_with(std::shared_ptr<Network> dst_network, std::shared_ptr<Network> src_network) {
    NetworkImpl& dst = NetworkAccess::impl(dst_network);
    dst.want_unloaded("share_runtime_memory_with");
    dst.arena = NetworkAccess::impl(src_network).arena;
}
LITE_INLINE void Runtime::enable_io_txt_dump(std::shared_ptr<Network> network, std::string io_txt_out_file) {
    NetworkAccess::impl(network).dump_text_to(io_txt_out_file);
}
LITE_INLINE void Runtime::enable_io_bin_dump(std::shared_ptr<Network> network, std::string io_bin_out_dir) {
    NetworkAccess::impl(network).dump_bytes_to(io_bin_out_dir);
}
LITE_INLINE void Runtime::observe_nodes(std::shared_ptr<Network> network, NodeObserver observer) {
    NetworkImpl& n = NetworkAccess::impl(network);
    n.want_loaded("observe_nodes");
    n.observe(std::move(observer));
}
LITE_INLINE void Runtime::shared_weight_with_network(std::shared_ptr<Network> dst_network, const std::shared_ptr<Network> src_network) {
    NetworkAccess::impl(dst_network).share_weights_of(NetworkAccess::impl(src_network));
}
LITE_INLINE void Runtime::enable_global_layout_transform(std::shared_ptr<Network> network) {
    NetworkImpl& n = NetworkAccess::impl(network);
    n.want_unloaded("enable_global_layout_transform");
    n.layout_transform = true;
}
LITE_INLINE void Runtime::dump_layout_transform_model(std::shared_ptr<Network> network, std::string optimized_model_path) {
    NetworkImpl& n = NetworkAccess::impl(network);
    n.want_loaded("dump_layout_transform_model");
    check(n.layout_transform, "dump layout transform model should call enable_global_layout_transform before");
    check(detail::mge_file_writer, "dump_layout_transform_model: the writer of .mge files is not in this program; include <lite/all_ops.h> in one of "
                                   "its files, or link lite::compiled");
    logged([&] { detail::mge_file_writer(n.session->portable_graph(), optimized_model_path); });
}

namespace detail {
// Shapes of all values for the extents that the inputs usually have.
inline void infer_usual(Graph& g) {
    for (ValueId i : g.inputs)
        if (Value& v = g.value(i); !v.usual.empty()) v.shape = v.usual;
    infer_and_fold(g, {});
}
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
LITE_INLINE NetworkIO Runtime::get_model_io_info(const std::string& model_path, const Config& config) {
    Graph g = NetworkImpl::graph_of(NetworkImpl::plain_model(open_model(model_path), config), config);
    detail::infer_usual(g);
    return detail::io_info(g);
}
LITE_INLINE NetworkIO Runtime::get_model_io_info(const void* model_mem, size_t size, const Config& config) {
    check(model_mem != nullptr && size > 0, "get_model_io_info: the model is empty");
    Graph g = NetworkImpl::graph_of(NetworkImpl::plain_model(borrow_model(model_mem, size), config), config);
    detail::infer_usual(g);
    return detail::io_info(g);
}

LITE_NAMESPACE_END
#endif
