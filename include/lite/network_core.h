// What is behind a Network: its settings, its inputs and outputs as tensors, and the Session that runs its graph.
#include "lite/network.h"  // before the guard: in the header-only form it brings this file
#ifndef LITE_NETWORK_CORE_H_
#define LITE_NETWORK_CORE_H_
#include "lite/base/log.h"
#include "lite/algo_cache.h"
#include "lite/exec/io_dump.h"
#include "lite/exec/profile.h"
#include "lite/format/model.h"
#include "lite/format/pack.h"
#include "lite/platform/worker.h"
#include "lite/registries.h"
#include "lite/tensor_data.h"

LITE_NAMESPACE_BEGIN

namespace detail {
// The user's allocator as a source of memory, which keeps it alive as long as there is memory of it.
inline MemorySource memory_of(const std::shared_ptr<Allocator>& user, int device_id) {
    if (!user) return {};
    return [user, device_id](size_t bytes) -> std::shared_ptr<std::byte> {
        void* p = user->allocate(LITE_CPU, device_id, std::max<size_t>(bytes, 1), kAlignment);
        if (!p) return nullptr;
        return {static_cast<std::byte*>(p), [user, device_id](std::byte* q) { user->free(LITE_CPU, device_id, q); }};
    };
}
}  // namespace detail

class NetworkImpl {
public:
    struct Port {
        IO io;
        TensorSignature signature;
        std::shared_ptr<Tensor> tensor;
        std::vector<std::shared_ptr<Tensor>> parts;  // of a discrete input: tensors of batch 1, joined in `tensor` before a run
        uint64_t seen = 0;                           // generation of the tensor that the session is bound to
    };
    using Ports = std::unordered_map<std::string, std::pair<IO, std::shared_ptr<Tensor>>>;

    Config config;
    NetworkIO configured;
    ExtraConfig extra;
    int device_id = 0, stream_id = 0;
    size_t threads = 1;
    bool inplace = false, loaded = false, only_configured = false, layout_transform = false;
    StartCallback on_start;
    FinishCallback on_finish;
    AsyncCallback on_done;
    std::shared_ptr<Allocator> allocator;
    std::shared_ptr<Arena> arena = std::make_shared<Arena>();
    std::shared_ptr<WeightStore> weights;
    std::string model_extra_info;
    std::unique_ptr<Session> session;
    std::vector<Port> inputs, outputs;          // outputs in the order of the file
    std::vector<size_t> output_order;           // configured ones first

