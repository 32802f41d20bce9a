// What an operator is: its names, its meaning (shape inference and a slow, right reference), and its rows of kernels.
//
// An operator is one struct in one file:
//   struct Relu {
//       static constexpr std::string_view name = "Relu";
//       static constexpr Spelling spellings[] = {{"onnx", "", "Relu"}};          // how each format calls it
//       struct Attributes { template <class V> void visit(V&) {} };
//       static void infer(InferContext& c);        // dtypes and shapes of the outputs
//       static void reference(RunContext& c);      // the meaning, on dense tensors, any dtype the operator allows
//       static constexpr OperatorTraits traits{};  // optional
//   };
// and, behind it, the specialisations of Kernel<Op, Layout, T, Algorithm> that exist. An absent one is absent: the optimizer
// takes another layout or the reference. A user's own operator is written the same way and made known by
// lite::register_operator<TheirOp>().
#ifndef LITE_OP_OPERATOR_H_
#define LITE_OP_OPERATOR_H_
#include <memory>
#include <span>

#include "lite/base/objects.h"
#include "lite/graph/graph.h"
#include "lite/layout/tensor_view.h"

LITE_NAMESPACE_BEGIN

struct Bricks;
class ThreadPool;

// Calls f. An error of it that does not name the operator (a number that no integer holds, say) gets the name of the node.
template <class F>
void naming(const Node& n, F&& f);

// Absent spellings never match. `mode` is stored as the node's attribute "mode" when >= 0, for operators that are families.
struct Spelling {
    std::string_view format;  // "onnx", "mge"
    std::string_view domain;  // "" is ai.onnx
    std::string_view name;
    int64_t mode = -1;
};

struct OperatorTraits {
    bool view = false;            // output 0 has the bytes of input 0 in the same order (Reshape, Squeeze...): never runs when dense
    bool elementwise = false;     // shape in = shape out, any layout in which all inputs agree is native
    bool random = false;          // two runs may differ: never folded
    bool control_flow = false;    // has subgraphs
    bool foldable = true;         // may run at load when its inputs are known
};

// `Conv "block3/conv1"`, for messages.
void append(std::string& s, const Node& n);

// ---- shape and dtype inference ----

// What is known of one tensor before it exists.
struct TensorInfo {
    DType dtype = DType::none;
    Shape shape;             // kUnknown extents where not known
    bool has_shape = false;  // false: not even the rank is known
    const Array* value = nullptr;  // the data, if it is a constant or follows from shapes
    LayoutTag layout = LayoutTag::nchw;
    DType element = DType::none;  // of the tensors in a sequence or an optional; `nested`: in an optional of a sequence
    bool nested = false;
    explicit operator bool() const { return dtype != DType::none; }  // false: an optional input that is absent
    bool shape_known() const { return has_shape && shape.known(); }
};

class InferContext {
public:
    InferContext(const Graph& g, const Node& n, std::vector<TensorInfo> in)
            : graph_(g), node_(n), inputs_(std::move(in)), outputs_(n.outputs.size()), values_(n.outputs.size()) {}

    const Graph& graph() const { return graph_; }
    const Node& node() const { return node_; }
    int version() const { return node_.version; }
    template <class A> A attributes() const { return read_attributes<A>(node_.attributes); }

    size_t input_count() const { return inputs_.size(); }
    size_t output_count() const { return outputs_.size(); }
    bool has_input(size_t i) const { return i < inputs_.size() && inputs_[i]; }
    bool has_output(size_t i) const { return i < outputs_.size() && node_.outputs[i] != kNoValue; }
    // Fails, naming the operator, if the input is absent.
    const TensorInfo& input(size_t i) const {
        if (!has_input(i)) fail(where(), ": input ", i, " is missing");
        return inputs_[i];
    }
    // Its shape; an error if not even the rank is known (callers that can live without test has_shape first).
    const Shape& shape(size_t i) const {
        const TensorInfo& t = input(i);
        check(t.has_shape, where(), ": the shape of input ", i, " is not known");
        return t.shape;
    }
    // The data of an input that shapes depend on; nullptr when it is only known at run time.
    const Array* value(size_t i) const { return has_input(i) ? inputs_[i].value : nullptr; }

