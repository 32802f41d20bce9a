// A graph ready to run on any element types and shapes: optimizes it, keeps one plan per set of input shapes, owns arena and
// threads. The interface of lite::Network stands on it.
#ifndef LITE_EXEC_SESSION_H_
#define LITE_EXEC_SESSION_H_
#include <unordered_map>

#include "lite/exec/arena.h"
#include "lite/exec/runner.h"
#include "lite/pass/close_bodies.h"
#include "lite/pass/pipeline.h"
#include "lite/platform/file_map.h"

LITE_NAMESPACE_BEGIN

struct SessionOptions {
    int threads = 1;
    std::string isa;                          // name of a table of kernels ("AVX2"); empty: the best of this CPU, or $LITE_ISA
    std::optional<LayoutTag> layout;          // kernels of this layout wherever there are any; none: chosen by cost
    OptimizeOptions optimize;
    bool measure = false;                     // kernels are chosen by timing them when a plan is made (seconds), not by predicted cost
    AlgoCache* cache = nullptr;               // for what is measured; must outlive the session
    std::optional<size_t> workspace_limit;    // kernels that need more scratch memory are not chosen
    bool keep_choices = false;                // the kernels chosen for the first shapes are kept for others, where they apply
    bool uniform_batch = false;               // each sample of a batch is computed alike, whatever the batch
    int64_t choose_batch = 0;                 // kernels are chosen as for this first extent of the inputs; 0: for the real one
    bool kernels = true;                      // false: every operator by its reference (slow; to compare with)
    std::shared_ptr<ThreadPool> pool;         // brought by the caller; else `threads` of our own
    std::function<void(int)> thread_affinity; // called on each thread of our own with its number
    std::shared_ptr<ObjectPool> objects;      // of the session whose body this one runs; none: its own
    std::shared_ptr<WeightStore> weights;     // packed weights to share with other sessions of the same graph
    std::shared_ptr<const PreparedModel> prepared;  // of the file that the graph was read from: choices and packed weights, where they fit
    size_t plan_cache = 8;                    // plans of so many different input shapes are kept,
    size_t plan_cache_bytes = size_t{256} << 20;  // as long as their packed weights and constants take no more over those of the first
    MemorySource memory;                      // of everything that this session allocates for tensors and packed weights
    std::shared_ptr<Arena> arena;             // to share with other sessions: their runs take turns
    bool own_memory = false;                  // every value in memory of its own while it lives, no arena
    bool check_first_run = false;             // the first run finds values that change between their making and their use
    bool replay = false;                      // runs after the first of a shape go by a flat list of calls (graphs planned as a whole)
    bool drop_graph = false;                  // with replay: the first plan is the only one, and the graph goes once it is made
};

struct TensorSignature {
    std::string name;
    DType dtype = DType::none;
    Shape shape;  // kUnknown for symbolic axes
    bool has_shape = false;
    std::vector<std::string> symbols;
    Shape usual = {};  // extents of a run that says nothing else, in formats whose inputs take any; empty: none
    DType element = DType::none;  // of the tensors in a sequence or an optional
};

