// Writes the values that a run computes, in MegEngine's formats: all as text into one file, or each as bytes into one of its own.
#ifndef LITE_EXEC_IO_DUMP_H_
#define LITE_EXEC_IO_DUMP_H_
#include <cmath>

#include "lite/exec/session.h"
#include "lite/op/relayout.h"

LITE_NAMESPACE_BEGIN

namespace detail {
inline std::string_view mge_dtype_name(DType t) {
    constexpr std::string_view names[] = {"None", "Float32", "Float16", "BFloat16", "Float64", "Int8", "Uint8", "Int16", "Uint16", "Int32", "Uint32", "Int64", "Uint64", "Bool"};
    return names[static_cast<size_t>(t)];
}
// The number of megdnn's enumeration in memory; those that it does not have get one above all of its own.
inline uint32_t mge_dtype_number(DType t) {
    switch (t) {
        case DType::f32: return 0;
        case DType::u8: return 1;
        case DType::i8: return 2;
        case DType::i16: return 3;
        case DType::i32: return 4;
        case DType::f16: return 9;
        case DType::bf16: return 11;
        case DType::boolean: return 12;
        case DType::u16: return 13;
        default: return 200000 + static_cast<uint32_t>(t);
    }
}
[[gnu::cold]] inline std::string layout_text(const TensorView& v) {
    std::string s = "{";
    int64_t stride = 1;
    std::vector<int64_t> strides(v.shape.rank());
    for (size_t i = v.shape.rank(); i-- > 0; stride *= v.shape[i]) strides[i] = stride;
    for (size_t i = 0; i < v.shape.rank(); ++i) append(s, text(i ? "," : "", v.shape[i], "(", strides[i], ")"));
    return text(s, " ", mge_dtype_name(v.dtype), "}");
}
[[gnu::cold]] inline std::string first_values(const std::vector<double>& v) {
    std::string s = "[";
    for (size_t i = 0; i < v.size() && i < 5; ++i) {
        if (i) s += ", ";
        append_printed(s, "%.4g", v[i]);
    }
    return s + (v.size() > 5 ? ", ...]" : "]");
}
[[gnu::cold]] inline std::string statistics(const std::vector<double>& v) {
    if (v.empty()) return "";
    double low = v[0], high = v[0], sum = 0, squares = 0;
    for (double x : v) {
        low = std::fmin(low, x);
        high = std::fmax(high, x);
        sum += x;
        squares += x * x;
    }
    const double n = static_cast<double>(v.size()), mean = sum / n;
    std::string s;
    append_printed(s, "min=%.3g max=%.3g mean=%.3g l2=%.3g", low, high, mean, std::sqrt(squares / n));
    if (v.size() > 1) append_printed(s, " sd=%.3g", std::sqrt(std::fmax(0.0, (squares - sum * mean) / (n - 1))));
    else s += " sd=N/A";
    return s;
}
}  // namespace detail

class IoDump {
public:
    // Starts the text file anew; it gets every run from now on.
    void text_to(const std::string& path) {
        text_.reset(std::fopen(path.c_str(), "wb"));
        check(text_ != nullptr, "io_txt_dump: cannot write '", path, "': ", std::strerror(errno));
    }
    // The folder must exist; every run writes over the files of the one before.
    void bytes_to(const std::string& folder) {
        check(!real_path(folder).empty(), "io_bin_dump: there is no folder '", folder, "'");
        folder_ = folder;
    }
    explicit operator bool() const { return text_ || !folder_.empty(); }
    // The values that come from outside, before the steps.
    [[gnu::cold]] void inputs(const Plan& p, std::span<const TensorView> values) {
        shown_.assign(p.graph.values.size(), {});
        next_operator_ = p.steps.size();
        for (size_t i = 0; i < values.size(); ++i) {
            Node n;
            n.name = p.graph.value(p.graph.inputs[i]).name;
            n.outputs = {p.graph.inputs[i]};
            one(p, n, "Host2DeviceCopy", next_operator_++, {}, 0, values[i], true);
        }
    }
    [[gnu::cold]] void step(const Plan& p, const Step& s, std::span<const TensorView> in, std::span<const TensorView> out) {
        const Node& n = p.graph.nodes[s.node];
        for (size_t o = 0; o < out.size(); ++o)
            if (n.outputs[o] != kNoValue) one(p, n, n.op->name, static_cast<size_t>(&s - p.steps.data()), in, o, out[o], s.outputs[o].kind != TensorPlace::dynamic);
        if (text_) std::fflush(text_.get());
    }

private:
    struct Close {
        void operator()(std::FILE* f) const { std::fclose(f); }
    };
    [[gnu::cold]] void one(const Plan& p, const Node& n, std::string_view type, size_t number, std::span<const TensorView> in, size_t o, const TensorView& v, bool is_static) {
        const auto id = static_cast<size_t>(n.outputs[o]);
        const std::string& name = p.graph.values[id].name;
        const Array dense = dense_array(v, *p.bricks);
        if (text_) {
            const char storage = is_static ? 's' : 'd';
            const auto values = dense.values<double>();
            std::string s = text("var", id, " produced: name=", name, " layout=", detail::layout_text(v), " owner_opr=", n.name, "{", type, "} opr", number, "\n deps:\n");
            for (size_t k = 0; k < n.inputs.size(); ++k) {
                if (n.inputs[k] == kNoValue) continue;
                const auto dep = static_cast<size_t>(n.inputs[k]);
                std::string value = dep < shown_.size() ? shown_[dep] : std::string();
                if (value.empty() && k < in.size() && in[k]) value = in[k].data ? detail::first_values(dense_array(in[k], *p.bricks).values<double>()) : "(packed)";
                append(s, text("  [i", k, "]var", dep, ": ", value, " s\n"));
            }
            const std::string first = detail::first_values(values);
            append(s, text(" val: ", first, detail::statistics(values), " ", storage, "\n"));
            if (id < shown_.size()) shown_[id] = first;
            std::fwrite(s.data(), 1, s.size(), text_.get());
        }
        if (folder_.empty()) return;
        std::string title = text("var={id:", id, " name:", name, " layout:", detail::layout_text(v), " owner_opr:", n.name, "{", type, "}} owner_opr_inputs=[");
        for (size_t k = 0; k < n.inputs.size(); ++k) append(title, text(k ? "," : "", "var", n.inputs[k]));
        title += ']';
        uint32_t head[10] = {static_cast<uint32_t>(title.size()), detail::mge_dtype_number(v.dtype), 7};
        for (size_t i = 0; i < v.shape.rank() && i < 7; ++i) head[3 + i] = static_cast<uint32_t>(v.shape[i]);
        std::string path = folder_ + "/";
        detail::append_printed(path, "%06zx", id);
        const std::unique_ptr<std::FILE, Close> f(std::fopen(path.c_str(), "wb"));
        check(f != nullptr, "io_bin_dump: cannot write '", path, "': ", std::strerror(errno));
        const bool ok = std::fwrite(head, 1, sizeof head, f.get()) == sizeof head && std::fwrite(title.data(), 1, title.size(), f.get()) == title.size() &&
                        (dense.bytes() == 0 || std::fwrite(dense.data(), 1, dense.bytes(), f.get()) == dense.bytes());
        check(ok, "io_bin_dump: cannot write '", path, "': ", std::strerror(errno));
    }
    std::unique_ptr<std::FILE, Close> text_;
    std::string folder_;
    std::vector<std::string> shown_;  // of each value, when it was made: its memory may hold another one by now
    size_t next_operator_ = 0;
};

LITE_NAMESPACE_END
#endif