    void output(size_t i, DType dtype, const Shape& shape) {
        if (i >= outputs_.size()) return;
        for (int64_t d : shape) check_that(d <= kMaxElements, "output ", i, " of shape ", shape, " is too large to address");
        outputs_[i].dtype = dtype;
        outputs_[i].shape = shape;
        outputs_[i].has_shape = true;
    }
    // The dtype is known, the shape depends on data (rank < 0: the rank, too).
    void output_unknown(size_t i, DType dtype, int rank = -1) {
        if (i >= outputs_.size()) return;
        outputs_[i].dtype = dtype;
        outputs_[i].has_shape = rank >= 0;
        if (rank >= 0) outputs_[i].shape = Shape::filled(static_cast<size_t>(rank), kUnknown);
    }
    // A sequence, an optional or a map.
    void output_items(size_t i, DType kind, DType element, bool nested = false) {
        if (i >= outputs_.size()) return;
        output(i, kind, Shape{});
        outputs_[i].element = element;
        outputs_[i].nested = nested;
    }
    // Output i is a value of the kind of `t`, whose value is not known.
    void output_like(size_t i, const TensorInfo& t) {
        if (i >= outputs_.size()) return;
        if (t.has_shape) output(i, t.dtype, t.shape);
        else output_unknown(i, t.dtype);
        outputs_[i].element = t.element;
        outputs_[i].nested = t.nested;
    }
    // Besides output(): its data, when it follows from what is known here (Shape, Size...).
    void output_value(size_t i, Array value) {
        if (i >= outputs_.size()) return;
        output(i, value.dtype(), value.shape());
        values_[i] = std::move(value);
    }
    const std::vector<TensorInfo>& outputs() const { return outputs_; }
    std::vector<Array>& output_values() { return values_; }
    // `Conv "block3/conv1"`: opens every message.
    Who where() const { return node_; }
    template <class... Parts> [[gnu::always_inline]] void check_that(bool ok, const Parts&... parts) const {
        if (!ok) [[unlikely]]
            fail(node_, ": ", parts...);
    }

private:
    const Graph& graph_;
    const Node& node_;
    std::vector<TensorInfo> inputs_, outputs_;
    std::vector<Array> values_;
};

// ---- running ----

// Runs the body of a control-flow node, and holds what nodes make that is no tensor of numbers; the executor provides it.
class SubgraphRunner {
public:
    virtual ~SubgraphRunner() = default;
    // Inputs in the order of body.inputs (captures last), dense; the results own their memory.
    virtual std::vector<Array> run(const Graph& body, std::span<const TensorView> inputs) = 0;
    virtual ObjectPool& objects() = 0;
};

// What a kernel or a reference gets: tensors, scratch, threads. Copyable and free of allocation.
class RunContext {
public:
    const Node* node = nullptr;
    std::span<const TensorView> inputs;   // absent optionals are empty views
    std::span<TensorView> outputs;        // as inferred; empty view for an absent optional
    std::byte* workspace = nullptr;       // of the size that prepare() asked for, 64-byte aligned
    const Bricks* bricks = nullptr;
    ThreadPool* pool = nullptr;
    SubgraphRunner* subgraphs = nullptr;
    std::vector<Array>* dynamic_outputs = nullptr;  // set when shapes of outputs depend on data
    const MemorySource* memory = nullptr;           // for these

    template <class A> A attributes() const { return read_attributes<A>(node->attributes); }
    int version() const { return node->version; }
    bool has_input(size_t i) const { return i < inputs.size() && inputs[i]; }
    // Fails, naming the operator, if the input is absent.
    [[gnu::noinline]] const TensorView& input(size_t i) const {
        check_that(has_input(i), "input ", i, " is missing");
        return inputs[i];
    }
    bool has_output(size_t i) const { return i < outputs.size() && node->outputs[i] != kNoValue; }
    TensorView& output(size_t i) const { return outputs[i]; }
    // The output of an operator whose shape depends on data: allocated here, by the reference. For outputs whose shape was
    // inferred it returns the planned tensor, after checking that the shapes agree.
    TensorView output(size_t i, DType dtype, const Shape& shape) const;
    // Hands over an output that already owns its memory (results of a subgraph).
    void set_output(size_t i, Array result) const;
    // Where new strings, sequences, optionals and maps live.
    ObjectPool& objects() const {
        check_that(subgraphs != nullptr, "strings and sequences cannot be made while constants are folded");
        return subgraphs->objects();
    }
    Who where() const { return *node; }
    template <class... Parts> [[gnu::always_inline]] void check_that(bool ok, const Parts&... parts) const {
        if (!ok) [[unlikely]]
            fail(*node, ": ", parts...);
    }
};

