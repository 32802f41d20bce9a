// The reader of .mge files: operator by operator, through the table of conversions.
#ifndef LITE_FORMAT_MGE_IMPL_H_
#define LITE_FORMAT_MGE_IMPL_H_
#include <unordered_map>

#include "lite/format/mge.h"
#include "lite/format/mge_operators.h"

LITE_NAMESPACE_BEGIN

#if LITE_HAS_MGE
namespace detail {

class MgeReader {
public:
    MgeReader(MgeFile& file, const MgeOptions& options) : file_(file), options_(options) {
        for (const mge::Row& r : mge::kRows) {
            rows_.emplace(mge_hash(std::string(r.name) + '\0'), &r);
            const size_t n = r.name.size();
            const bool versioned = n > 2 && r.name[n - 2] == 'V' && r.name[n - 1] >= '0' && r.name[n - 1] <= '9';
            rows_.emplace(mge_hash(versioned ? r.name.substr(0, n - 2) : r.name), &r);
        }
        for (size_t k = 0; k < std::size(kSources); ++k) {
            sources_.emplace(mge_hash(std::string(kSources[k]) + '\0'), k);
            sources_.emplace(mge_hash(kSources[k]), k);
        }
    }
    Graph read() {
        b_.graph.opset = 20;
        refuse_unknown();
        for (const MgeOperator& o : file_.operators) convert(o);
        finish_refusals();
        outputs();
        return std::move(b_.graph);
    }

private:
    static constexpr std::string_view kSources[] = {"Host2DeviceCopy", "ImmutableTensor", "SharedDeviceTensor", "VolatileSharedDeviceTensor",
                                                    "SharedDeviceTensorWithFormat", "MultipleDeviceTensorHolder", "MultipleDeviceTensorWithFormatHolder"};
    const mge::Row* row(const MgeOperator& o) const {
        if (const auto it = rows_.find(o.id); it != rows_.end()) return it->second;
        for (const mge::Row& r : mge::kRows)
            if (!o.type.empty() && r.name == o.type) return &r;
        return nullptr;
    }
    int source(const MgeOperator& o) const {
        if (const auto it = sources_.find(o.id); it != sources_.end()) return static_cast<int>(it->second);
        for (size_t k = 0; k < std::size(kSources); ++k)
            if (kSources[k] == o.type) return static_cast<int>(k);
        return -1;
    }
    // All operators without a conversion in one error, before anything is made.
    void refuse_unknown() {
        for (const MgeOperator& o : file_.operators) {
            if (row(o) || source(o) >= 0) continue;
            b_.op = &o;
            b_.refuse(o.type.empty() ? text("of type id ", o.id) : std::string());
        }
        finish_refusals();
    }
    void finish_refusals() const {
        if (b_.refused)
            fail("the .mge model has ", b_.refused, b_.refused == 1 ? " operator that is" : " operators that are", " not supported:", b_.refusals,
                 b_.refused > 64 ? "\n  ..." : "");
    }
    void convert(const MgeOperator& o) {
        const size_t first_var = b_.vars.size(), first_value = b_.graph.values.size();
        b_.op = &o;
        const int s = source(o);
        bool complete = true;
        if (s < 0)
            for (uint32_t v : o.inputs) {
                check(v < b_.vars.size(), "not a valid .mge model: ", b_.who(), " uses variable ", v, " before it is made");
                complete = complete && b_.vars[v];
            }
        if (s == 0) input(o);
        else if (s > 0) constants(o);
        else if (complete) row(o)->convert(b_, row(o)->argument);
        else {
            check(b_.refused > 0, "the .mge model's ", b_.who(), " uses an output that inference does not make");
            check(o.outputs >= 0, "the .mge model's operators are not supported:", b_.refusals);
        }
        // What is not made here are outputs of training.
        if (o.outputs >= 0) b_.vars.resize(first_var + static_cast<size_t>(o.outputs));
        for (size_t k = first_var; k < b_.vars.size(); ++k) {
            const std::string_view name = k - first_var < o.output_names.size() ? o.output_names[k - first_var] : std::string_view();
            names_.push_back(name);
            if (s != 0) b_.rename(b_.vars[k].id, name, first_value);  // inputs have the names of their tensors
        }
    }
    void input(const MgeOperator& o) {
        check(o.tensors.size() == 1, "not a valid .mge model: an input has ", o.tensors.size(), " tensors");
        const MgeTensor& t = o.tensors[0];
        const DType shown = shown_as(t.type.kind);
        check(shown != DType::none, "input '", t.name, "' of the .mge model holds complex numbers, which are not supported");
        for (ValueId v : b_.graph.inputs) check(b_.value(v).name != t.name, "not a valid .mge model: two inputs are named '", t.name, "'");
        const ValueId id = b_.graph.add_input(std::string(t.name), shown, Shape::filled(t.shape.rank(), kUnknown));
        b_.graph.value(id).usual = t.shape;
        ValueId v = id;
        if (t.type.kind == MgeKind::q_s32) v = b_.times(b_.cast(id, DType::f32), static_cast<double>(t.type.scale));
        else v = b_.cast(id, held_as(t.type.kind));
        b_.put(v, t.type);
    }
    void constants(const MgeOperator& o) {
        for (size_t k = 0; k < o.tensors.size(); ++k) {
            const MgeTensor& t = o.tensors[k];
            check(t.has_data || t.shape.count() == 0, "not a valid .mge model: tensor '", t.name, "' has no data");
            std::string name(!t.name.empty() ? t.name : k < o.output_names.size() ? o.output_names[k] : std::string_view());
            const uint64_t place = derived_identity(file_.identity, lasting_identity(2 * b_.graph.values.size() + options_.compressed));
            b_.put(b_.graph.add_constant(std::move(name), b_.held_constant(t, file_.owner, options_.compressed).with_identity(place)), t.type);
        }
    }
    void outputs() {
        check(!file_.outputs.empty(), "not a valid .mge model: it has no outputs");
        Graph& g = b_.graph;
        MgeOperator end;
        end.type = "output";
        b_.op = &end;
        for (const MgeOutput& out : file_.outputs) {
            check(out.var < b_.vars.size(), "not a valid .mge model: output ", out.var, " is made by no operator");
            const MgeVar v = b_.flat(b_.vars[out.var]);
            check(static_cast<bool>(v), "the .mge model has an output that inference does not make");
            std::string name(out.name.empty() ? names_[out.var] : out.name);
            if (name.empty() || (b_.asserts && name != g.value(v.id).name)) name = g.value(v.id).name;
            ValueId id = v.id;
            const DType shown = shown_as(v.type.kind);
            if (v.type.kind == MgeKind::q_s32) id = b_.unary(ElemwiseMode::round_away, b_.div(id, b_.number(static_cast<double>(v.type.scale))));
            id = b_.cast(id, shown);
            const bool taken = std::find(g.outputs.begin(), g.outputs.end(), id) != g.outputs.end() || std::find(g.inputs.begin(), g.inputs.end(), id) != g.inputs.end();
            if (taken || g.value(id).is_constant()) id = b_.node("Identity", {id});
            if (g.value(id).name != name) {
                const bool input = std::find(g.inputs.begin(), g.inputs.end(), v.id) != g.inputs.end();
                if (g.value(v.id).name == name && !input) g.value(v.id).name += ":held";
                g.value(id).name = name;
            }
            g.outputs.push_back(id);
        }
        if (b_.asserts) drop_expectations(g);
    }
    // Inputs that only served a comparison with expected results.
    static void drop_expectations(Graph& g) {
        std::vector<char> live(g.values.size(), 0);
        for (ValueId o : g.outputs) live[static_cast<size_t>(o)] = 1;
        for (size_t k = g.nodes.size(); k-- > 0;) {
            const Node& n = g.nodes[k];
            if (std::none_of(n.outputs.begin(), n.outputs.end(), [&](ValueId o) { return live[static_cast<size_t>(o)]; })) {
                g.nodes.erase(g.nodes.begin() + static_cast<std::ptrdiff_t>(k));
                continue;
            }
            for (ValueId i : n.inputs)
                if (i != kNoValue) live[static_cast<size_t>(i)] = 1;
        }
        std::erase_if(g.inputs, [&](ValueId i) { return !live[static_cast<size_t>(i)]; });
    }

    MgeFile& file_;
    const MgeOptions& options_;
    MgeBuilder b_;
    std::vector<std::string_view> names_;  // of the variables
    std::unordered_map<uint64_t, const mge::Row*> rows_;
    std::unordered_map<uint64_t, size_t> sources_;
};

}  // namespace detail

LITE_INLINE Graph read_mge(const ModelBytes& bytes, const MgeOptions& options) {
    check(is_mge(bytes.text()), "not a .mge model: it begins like neither of its formats (packed and encrypted ones are read by Network)");
    const size_t start = detail::mge_start(bytes.text());
    detail::MgeFile file = bytes.text().substr(start + 8, 4) == "mgv2" ? detail::read_mge_v2(bytes, start) : detail::read_mge_v1(bytes, start);
    file.identity = bytes.identity;
    return detail::MgeReader(file, options).read();
}
#else
LITE_INLINE Graph read_mge(const ModelBytes&, const MgeOptions&) {
    fail("a .mge model was given, and lite was compiled without the headers of FlatBuffers that reading it takes: install them "
         "(libflatbuffers-dev) and compile again without LITE_NO_MGE");
}
#endif

LITE_NAMESPACE_END
#endif