    // A model file as it lies on the disk: packed, encrypted, or neither.
    void load(ModelBytes file) {
        prepared_ = open_prepared(file);
        if (prepared_) file = prepared_->model;
        source_ = file;
        if (!is_packed(file.text())) return load(graph_of(plain_model(std::move(file), config), config));
        const PackedModel p = read_packed(file.span());
        if (p.model_decryption_method != "NONE") source_ = {};
        configure(p);
        load(graph_of(decrypted(p.model_decryption_method, p.model, file), config));
    }
    // A graph made in code.
    void load_graph(Graph g) {
        source_ = {};
        prepared_ = nullptr;
        load(std::move(g));
    }
    void load(Graph g) {
        check_options();
        if (!config.bare_model_cryption_name.empty() || config.options.comp_node_seq_record_level == 2) source_ = {};
        if (only_configured) {
            check(!configured.outputs.empty(), "compute configured output only with no configure output.");
            std::erase_if(g.outputs, [&](ValueId o) {
                return std::none_of(configured.outputs.begin(), configured.outputs.end(), [&](const IO& io) { return io.name == g.value(o).name; });
            });
            check(!g.outputs.empty(), "compute configured output only with no configure output: the model has none of the configured names");
        }
        idle();
        worker_ = nullptr;
        inputs.clear();
        outputs.clear();
        for (ValueId i : g.inputs) inputs.push_back(make_port(g.value(i), configured.inputs, true));
        for (ValueId o : g.outputs) outputs.push_back(make_port(g.value(o), configured.outputs, false));
        if (config.options.const_shape) fix_shapes(g);
        session = nullptr;
        memory_ = detail::memory_of(allocator, device_id);
        if (!weights) weights = std::make_shared<WeightStore>(memory_);
        session = std::make_unique<Session>(std::move(g), session_options());
        watch();
        for (size_t i = 0; i < inputs.size(); ++i) inputs[i].signature = session->inputs()[i];
        for (size_t o = 0; o < outputs.size(); ++o) outputs[o].signature = session->outputs()[o];
        order_outputs();
        loaded = true;
        ran_ = bound_ = false;
        if ((config.options.async_exec_level & 4u) != 0) worker_ = std::make_unique<Worker>();
        if (shapes_known()) {
            join_parts(false);
            session->prepare(input_shapes());
            tell_layouts();
            for (size_t i = 0; i < outputs.size(); ++i) {
                const TensorInfo t = session->output_info(i);
                if (t.has_shape) show_output_layout(outputs[i], t.shape, t.dtype);
            }
        }
    }
    // A plain model.
    static Graph graph_of(const ModelBytes& model, const Config& config) {
        check(begins_like_model(model.text()), "invalid model format: these bytes begin as neither a MegEngine model nor an ONNX one",
              config.bare_model_cryption_name.empty() ? "" : " after their decryption");
        return read_model(model, {.compressed = config.has_compression});
    }
    // Becomes the same model as `source`, with the weights of that.
    void share_weights_of(const NetworkImpl& source) {
        source.want_loaded("shared_weight_with_network: the source network");
        want_unloaded("shared_weight_with_network");
        weights = source.weights;
        model_extra_info = source.model_extra_info;
        source_ = source.source_;
        prepared_ = source.prepared_;
        load(source.session->graph());
    }
    // The usual way computes in the caller, a callback or async_exec_level with 4 in a thread of the network's.
    void set_async(const AsyncCallback& callback) {
        check(!inplace || !callback, "cpu inplace mode not support async mode");
        check(!config.options.force_output_use_user_specified_memory || !callback,
              "Async mode can't run with force_output_use_user_specified_memory which output data is written to use specific memory.");
        idle();
        on_done = callback;
    }
    void forward() {
        idle();
        if (on_start) on_start(by_name(inputs));
        bind();
        if (config.options.fake_next_exec) {
            config.options.fake_next_exec = false;
            ran_ = false;
            if (on_done) on_done();
            return;
        }
        ran_ = true;
        if (on_done && !worker_) worker_ = std::make_unique<Worker>();
        if (on_done || (worker_ && (config.options.async_exec_level & 4u) != 0)) worker_->post([this] { work(); });
        else run();
    }
    // In asynchronous execution the callback tells when the outputs are there; here, only an error of the run comes out.
    void wait() {
        if (on_done) return rethrow();
        idle();
        if (ran_) collect();
        write_profile();
        if (on_finish) on_finish(by_name(outputs));
    }
    void set_policy(LiteAlgoSelectStrategy strategy, uint32_t shared_batch_size, bool binary_equal_between_batch) {
        idle();
        if (strategy) strategy_ = strategy;
        shared_batch_ = shared_batch_size;
        binary_equal_ = binary_equal_between_batch;
        if (!session) return;
        log(LogLevel::warn, "set_network_algo_policy after loading: what was chosen before is chosen anew in the next forward()");
        session->set_choice(measured(), cache(), choose_batch(), binary_equal_);
        bound_ = false;
    }
    void set_workspace_limit(size_t bytes) {
        idle();
        session->set_workspace_limit(bytes);
        bound_ = false;
    }
    void profile_to(const std::string& path) {
        idle();
        profile_path_ = path;
        watch();
    }
    [[gnu::cold]] void save_prepared(const std::string& path) {
        idle();
        check(source_.data != nullptr, "save_prepared '", path,
              "': there is no plain model file to put in it (the network was made in code, the model is encrypted, or comp_node_seq_record_level is 2)");
        check(session->planned(), "save_prepared '", path, "': the input shapes are not known; give the inputs their layouts and call forward() first");
        write_prepared(path, session->prepared(source_));
    }
    void dump_text_to(const std::string& path) {
        idle();
        dump_.text_to(path);
        watch();
    }
    void dump_bytes_to(const std::string& folder) {
        idle();
        dump_.bytes_to(folder);
        watch();
    }
    void observe(NodeObserver observer) {
        idle();
        on_node_ = std::move(observer);
        watch();
    }
    // Now, or if the shapes are not known yet, after the next forward().
    [[gnu::cold]] void write_memory_info(const std::string& folder) {
        idle();
        make_folder(folder);
        if (!session->planned()) {
            memory_folder_ = folder;
            return;
        }
        memory_folder_.clear();
        const auto write = [&](const char* name, const std::string& content) { write_file(folder + "/" + name, std::as_bytes(std::span(content))); };
        write("graph.json", graph_json(*session));
        write("StaticMemoryInfo.json", static_memory_json(*session));
        write("StaticMemoryInfo.html", static_memory_html(*session));
    }
    ~NetworkImpl() { worker_ = nullptr; }  // what it does needs the rest