// ---- kernels ----

// A node with all shapes and dtypes known: what applicable(), cost() and prepare() look at.
struct NodeInfo {
    const Node* node;
    std::span<const TensorInfo> inputs, outputs;
    const Bricks* bricks;
    int threads;
    bool uniform = false;  // each sample of a batch must be computed alike, whatever the batch

    template <class A> A attributes() const { return read_attributes<A>(node->attributes); }
    bool has_input(size_t i) const { return i < inputs.size() && inputs[i]; }
    const TensorInfo& input(size_t i) const { return inputs[i]; }
    const TensorInfo& output(size_t i = 0) const { return outputs[i]; }
    // That of the outputs, for which the kernel is asked.
    LayoutTag layout() const {
        for (const TensorInfo& t : outputs)
            if (t) return t.layout;
        return LayoutTag::nchw;
    }
    // The constant behind an input, or nullptr.
    const Array* constant(size_t i) const { return has_input(i) ? inputs[i].value : nullptr; }
};

// A lambda void(std::byte*) of the caller, for the time of a call.
class WeightFill {
public:
    template <class F> WeightFill(const F& f) : f_(&f), call_([](const void* g, std::byte* out) { (*static_cast<const F*>(g))(out); }) {}
    void operator()(std::byte* out) const { call_(f_, out); }

private:
    const void* f_;
    void (*call_)(const void*, std::byte*);
};

// Packed weights, shared by all plans (shapes, threads) of a network, and by networks that share weights.
class WeightCache {
public:
    virtual ~WeightCache() = default;
    // The packed form `key` of `source`: `fill(out)` is called once to write `bytes` bytes.
    virtual std::shared_ptr<const std::byte> packed(const Array& source, const std::string& key, size_t bytes, WeightFill fill) = 0;
};

class PrepareContext {
public:
    WeightCache* weights = nullptr;
    size_t workspace_bytes = 0;          // out: scratch that run() needs, at context.workspace
    std::vector<bool> drop_input;        // out: [i] = true: run() does not read constant input i (it was packed)
    void need_workspace(size_t bytes) { workspace_bytes = std::max(workspace_bytes, bytes); }
    void drop(size_t i) {
        if (drop_input.size() <= i) drop_input.resize(i + 1);
        drop_input[i] = true;
    }
};

// What a kernel prepared, without its type.
using KernelState = std::unique_ptr<const void, void (*)(const void*)>;

// One specialisation made callable without its type.
struct KernelRow {
    std::string_view name;                   // "conv/winograd4"
    LayoutTag in_layout = LayoutTag::nchw;   // of the non-constant inputs that are images (see Kernel::input_is_image)
    LayoutTag out_layout = LayoutTag::nchw;  // of all outputs
    DType dtype = DType::none;               // of input 0; none: any
    bool in_place = false;                   // output 0 may lie on input 0 (same bytes)
    bool (*applicable)(const NodeInfo&);
    double (*cost)(const NodeInfo&);  // predicted nanoseconds of one run on one thread
    KernelState (*prepare)(const NodeInfo&, PrepareContext&);
    void (*run)(const void* state, const RunContext&);
    ptrdiff_t (*place_of_input)(const NodeInfo&, size_t i) = nullptr;  // may be null
};

struct Default {};  // the algorithm of an operator that has only one per layout and dtype