class Session final : public SubgraphRunner {
public:
    explicit Session(Graph graph, SessionOptions options = {}) : options_(std::move(options)), bricks_(find_bricks(options_.isa)) {
        check(options_.threads >= 1 && options_.threads <= 1024, "the number of threads is ", options_.threads, ": 1 to 1024 are possible");
        pool_ = options_.pool;
        if (!pool_) make_pool();
        objects_ = options_.objects ? options_.objects : std::make_shared<ObjectPool>();
        weights_ = options_.weights ? options_.weights : std::make_shared<WeightStore>(options_.memory);
        use_prepared();
        arena_ = options_.arena ? options_.arena : std::make_shared<Arena>();
        first_run_ = options_.check_first_run;
        // Only what makes the graph smaller: weights with a normalisation folded in would be a second copy of the model, so
        // nodes are fused anew for each set of shapes, on a copy of the graph that lives until its weights are packed.
        OptimizeOptions at_load = options_.optimize;
        at_load.fuse = at_load.preprocess = at_load.half = false;
        at_load.jit = 0;
        optimize(graph, at_load);
        if (options_.optimize.fold && close_bodies(graph)) optimize(graph, at_load);
        graph_ = std::move(graph);
        const auto sign = [&](ValueId id) {
            const Value& v = graph_.value(id);
            return TensorSignature{v.name, v.dtype, v.shape, v.has_shape, v.symbols, v.usual, v.element};
        };
        for (ValueId i : graph_.inputs) inputs_.push_back(sign(i));
        for (ValueId o : graph_.outputs) outputs_.push_back(sign(o));
        bound_outputs_.assign(outputs_.size(), nullptr);
        output_memory_.resize(outputs_.size());
        results_.resize(outputs_.size());
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    const std::vector<TensorSignature>& inputs() const { return inputs_; }
    const std::vector<TensorSignature>& outputs() const { return outputs_; }
    const Bricks& bricks() const { return bricks_; }
    ThreadPool& pool() { return *pool_; }
    // How kernels are chosen, for all plans from now on; those that are there are dropped.
    void set_choice(bool measure, AlgoCache* cache, int64_t batch, bool uniform) {
        options_.uniform_batch = uniform;
        options_.measure = measure;
        options_.cache = cache;
        options_.choose_batch = batch;
        forget_plans();
    }
    void set_workspace_limit(size_t bytes) {
        options_.workspace_limit = bytes;
        forget_plans();
    }
    // How many kernels were run to be timed.
    size_t kernels_timed() const { return timer_ ? timer_->timed() : 0; }
    // As it was after loading; an error once it was dropped.
    const Graph& graph() const {
        check(!dropped_, "the graph of this network is gone: it was recorded with comp_node_seq_record_level 2");
        return graph_;
    }
    // The same with what files of other formats can say of how it runs: merged nodes, the shapes of the plan as the usual ones, and the
    // memory layouts that the plan chose (Value::layout). Something must have been planned.
    Graph portable_graph() const {
        const Plan& p = plan();
        Graph g = graph();
        for (size_t i = 0; i < g.inputs.size(); ++i) g.value(g.inputs[i]).usual = plans_[0].shapes[i];
        OptimizeOptions options;
        options.portable = true;
        optimize(g, options);
        std::unordered_map<std::string_view, LayoutTag> chosen;
        for (const Value& v : p.graph.values)
            if (v.layout != LayoutTag::nchw) chosen.emplace(v.name, v.layout);
        for (Value& v : g.values)
            if (const auto it = chosen.find(v.name); it != chosen.end() && !v.is_constant()) v.layout = it->second;
        return g;
    }
    // From now on `affinity` runs once on each of the threads, with its number; 0 is the thread that runs.
    void set_thread_affinity(std::function<void(int)> affinity) {
        options_.thread_affinity = std::move(affinity);
        make_pool();
        timer_ = nullptr;
        bodies_.clear();  // they have the old threads
        for (Planned& p : plans_) p.runner->set_pool(*pool_);
    }

    // Makes the plan for these input shapes, or finds it again. Errors name the input and the shapes.
    void prepare(std::span<const Shape> shapes) {
        check(shapes.size() == inputs_.size(), "the graph has ", inputs_.size(), " inputs, ", shapes.size(), " shapes were given");
        for (size_t i = 0; i < plans_.size(); ++i)
            if (std::equal(shapes.begin(), shapes.end(), plans_[i].shapes.begin())) {
                std::rotate(plans_.begin(), plans_.begin() + static_cast<std::ptrdiff_t>(i), plans_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
                return activate();
            }
        check(!dropped_, "comp_node_seq_record_level 2: shapes of inputs are final once they were planned");
        Graph g = graph_;
        for (size_t i = 0; i < shapes.size(); ++i) {
            Value& v = g.value(g.inputs[i]);
            check(shapes[i].known(), "input \"", v.name, "\": the shape ", shapes[i], " has unknown extents");
            if (v.has_shape) {
                bool fits = v.shape.rank() == shapes[i].rank();
                for (size_t k = 0; fits && k < shapes[i].rank(); ++k) fits = v.shape[k] < 0 || v.shape[k] == shapes[i][k];
                check(fits, "input \"", v.name, "\" has shape ", shapes[i], ", the model expects ", v.shape);
            }
            v.shape = shapes[i];
            v.has_shape = true;
        }
        optimize(g, options_.optimize);
        LayoutOptions layout;
        layout.forced = options_.layout;
        layout.kernels = options_.kernels;
        layout.threads = pool_->threads();
        layout.pool = pool_.get();
        if (options_.measure && !timer_) timer_ = std::make_unique<KernelTimer>(*pool_, options_.memory, options_.cache);
        layout.timer = timer_.get();
        layout.uniform = options_.uniform_batch;
        layout.workspace_limit = options_.workspace_limit;
        KeptChoices kept;
        if (options_.keep_choices && !kept_.empty()) {
            layout.keep = &kept_;
        } else if (const PreparedPlan* p = prepared_plan(shapes)) {
            for (const PreparedChoice& c : p->choices) kept.emplace(c.value, c.kernel);
            layout.keep = &kept;
        } else if (options_.choose_batch > 0) {
            kept = choices_for_batch(shapes, layout);
            layout.keep = &kept;
        }
        release_weights();  // the folded copies are what is packed from here on
        Planned p;
        p.shapes.assign(shapes.begin(), shapes.end());
        p.runner = std::make_unique<Runner>(make_plan(std::move(g), bricks_, layout, *weights_), *pool_, *this, *weights_, options_.memory, options_.own_memory);
        if (options_.keep_choices && kept_.empty()) kept_ = kept_choices(p.runner->plan().graph, p.runner->plan().choices);
        plans_.insert(plans_.begin(), std::move(p));
        if (plans_.size() == 1) first_plan_bytes_ = held_bytes();
        while (plans_.size() > 1 && (plans_.size() > options_.plan_cache || held_bytes() > first_plan_bytes_ + options_.plan_cache_bytes)) plans_.pop_back();
        release_weights();
        activate();
        if (options_.replay && options_.drop_graph) {
            check(plans_[0].runner->can_replay(), "comp_node_seq_record_level 2: the graph has shapes that depend on data, it cannot be recorded as a whole");
            plans_[0].runner->drop_graph();
            graph_ = Graph();
            timer_ = nullptr;
            dropped_ = true;
        }
    }

    // Where output i goes in the next runs: memory of the caller (large enough for the planned shape), or null for our own.
    void bind_output(size_t i, void* memory) { bound_outputs_[i] = memory; }

    // Runs with dense inputs in the order of inputs(). The outputs are valid until the next run; strings and sequences, which belong
    // to the session, until the one after it.
    void run(std::span<const TensorView> inputs) {
        input_shapes_.clear();
        for (const TensorView& v : inputs) input_shapes_.push_back(v.shape);
        const bool same = !plans_.empty() && plans_[0].shapes == input_shapes_;
        if (!same) prepare(input_shapes_);
        input_pointers_.clear();
        for (size_t i = 0; i < inputs.size(); ++i) {
            check(inputs[i].dtype == inputs_[i].dtype, "input \"", inputs_[i].name, "\" has dtype ", inputs[i].dtype, ", the model expects ",
                  inputs_[i].dtype);
            check(inputs[i].data != nullptr || inputs[i].shape.count() == 0, "input \"", inputs_[i].name, "\" has no data");
            input_pointers_.push_back(inputs[i].data);
        }
        Runner& r = *plans_[0].runner;
        output_pointers_.clear();
        for (size_t o = 0; o < outputs_.size(); ++o) {
            const TensorPlace& p = r.plan().outputs[o];
            if (p.kind == TensorPlace::dynamic) {
                output_pointers_.push_back(nullptr);
                continue;
            }
            output_pointers_.push_back(bound_outputs_[o] ? bound_outputs_[o] : output_memory_[o].get());
            results_[o] = {output_pointers_[o], p.view.dtype, p.view.shape, LayoutTag::nchw};
        }
        const std::lock_guard lock(arena_->mutex);
        std::byte* const arena = arena_->reserve(r.arena_bytes(), options_.memory);
        check(arena != nullptr, "out of memory: the values between the nodes need ", r.arena_bytes(), " bytes");
        if (!options_.objects) objects_->begin_run();
        r.bind(arena, input_pointers_, output_pointers_);
        SanityCheck sanity;
        const RunHooks hooks{profiling_ ? &times_ : nullptr, observer_ ? &observer_ : nullptr, first_run_ ? &sanity : nullptr};
        first_run_ = false;
        if (options_.replay && !hooks && r.can_replay()) r.replay();
        else r.run(hooks);
        for (size_t o = 0; o < outputs_.size(); ++o)
            if (const Array* a = r.dynamic_output(o)) results_[o] = {const_cast<std::byte*>(a->data()), a->dtype(), a->shape(), LayoutTag::nchw};
    }
    const TensorView& output(size_t i) const { return results_[i]; }
    // The planned shape of an output after prepare(); has_shape is false while only a run tells.
    TensorInfo output_info(size_t i) const {
        const TensorPlace& p = any_plan().outputs[i];
        return {p.view.dtype, p.view.shape, p.kind != TensorPlace::dynamic, nullptr, LayoutTag::nchw};
    }

    // The same with arrays: convenient, allocates the results.
    std::vector<Array> run(const std::vector<Array>& inputs) {
        std::vector<TensorView> views;
        std::vector<Array> aligned;
        for (const Array& a : inputs) {
            Array in = a;
            if (a.count() && reinterpret_cast<uintptr_t>(a.data()) % size_of(a.dtype()) != 0) {
                in = Array::zeros(a.dtype(), a.shape());
                a.copy_to(in.mutable_data());
            }
            views.push_back({const_cast<std::byte*>(in.data()), in.dtype(), in.shape(), LayoutTag::nchw});
            aligned.push_back(std::move(in));
        }
        run(views);
        std::vector<Array> out;
        for (const TensorView& v : results_) {
            out.push_back(Array::uninitialized(v.dtype, v.shape));
            if (v.bytes()) std::memcpy(out.back().mutable_data(), v.data, v.bytes());
        }
        return out;
    }

    ObjectPool& objects() override { return *objects_; }
    // Bodies of If, Loop and Scan: a session each, with the threads and weights of this one.
    std::vector<Array> run(const Graph& body, std::span<const TensorView> inputs) override {
        Session* s = nullptr;
        for (auto& [key, session] : bodies_)
            if (key == &body && std::equal(inputs.begin(), inputs.end(), session->inputs_.begin(), session->inputs_.end(),
                                           [](const TensorView& v, const TensorSignature& t) { return v.dtype == t.dtype; }))
                s = session.get();
        if (!s) {
            SessionOptions o = options_;
            o.pool = pool_;
            o.objects = objects_;
            o.weights = weights_;
            o.arena = nullptr;  // it runs while this one does
            o.check_first_run = o.replay = o.drop_graph = false;
            o.prepared = nullptr;  // the weights have it
            Graph g = body;
            for (size_t i = 0; i < g.inputs.size() && i < inputs.size(); ++i) {  // shapes follow from the call, whatever is declared
                g.value(g.inputs[i]).has_shape = false;
                g.value(g.inputs[i]).dtype = inputs[i].dtype;
            }
            bodies_.emplace_back(&body, std::make_unique<Session>(std::move(g), o));
            s = bodies_.back().second.get();
        }
        s->run(inputs);
        std::vector<Array> out;
        for (const TensorView& v : s->results_) {
            out.push_back(Array::uninitialized(v.dtype, v.shape));
            if (v.bytes()) std::memcpy(out.back().mutable_data(), v.data, v.bytes());
        }
        return out;
    }

    // The model with what was made of it for the shapes that are planned; `model` are the bytes that the graph was read from.
    [[gnu::cold]] PreparedModel prepared(ModelBytes model) const {
        check(!dropped_, "the graph of this network is gone: it was recorded with comp_node_seq_record_level 2");
        check(!plans_.empty(), "nothing is prepared yet: the input shapes are not known");
        PreparedModel p;
        p.kernels = kernels_text();
        p.options = choice_text(options_.measure);
        p.model = std::move(model);
        for (const Planned& planned : plans_) {
            PreparedPlan& to = p.plans.emplace_back();
            to.shapes = planned.shapes;
            for (auto& [value, kernel] : kept_choices(planned.runner->plan().graph, planned.runner->plan().choices)) to.choices.push_back({value, kernel});
            std::sort(to.choices.begin(), to.choices.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
        }
        p.weights = weights_->all();
        return p;
    }
    // How many weights were packed, not found in a prepared model.
    size_t weights_packed() const { return weights_->packed_count(); }

    const Plan& plan() const {
        check(!dropped_, "the graph of this network is gone: it was recorded with comp_node_seq_record_level 2");
        return any_plan();
    }
    bool planned() const { return !plans_.empty(); }
    size_t plans_kept() const { return plans_.size(); }
    // Of the largest plan so far.
    size_t arena_bytes() const { return arena_bytes_; }
    size_t weights_bytes() const { return weights_->bytes(); }
    std::vector<size_t> weight_sizes() const { return weights_->sizes(); }
    void profile(bool on) { profiling_ = on; }
    const std::vector<StepTime>& step_times() const { return times_; }
    void observe(Observer f) { observer_ = std::move(f); }

private:
    struct Planned {
        std::vector<Shape> shapes;
        std::unique_ptr<Runner> runner;
    };
    // What packed weights depend on.
    std::string kernels_text() const {
        return text("lite ", LITE_VERSION_MAJOR, '.', LITE_VERSION_MINOR, '.', LITE_VERSION_PATCH, " forms ", kPackedForms, ' ', bricks_.name);
    }
    // What choices depend on besides; those of other optimizations are found under other names or do not apply.
    std::string choice_text(bool measured) const {
        return text("threads ", pool_->threads(), " uniform ", options_.uniform_batch, " batch ", options_.choose_batch, measured ? " measured" : "");
    }
    [[gnu::cold]] void use_prepared() {
        if (!options_.prepared) return;
        if (options_.prepared->kernels == kernels_text()) return weights_->use(options_.prepared);
        log(LogLevel::info, "the model was prepared for \"", options_.prepared->kernels, "\", this is \"", kernels_text(), "\": its weights are packed again");
        options_.prepared = nullptr;
    }
    const PreparedPlan* prepared_plan(std::span<const Shape> shapes) const {
        const PreparedModel* p = options_.prepared.get();
        if (!p || options_.layout || !options_.kernels || options_.workspace_limit) return nullptr;
        if (p->options != choice_text(true) && (options_.measure || p->options != choice_text(false))) return nullptr;
        for (const PreparedPlan& plan : p->plans)
            if (std::equal(shapes.begin(), shapes.end(), plan.shapes.begin(), plan.shapes.end())) return &plan;
        return nullptr;
    }
    // What the plans keep beside the arena: packed weights, and constants that steps read.
    size_t held_bytes() const {
        std::unordered_map<const std::byte*, size_t> constants;
        for (const Planned& p : plans_)
            for (const auto& [data, size] : p.runner->plan().constants) constants.emplace(data.get(), size);
        size_t bytes = weights_->bytes();
        for (const auto& [data, size] : constants) bytes += size;
        return bytes;
    }
    void forget_plans() {
        check(!dropped_, "comp_node_seq_record_level 2: the plan is final");
        timer_ = nullptr;
        bodies_.clear();
        plans_.clear();
        kept_.clear();
    }
    static KeptChoices kept_choices(const Graph& g, const std::vector<NodeChoice>& choices) {
        KeptChoices kept;
        for (size_t n = 0; n < g.nodes.size(); ++n)
            if (!g.nodes[n].outputs.empty() && g.nodes[n].outputs[0] != kNoValue && choices[n].get().row)
                kept.emplace(g.value(g.nodes[n].outputs[0]).name, kernel_text(*choices[n].get().row));
        return kept;
    }
    // What would be chosen if the inputs had another batch, as far as the model allows one.
    KeptChoices choices_for_batch(std::span<const Shape> shapes, const LayoutOptions& layout) const {
        Graph g = graph_;
        for (size_t i = 0; i < shapes.size(); ++i) {
            Value& v = g.value(g.inputs[i]);
            const bool open = !v.has_shape || (v.shape.rank() > 0 && v.shape[0] < 0);
            v.shape = shapes[i];
            if (open && v.shape.rank() > 0) v.shape[0] = options_.choose_batch;
            v.has_shape = true;
        }
        optimize(g, options_.optimize);
        const std::vector<NodeChoice> choices = select_layouts(g, bricks_, layout);
        return kept_choices(g, choices);
    }
    // Pages of the model file that constants of some size lie on; they come back when a new shape is planned.
    void release_weights() const {
        for (const Value& v : graph_.values)
            if (v.is_constant() && v.constant.bytes() >= 16384) release_pages(v.constant.data(), v.constant.bytes());
    }
    static std::string largest_value(const Graph& g) {
        std::string s;
        uint64_t most = 0;
        for (const Node& n : g.nodes)
            for (ValueId o : n.outputs) {
                if (o == kNoValue || !g.value(o).shape_known()) continue;
                const uint64_t bytes = static_cast<uint64_t>(g.value(o).shape.count()) * size_of(g.value(o).dtype);
                if (bytes < most) continue;
                most = bytes;
                s = text("\"", g.value(o).name, "\" ", g.value(o).shape, " of ", n.op->name, " \"", n.name, "\"");
            }
        return s;
    }
    // Also when its graph was dropped: steps and places are there.
    const Plan& any_plan() const {
        check(!plans_.empty(), "nothing is planned yet: the input shapes are not known");
        return plans_[0].runner->plan();
    }
    void make_pool() {
        pool_ = nullptr;
        if (options_.threads == 1 && !options_.thread_affinity) pool_ = std::make_shared<InlinePool>();
        else pool_ = std::make_shared<SpinPool>(options_.threads, options_.thread_affinity);
    }
    void activate() {
        const Plan& p = any_plan();
        const size_t need = plans_[0].runner->arena_bytes();
        if (need > arena_bytes_) {
            const std::lock_guard lock(arena_->mutex);
            if (!arena_->reserve(need, options_.memory))
                fail("out of memory: the values between the nodes need ", need, " bytes; the largest is ", largest_value(p.graph));
            arena_bytes_ = need;
        }
        for (size_t o = 0; o < outputs_.size(); ++o) {
            if (p.outputs[o].kind == TensorPlace::dynamic || bound_outputs_[o]) continue;
            const size_t bytes = p.outputs[o].view.bytes();
            if (!output_memory_[o] || output_capacity_.size() <= o || output_capacity_[o] < bytes) {
                output_memory_[o] = try_allocate_huge(bytes, options_.memory);
                check(output_memory_[o] != nullptr, "out of memory: output \"", outputs_[o].name, "\" ", p.outputs[o].view.shape, " needs ", bytes, " bytes");
                output_capacity_.resize(outputs_.size(), 0);
                output_capacity_[o] = bytes;
            }
        }
    }

    SessionOptions options_;
    const Bricks& bricks_;
    std::shared_ptr<ThreadPool> pool_;
    std::shared_ptr<WeightStore> weights_;
    std::shared_ptr<ObjectPool> objects_;
    std::unique_ptr<KernelTimer> timer_;
    Graph graph_;
    std::vector<TensorSignature> inputs_, outputs_;
    KeptChoices kept_;
    std::vector<Planned> plans_;  // most recently used first
    std::shared_ptr<Arena> arena_;
    size_t arena_bytes_ = 0, first_plan_bytes_ = 0;
    bool first_run_ = false, dropped_ = false;
    std::vector<void*> bound_outputs_, input_pointers_, output_pointers_;
    std::vector<std::shared_ptr<std::byte>> output_memory_;
    std::vector<size_t> output_capacity_;
    std::vector<TensorView> results_;
    std::vector<Shape> input_shapes_;
    std::vector<std::pair<const Graph*, std::unique_ptr<Session>>> bodies_;
    bool profiling_ = false;
    std::vector<StepTime> times_;
    Observer observer_;
};

LITE_NAMESPACE_END
#endif