    // The model in a file, without regard to what a packed file says of it.
    static ModelBytes plain_model(ModelBytes file, const Config& config) {
        if (is_prepared(file.text())) file = read_prepared(file).model;
        if (is_packed(file.text())) {
            const PackedModel p = read_packed(file.span());
            return decrypted(p.model_decryption_method, p.model, file);
        }
        return config.bare_model_cryption_name.empty() ? file : decrypted(config.bare_model_cryption_name, file.span(), file);
    }

    void want_loaded(std::string_view call) const { check(loaded, call, " should be used after model loaded."); }
    void want_unloaded(std::string_view call) const { check(!loaded, call, " should be used before model loaded."); }

private:
    // Plain bytes stay where they are in the file.
    static ModelBytes decrypted(const std::string& method, std::span<const std::byte> bytes, const ModelBytes& file) {
        if (method == "NONE") return {std::shared_ptr<const std::byte>(file.data, bytes.data()), bytes.size(), file.folder, file.identity};
        const std::vector<uint8_t> plain = decryption_registry().decrypt(method, bytes.data(), bytes.size());
        ModelBytes m = copy_model(plain.data(), plain.size());
        m.folder = file.folder;
        m.identity = file.identity;
        return m;
    }
    // What a packed model brings along: the settings of its information, and its cache.
    [[gnu::cold]] void configure(const PackedModel& p) {
        std::unordered_map<std::string, LiteAny> isolated;
        if (!p.info.empty()) {
            const ModelBytes info = decrypted(p.info_decryption_method, p.info, {});
            Config theirs = config;
            NetworkIO their_io = configured;
            const bool valid = parse_info_registry().find(p.info_parse_method)(info.data.get(), info.size, p.name, theirs, their_io, isolated, model_extra_info);
            if (valid && !extra.disable_configure_by_model_info) {
                config = std::move(theirs);
                configured = std::move(their_io);
            }
        }
        const auto isolated_value = [&](const char* key) {
            const auto it = isolated.find(key);
            return it == isolated.end() ? nullptr : &it->second;
        };
        if (const LiteAny* v = isolated_value("device_id")) device_id = v->safe_cast<int32_t>();
        if (const LiteAny* v = isolated_value("number_threads"); v && v->safe_cast<uint32_t>() > 1) threads = v->safe_cast<uint32_t>();
        if (const LiteAny* v = isolated_value("enable_inplace_model"); v && v->safe_cast<bool>()) inplace = true;
        if (p.algo_policy.empty() || extra.disable_configure_by_model_info) return;
        check(p.info_cache_parse_method.empty() || p.info_cache_parse_method == "LITE_parse_cache", "can't find model info parse function ",
              p.info_cache_parse_method, ".");
        check(p.is_fast_run_cache || !p.binary_cache.empty(), "opencl binary cache is not given");
        if (p.is_fast_run_cache) algo_cache().install(p.algo_policy, "the algorithm policy of the packed model");
    }
    // What cannot be done is refused, never ignored.
    [[gnu::cold]] void check_options() const {
        const Options& o = config.options;
        check(config.device_type == LITE_CPU || config.device_type == LITE_DEVICE_DEFAULT, "lite runs on the CPU: the device type ",
              name_of(config.device_type), " is not available");
        check(config.backend == LITE_DEFAULT, "lite has only the backend LITE_DEFAULT");
        check(o.jit_level <= 2, "Options::jit_level is ", o.jit_level, ", there are 0, 1 and 2");
        check(o.graph_opt_level <= 3, "Options::graph_opt_level is ", o.graph_opt_level, ", there are 0 to 3");
        int layouts = 0;
        for (bool b : {o.enable_nchw44, o.enable_nchw44_dot, o.enable_nchw88, o.enable_nhwcd4, o.enable_nchw4, o.enable_nchw32, o.enable_nchw64})
            layouts += b;
        check(layouts <= 1, "Options: ", layouts, " memory layouts are enabled at once, at most one can be");
        check(!o.force_output_dynamic_alloc || !o.force_output_use_user_specified_memory,
              "Can't set force_output_dynamic_alloc and force_output_use_user_specified_memory at the same time.");
        check(o.comp_node_seq_record_level <= 2, "invalid comp_node_seq_record_level: ", o.comp_node_seq_record_level);
        check(o.comp_node_seq_record_level < 2 || (!o.fake_next_exec && !o.var_sanity_check_first_run),
              "both fake_next_exec and var_sanity_check_first_run must be false when comp_node_seq_record_level is 2");
        check(o.comp_node_seq_record_level < 2 || (!dump_ && profile_path_.empty()), "comp_node_seq_record_level 2 drops the graph, which profiles and dumps of values need");
        check(o.comp_node_seq_record_level < 1 || !o.fake_next_exec || !o.var_sanity_check_first_run,
              "fake_next_exec with comp_node_seq_record_level 1 can only be set at the first run and var sanity check should be disabled");
        if (o.force_dynamic_alloc && o.comp_node_seq_record_level)
            log(LogLevel::error, "comp_node_seq_record_level has no effect with force_dynamic_alloc: values have no fixed addresses");
    }
    SessionOptions session_options() const {
        const Options& o = config.options;
        SessionOptions s;
        s.prepared = prepared_;
        s.threads = static_cast<int>(threads);
        s.optimize.fold = o.graph_opt_level >= 2;
        s.optimize.fuse = o.graph_opt_level >= 1;
        s.optimize.preprocess = o.fuse_preprocess;
        s.optimize.half = o.enable_f16_io_comp;
        s.optimize.jit = std::max<int>(o.jit_level, o.graph_opt_level >= 3);
        s.memory = memory_;
        s.arena = arena;
        s.weights = weights;
        s.own_memory = o.force_dynamic_alloc;
        s.measure = measured();
        s.cache = cache();
        s.choose_batch = choose_batch();
        s.uniform_batch = binary_equal_;
        s.keep_choices = o.no_profiling_on_shape_change;
        s.check_first_run = o.var_sanity_check_first_run;
        s.replay = o.comp_node_seq_record_level >= 1 && !o.force_dynamic_alloc;
        s.drop_graph = o.comp_node_seq_record_level == 2;
        if (o.enable_nchw44) s.layout = LayoutTag::nchw44;
        if (o.enable_nchw44_dot) s.layout = LayoutTag::nchw44_dot;
        if (o.enable_nchw88) s.layout = LayoutTag::nchw88;
        if (o.enable_nhwcd4) s.layout = LayoutTag::nhwcd4;
        if (o.enable_nchw4) s.layout = LayoutTag::nchw4;
        if (o.enable_nchw32) s.layout = LayoutTag::nchw32;
        if (o.enable_nchw64) s.layout = LayoutTag::nchw64;
        return s;
    }
    // A layout that was asked for and fits nothing is no error, but it is said.
    [[gnu::cold]] void tell_layouts() const {
        const SessionOptions s = session_options();
        const Options& o = config.options;
        if (!s.layout || o.comp_node_seq_record_level == 2) {
            if (config.auto_optimize_inference) log(LogLevel::info, "auto_optimize_inference: weights are packed and the memory layout of each operator is chosen by its cost");
            return;
        }
        for (const Value& v : session->plan().graph.values)
            if (v.layout == *s.layout) return;
        log(LogLevel::warn, "the option for the memory layout ", *s.layout, " has no effect: no kernel of it fits an operator of this model");
    }
    bool measured() const { return (static_cast<int>(strategy_) & static_cast<int>(LITE_ALGO_PROFILE)) != 0 || layout_transform; }
    static AlgoCache* cache() { return &algo_cache(); }
    int64_t choose_batch() const { return shared_batch_ ? static_cast<int64_t>(shared_batch_) : binary_equal_ ? 1 : 0; }
    int reported_device() const { return inplace ? (threads > 1 ? -1025 : kDefaultCpuId) : device_id; }
    [[gnu::cold]] Port make_port(const Value& v, const std::vector<IO>& user, bool is_input) const {
        Port p;
        p.signature = {v.name, v.dtype, v.shape, v.has_shape, v.symbols};
        p.io.name = v.name;
        for (const IO& io : user)
            if (io.name == v.name) p.io = io;
        p.io.is_host = true;
        const auto tensor = [&] { return std::make_shared<Tensor>(reported_device(), stream_id, LITE_CPU); };
        p.tensor = tensor();
        if (!is_input) return p;
        if (p.io.config_layout.ndim) p.tensor->set_layout(p.io.config_layout);
        else if (!v.usual.empty()) p.tensor->set_layout(to_layout(v.usual, v.dtype, text("input \"", v.name, "\"")));
        else if (v.shape_known()) p.tensor->set_layout(to_layout(v.shape, v.dtype, text("input \"", v.name, "\"")));
        if (v.name != config.discrete_input_name) return p;
        Layout one = p.tensor->get_layout();
        check(one.ndim > 0 && one.shapes[0] > 0, "Config::discrete_input_name: the batch of the input \"", v.name,
              "\" is not known; give its layout in NetworkIO");
        p.parts.resize(one.shapes[0]);
        one.shapes[0] = 1;
        for (auto& part : p.parts) {
            part = tensor();
            part->set_layout(one);
        }
        return p;
    }
    void order_outputs() {
        output_order.clear();
        const auto add = [&](size_t i) {
            if (std::find(output_order.begin(), output_order.end(), i) == output_order.end()) output_order.push_back(i);
        };
        for (const IO& io : configured.outputs)
            for (size_t i = 0; i < outputs.size(); ++i)
                if (outputs[i].signature.name == io.name) add(i);
        for (size_t i = 0; i < outputs.size(); ++i) add(i);
    }
    // Options::const_shape: what follows from the shapes of the inputs is folded when the session is made.
    [[gnu::cold]] void fix_shapes(Graph& g) const {
        for (size_t i = 0; i < inputs.size(); ++i) {
            Value& v = g.value(g.inputs[i]);
            const Layout l = inputs[i].tensor->get_layout();
            check(l.ndim || v.shape_known(), "Options::const_shape: the shape of the input \"", v.name, "\" is not known; give its layout in NetworkIO");
            if (v.shape_known() && v.shape.rank() == 0) continue;
            v.shape = to_shape(l);
            v.has_shape = true;
            v.symbols.clear();
        }
    }
    bool shapes_known() const {
        return std::all_of(inputs.begin(), inputs.end(), [](const Port& p) { return p.tensor->get_layout().ndim != 0 || is_scalar(p); });
    }
    // A scalar of the model is a tensor of one element here: rank 0 means "no layout" in this interface.
    static bool is_scalar(const Port& p) { return p.signature.has_shape && p.signature.shape.rank() == 0; }
    std::vector<Shape> input_shapes() const {
        std::vector<Shape> s;
        for (const Port& p : inputs) {
            const Layout l = p.tensor->get_layout();
            check(l.ndim != 0 || is_scalar(p), "the input tensor \"", p.signature.name, "\" has no layout: the model gives its shape as ", p.signature.shape,
                  "; call set_layout on it before forward");
            s.push_back(is_scalar(p) ? Shape{} : to_shape(l));
        }
        return s;
    }
    static void show_output_layout(Port& p, const Shape& shape, DType dtype) {
        Shape s = shape;
        if (s.rank() == 0) s.push_back(1);
        const Layout l = to_layout(s, dtype, text("output \"", p.signature.name, "\""));
        if (!(p.tensor->get_layout() == l)) p.tensor->set_layout(l);
    }
    // The tensors of a discrete input one behind the other in the tensor that stands for them.
    void join_parts(bool copy) {
        for (Port& p : inputs) {
            if (p.parts.empty()) continue;
            Layout l = p.parts[0]->get_layout();
            for (const auto& part : p.parts)
                check(part->get_layout() == l && l.ndim > 0 && l.shapes[0] == 1, "the discrete tensors of the input \"", p.signature.name,
                      "\" must all have one layout of batch 1");
            l.shapes[0] = p.parts.size();
            if (!(p.tensor->get_layout() == l)) p.tensor->set_layout(l);
            if (!copy) continue;
            auto* to = static_cast<std::byte*>(p.tensor->get_memory_ptr());
            for (const auto& part : p.parts) {
                TensorImpl& from = TensorAccess::impl(*part);
                from.data();
                from.copy_out(to);
                to += from.bytes();
            }
        }
    }
    // Tensors to views for the session: where nothing changed since the last run, nothing is done.
    void bind() {
        join_parts(true);
        if (config.options.comp_node_seq_record_level && bound_) {
            const auto same = [](const Port& p) { return TensorAccess::impl(*p.tensor).generation() == p.seen; };
            if (std::all_of(inputs.begin(), inputs.end(), same) && std::all_of(outputs.begin(), outputs.end(), same)) return;
        }
        const bool was_bound = bound_;
        bound_ = false;
        const std::vector<Shape> shapes = input_shapes();
        session->prepare(shapes);
        std::vector<TensorView> old;
        old.swap(views_);
        dense_.clear();
        bool keeps = true;
        for (size_t i = 0; i < inputs.size(); ++i) {
            Port& p = inputs[i];
            TensorImpl& t = TensorAccess::impl(*p.tensor);
            const DType dtype = t.layout().ndim ? t.dtype() : p.signature.dtype;
            check(dtype == p.signature.dtype, "dtype mismatch: get=", dtype, " expect=", p.signature.dtype, " of input \"", p.signature.name, "\"");
            std::byte* data = t.data();
            if (!t.contiguous()) {
                dense_.push_back(allocate_bytes(t.bytes(), memory_));
                t.copy_out(dense_.back().get());
                data = dense_.back().get();
                keeps = false;
            }
            views_.push_back({data, dtype, shapes[i], LayoutTag::nchw});
            if (was_bound && config.options.comp_node_seq_record_level == 2)
                check(old[i].data == data, "comp_node_seq_record_level 2: the memory of the input \"", p.signature.name, "\" is final after the first forward");
        }
        for (size_t i = 0; i < outputs.size(); ++i) keeps &= bind_output(i);
        for (auto* ports : {&inputs, &outputs})
            for (Port& p : *ports) p.seen = TensorAccess::impl(*p.tensor).generation();
        bound_ = keeps || config.options.comp_node_seq_record_level == 2;
    }
    // Where the session writes an output; false if that is another place in each run.
    bool bind_output(size_t i) {
        const Options& o = config.options;
        const TensorInfo t = session->output_info(i);
        Port& p = outputs[i];
        TensorImpl& impl = TensorAccess::impl(*p.tensor);
        session->bind_output(i, nullptr);
        check(!o.force_output_use_user_specified_memory || t.has_shape, "force_output_use_user_specified_memory: the shape of the output \"",
              p.signature.name, "\" depends on data, it must be known before the run");
        if (!t.has_shape || p.io.io_type == LITE_IO_SHAPE) return true;
        show_output_layout(p, t.shape, t.dtype);
        check(!o.force_output_use_user_specified_memory || impl.is_user_memory(), "output \"", p.signature.name,
              "\" has no memory of the user's: Options::force_output_use_user_specified_memory asks for reset() before forward()");
        if (o.force_output_dynamic_alloc) impl.adopt(allocate_bytes(impl.bytes(), memory_), impl.bytes());
        if (impl.contiguous()) session->bind_output(i, impl.data());
        return !o.force_output_dynamic_alloc;
    }
    // Outputs that could not be computed in place.
    void collect() {
        for (size_t i = 0; i < outputs.size(); ++i) {
            const TensorView& v = session->output(i);
            show_output_layout(outputs[i], v.shape, v.dtype);
            TensorImpl& impl = TensorAccess::impl(*outputs[i].tensor);
            if (outputs[i].io.io_type == LITE_IO_SHAPE || v.bytes() == 0 || impl.data() == v.data) continue;
            impl.copy_in(static_cast<const std::byte*>(v.data));
        }
    }
    // Tells the session what is to be seen of its runs.
    void watch() {
        if (!session) return;
        if (dump_ || on_node_ || !profile_path_.empty())
            static_cast<void>(session->graph());  // an error if it is gone
        session->profile(!profile_path_.empty());
        Observer observer;
        if (dump_ || on_node_)
            observer = [this](const Step& s, std::span<const TensorView> in, std::span<const TensorView> out) {
                if (dump_) dump_.step(session->plan(), s, in, out);
                if (on_node_) on_node_(node_run(session->plan(), s, out));
            };
        session->observe(std::move(observer));
    }
    [[gnu::cold]] static NodeRun node_run(const Plan& p, const Step& s, std::span<const TensorView> outputs) {
        const Node& n = p.graph.nodes[s.node];
        const auto name = [&](ValueId v) { return v == kNoValue ? std::string() : p.graph.value(v).name; };
        NodeRun r{n.name, std::string(n.op->name), {}, {}};
        for (ValueId v : n.inputs) r.inputs.push_back(name(v));
        for (size_t o = 0; o < outputs.size(); ++o) {
            if (n.outputs[o] == kNoValue) continue;
            auto tensor = std::make_shared<Tensor>();
            if (!is_object(outputs[o].dtype)) {
                Array a = dense_array(outputs[o], *p.bricks);
                if (!has_lite_type(a.dtype())) a = Array::of(a.shape(), a.values<float>());
                const size_t rank = a.shape().rank();
                tensor->set_layout(to_layout(rank == 0 || rank >= Layout::MAXDIM ? Shape{a.count()} : a.shape(), a.dtype()));
                if (a.bytes()) a.copy_to(tensor->get_memory_ptr());
            }
            r.outputs.emplace_back(name(n.outputs[o]), std::move(tensor));
        }
        return r;
    }
    void run() {
        if (dump_) dump_.inputs(session->plan(), views_);
        session->run(views_);
        if (!memory_folder_.empty()) write_memory_info(std::string(memory_folder_));
    }
    [[gnu::cold]] void write_profile() {
        if (profile_path_.empty() || !ran_) return;
        const auto write = [&](const std::string& path, const std::string& content) { write_file(path, std::as_bytes(std::span(content))); };
        write(profile_path_, profile_json(*session));
        write(profile_path_ + ".trace.json", chrome_trace(*session));
    }
    // A run in the network's own thread.
    void work() {
        const auto body = [this] {
            run();
            if (!on_done) return;
            collect();
            write_profile();
            if (on_finish) on_finish(by_name(outputs));
            const AsyncCallback done = on_done;  // which may set another
            done();
        };
#if LITE_HAS_EXCEPTIONS
        try {
            logged(body);
        } catch (...) {
            error_ = std::current_exception();
            failed_.store(true, std::memory_order_release);
        }
#else
        body();
#endif
    }
    // Waits for the network's own thread, and throws what went wrong there.
    void idle() {
        if (!worker_ || worker_->here()) return;
        worker_->wait();
        rethrow();
    }
    void rethrow() {
#if LITE_HAS_EXCEPTIONS
        if (!failed_.exchange(false, std::memory_order_acquire)) return;
        std::rethrow_exception(std::exchange(error_, nullptr));
#endif
    }
    static Ports by_name(const std::vector<Port>& ports) {
        Ports m;
        for (const Port& p : ports) m.emplace(p.signature.name, std::pair(p.io, p.tensor));
        return m;
    }

    LiteAlgoSelectStrategy strategy_ = LITE_ALGO_HEURISTIC;
    uint32_t shared_batch_ = 0;
    bool binary_equal_ = false;
    MemorySource memory_;
    ModelBytes source_{};                             // the file that was loaded; empty if it must not be written again
    std::shared_ptr<const PreparedModel> prepared_;
    IoDump dump_;
    NodeObserver on_node_;
    std::string profile_path_, memory_folder_;
    std::vector<TensorView> views_;
    std::vector<std::shared_ptr<std::byte>> dense_;  // inputs with gaps, copied
    bool ran_ = false, bound_ = false;
    std::exception_ptr error_;
    std::atomic<bool> failed_{false};
    std::unique_ptr<Worker> worker_;
};

struct NetworkAccess {
    static NetworkImpl& impl(const std::shared_ptr<Network>& n) {
        check(n != nullptr, "the network is null");
        return *n->impl_;
    }
    static NetworkImpl& impl(const Network& n) { return *n.impl_; }
};

LITE_NAMESPACE_END
#endif