// Primary template: no kernel. A specialisation has
//   static constexpr std::string_view name;
//   static bool applicable(const NodeInfo&);                 // shapes, attributes and dtypes that it handles (optional: always)
//   static double cost(const NodeInfo&);                     // ns on one thread
//   struct State; static State prepare(const NodeInfo&, PrepareContext&);   // packs weights, asks for workspace
//   static void run(const State&, const RunContext&) noexcept;
//   static constexpr LayoutTag in_layout = ...;              // optional, if it differs from the layout of the output
//   static constexpr bool in_place = true;                   // optional
//   static ptrdiff_t place_of_input(const NodeInfo&, size_t i);   // optional: the byte of output 0 that input i may lie at already,
//                                                            // as run() then finds by its address; -1: nowhere
// T is the element type of input 0; `void` stands for any. Code that asks NodeInfo::layout is compiled once for many layouts:
//   template <ImageLayout L> struct Kernel<Pad, L, void> : PadKernel {};
template <class Op, class Layout, class T, class Algorithm = Default> struct Kernel;

struct Operator {
    std::string_view name;
    std::span<const Spelling> spellings;
    OperatorTraits traits;
    void (*infer)(InferContext&);
    void (*reference)(RunContext&);
    std::span<const KernelRow> rows;
    // Rewrites the attributes of a freshly read node where an old version of the format says it otherwise; may be null.
    void (*normalize)(Graph&, Node&) = nullptr;
    // Adds to `made` nodes that do what this one does with operators that have kernels, and to the graph their values; false, and nothing counts,
    // where its shapes are not known or its options ask for more. May be null.
    bool (*spell)(Graph&, const Node&, std::vector<Node>& made) = nullptr;
};

inline void append(std::string& s, const Node& n) {
    s += n.op ? n.op->name : "node";
    s += " \"";
    s += n.name;
    s += '"';
}
template <class F>
void naming([[maybe_unused]] const Node& n, F&& f) {
#if LITE_HAS_EXCEPTIONS
    try {
        f();
    } catch (const Error& e) {
        if (e.message().find(n.op->name) == std::string_view::npos) fail(n, ": ", e.message());
        raise(e);
    }
#else
    f();
#endif
}
inline TensorView RunContext::output(size_t i, DType dtype, const Shape& shape) const {
    if (dynamic_outputs && !(*dynamic_outputs)[i] && outputs[i].data == nullptr) {
        (*dynamic_outputs)[i] = Array::zeros(dtype, shape, memory ? *memory : MemorySource());
        outputs[i] = TensorView{(*dynamic_outputs)[i].mutable_data(), dtype, shape, LayoutTag::nchw};
        return outputs[i];
    }
    check_that(outputs[i].shape == shape && outputs[i].dtype == dtype, "output ", i, " turned out ", dtype, shape, ", ", outputs[i].dtype,
               outputs[i].shape, " was planned");
    return outputs[i];
}
inline void RunContext::set_output(size_t i, Array result) const {
    if (dynamic_outputs && outputs[i].data == nullptr) {
        outputs[i] = TensorView{result.mutable_data(), result.dtype(), result.shape(), LayoutTag::nchw};
        (*dynamic_outputs)[i] = std::move(result);
        return;
    }
    result.copy_to(output(i, result.dtype(), result.shape()).data);
}

// ---- from the types to the record ----

namespace detail {
template <class K> concept KernelPresent = requires { sizeof(K); };

inline bool always_applicable(const NodeInfo&) { return true; }
// By function, not by kernel: kernels of several layouts that share their code share these, too.
template <class State, auto prepare>
KernelState prepare_state(const NodeInfo& n, PrepareContext& c) {
    return KernelState(new State(prepare(n, c)), [](const void* s) { delete static_cast<const State*>(s); });
}
template <class State, auto run>
void run_kernel(const void* s, const RunContext& c) {
    run(*static_cast<const State*>(s), c);
}

template <class Op, class Layout, class T, class Algorithm>
consteval KernelRow make_row() {
    using K = Kernel<Op, Layout, T, Algorithm>;
    using State = typename K::State;
    KernelRow r{};
    r.name = K::name;
    r.out_layout = r.in_layout = Layout::tag;
    if constexpr (requires { K::in_layout; }) r.in_layout = K::in_layout;
    if constexpr (!std::is_void_v<T>) r.dtype = dtype_of<T>;
    if constexpr (requires { K::in_place; }) r.in_place = K::in_place;
    r.applicable = &always_applicable;
    if constexpr (requires(const NodeInfo& n) { K::applicable(n); }) r.applicable = &K::applicable;
    r.cost = &K::cost;
    r.prepare = &prepare_state<State, &K::prepare>;
    r.run = &run_kernel<State, &K::run>;
    if constexpr (requires { &K::place_of_input; }) r.place_of_input = &K::place_of_input;
    return r;
}

// Absent kernels cost a null pointer while compiling, and nothing in the program.
template <class Op, class Layout, class T, class Algorithm> inline constexpr const KernelRow* kRow = nullptr;
template <class Op, class Layout, class T, class Algorithm> inline constexpr KernelRow kPresentRow = make_row<Op, Layout, T, Algorithm>();
template <class Op, class Layout, class T, class Algorithm>
    requires KernelPresent<Kernel<Op, Layout, T, Algorithm>>
inline constexpr const KernelRow* kRow<Op, Layout, T, Algorithm> = &kPresentRow<Op, Layout, T, Algorithm>;

inline constexpr size_t kRowsOfAlgorithm = 4 * []<class... L>(TypeList<L...>) { return sizeof...(L); }(AllLayouts());
template <class Op, class Algorithm, class Layouts> struct RowsOf;
template <class Op, class Algorithm, class... Layouts> struct RowsOf<Op, Algorithm, TypeList<Layouts...>> {
    static constexpr const KernelRow* rows[kRowsOfAlgorithm] = {kRow<Op, Layouts, float, Algorithm>..., kRow<Op, Layouts, uint8_t, Algorithm>...,
                                                                kRow<Op, Layouts, int8_t, Algorithm>..., kRow<Op, Layouts, void, Algorithm>...};
};
template <class Op, class Algorithms> struct RowsOfAll;
template <class Op, class... Algorithms> struct RowsOfAll<Op, TypeList<Algorithms...>> {
    static constexpr size_t size = sizeof...(Algorithms);
    static constexpr const KernelRow* const* lists[size] = {RowsOf<Op, Algorithms, AllLayouts>::rows...};
};
consteval size_t count_rows(const KernelRow* const* const* lists, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; ++i)
        for (size_t k = 0; k < kRowsOfAlgorithm; ++k) count += lists[i][k] != nullptr;
    return count;
}
template <size_t N>
consteval std::array<KernelRow, N> pick_rows(const KernelRow* const* const* lists, size_t n) {
    std::array<KernelRow, N> rows{};
    size_t count = 0;
    for (size_t i = 0; i < n; ++i)
        for (size_t k = 0; k < kRowsOfAlgorithm; ++k)
            if (lists[i][k]) rows[count++] = *lists[i][k];
    return rows;
}

template <class Op> struct AlgorithmsOf { using type = TypeList<Default>; };
template <class Op> requires requires { typename Op::Algorithms; }
struct AlgorithmsOf<Op> { using type = typename Op::Algorithms; };
template <class Op> using AllRowsOf = RowsOfAll<Op, typename AlgorithmsOf<Op>::type>;
template <class Op> inline constexpr auto kRows = pick_rows<count_rows(AllRowsOf<Op>::lists, AllRowsOf<Op>::size)>(AllRowsOf<Op>::lists, AllRowsOf<Op>::size);
template <class Op>
consteval Operator make_operator() {
    Operator o{};
    o.name = Op::name;
    o.spellings = std::span<const Spelling>(Op::spellings);
    if constexpr (requires { Op::traits; }) o.traits = Op::traits;
    o.infer = &Op::infer;
    o.reference = &Op::reference;
    if constexpr (requires { &Op::normalize; }) o.normalize = &Op::normalize;
    if constexpr (requires { &Op::spell; }) o.spell = &Op::spell;
    o.rows = std::span<const KernelRow>(kRows<Op>.data(), kRows<Op>.size());
    return o;
}
template <class Op> inline constexpr Operator kOperator = make_operator<Op>();
}  // namespace detail

// The record of an operator, a constant of the program. Its kernels must have been declared before the first use.
template <class Op>
constexpr const Operator& describe() {
    return detail::kOperator<Op>;
}

LITE_NAMESPACE_END
#endif
