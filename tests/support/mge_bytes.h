// Small .mge files written by hand.
#ifndef LITE_TESTS_SUPPORT_MGE_BYTES_H_
#define LITE_TESTS_SUPPORT_MGE_BYTES_H_
#include <functional>

#include "lite/exec/session.h"
#include "lite/format/mge.h"
#include "lite/format/mge_wire.h"

namespace lite_test {
using namespace lite;

// Fields of a param table by their numbers.
struct MgeParam {
    int kind = 0;  // index in the union; 0: none
    std::vector<std::pair<int, uint32_t>> numbers;
    std::vector<std::pair<int, float>> reals;
    std::vector<std::pair<int, bool>> flags;
    std::vector<std::byte> list;  // field 0
    size_t list_size = 1;         // bytes of an element
};
struct MgeDType {
    detail::MgeKind kind = detail::MgeKind::f32;
    float scale = 0;
    int zero = -1;
};

class MgeWriter {
public:
    using Offset = flatbuffers::uoffset_t;
    // Variables are counted as the operators make them.
    uint32_t input(const std::string& name, const std::vector<uint32_t>& shape, MgeDType type = {}) {
        return add("Host2DeviceCopy", {}, {63, {}, {}, {}, {}, 1}, {{name, shape, type, nullptr, 0}}, {}, 1, name);
    }
    template <class T> uint32_t constant(const std::vector<uint32_t>& shape, const std::vector<T>& values, MgeDType type = {}) {
        return add("ImmutableTensor", {}, {}, {{"", shape, type, values.data(), values.size() * sizeof(T)}}, {}, 1, "");
    }
    uint32_t op(const std::string& name, const std::vector<uint32_t>& inputs, const MgeParam& param = {}, size_t outputs = 1, const MgeDType* result = nullptr) {
        return add(name, inputs, param, {}, result ? std::optional(*result) : std::nullopt, outputs, "");
    }
    void output(uint32_t var, const std::string& name) {
        names_[var] = name;
        outputs_.push_back(var);
    }
    std::string v2() {
        std::vector<Offset> middle, out;
        for (const std::string& n : names_) {
            const Offset s = text_of(n);
            middle.push_back(table([&] { ref(0, s); }));
        }
        for (uint32_t o : outputs_) out.push_back(table([&] { number<uint32_t>(0, o), number<uint32_t>(1, o); }));
        const Offset ops = refs(operators_), mids = refs(middle), outs = refs(out);
        const Offset root = table([&] {
            number<uint32_t>(0, 101300);
            number<uint32_t>(1, 2);
            ref(2, ops);
            ref(3, mids);
            ref(4, outs);
        });
        b_.FinishSizePrefixed(flatbuffers::Offset<void>(root), "mgv2");
        return {reinterpret_cast<const char*>(b_.GetBufferPointer()), b_.GetSize()};
    }
    static ModelBytes bytes(const std::string& s) { return copy_model(s.data(), s.size()); }
    std::vector<Array> run(const std::vector<Array>& in) { return Session(read_mge(bytes(v2()))).run(in); }

private:
    struct Tensor {
        std::string name;
        std::vector<uint32_t> shape;
        MgeDType type;
        const void* data;
        size_t size;
    };
    template <class F> Offset table(F&& fields) {
        const Offset start = b_.StartTable();
        fields();
        return b_.EndTable(start);
    }
    static flatbuffers::voffset_t slot(int field) { return static_cast<flatbuffers::voffset_t>(4 + 2 * field); }
    template <class T> void number(int field, T v) {
        b_.ForceDefaults(true);
        b_.AddElement<T>(slot(field), v, T{});
    }
    void ref(int field, Offset o) { b_.AddOffset(slot(field), flatbuffers::Offset<void>(o)); }
    Offset text_of(const std::string& s) { return b_.CreateString(s).o; }
    template <class T> Offset list(const std::vector<T>& v) { return b_.CreateVector(v).o; }
    Offset refs(const std::vector<Offset>& v) {
        std::vector<flatbuffers::Offset<void>> o(v.begin(), v.end());
        return b_.CreateVector(o).o;
    }
    Offset dtype(const MgeDType& t) {
        Offset q = 0;
        if (t.scale != 0)
            q = table([&] {
                number<float>(0, t.scale);
                if (t.zero >= 0) number<uint8_t>(1, static_cast<uint8_t>(t.zero));
            });
        return table([&] {
            number<int8_t>(0, static_cast<int8_t>(t.kind));
            if (q) number<uint8_t>(1, 1), ref(2, q);
        });
    }
    uint32_t add(const std::string& name, const std::vector<uint32_t>& inputs, const MgeParam& p, const std::vector<Tensor>& tensors,
                 const std::optional<MgeDType>& result, size_t outputs, const std::string& var) {
        const uint32_t first = static_cast<uint32_t>(names_.size());
        std::vector<uint32_t> made;
        for (size_t k = 0; k < outputs; ++k) {
            made.push_back(first + static_cast<uint32_t>(k));
            names_.push_back(var.empty() ? text("var", names_.size()) : var);
        }
        Offset param = 0;
        if (p.kind) {
            Offset l = 0;
            if (!p.list.empty()) {
                detail::start_vector(b_, p.list.size(), p.list_size);
                b_.PushBytes(reinterpret_cast<const uint8_t*>(p.list.data()), p.list.size());
                l = b_.EndVector(p.list.size() / p.list_size);
            }
            param = table([&] {
                if (l) ref(0, l);
                for (const auto& [f, v] : p.numbers) number<uint32_t>(f, v);
                for (const auto& [f, v] : p.reals) number<float>(f, v);
                for (const auto& [f, v] : p.flags) number<uint8_t>(f, v);
            });
        }
        std::vector<Offset> made_tensors;
        for (const Tensor& t : tensors) {
            const Offset n = t.name.empty() ? 0 : text_of(t.name), s = list(t.shape), d = dtype(t.type);
            const Offset data = t.data ? b_.CreateVector(static_cast<const uint8_t*>(t.data), t.size).o : 0;
            made_tensors.push_back(table([&] {
                if (n) ref(0, n);
                ref(1, s);
                ref(3, d);
                if (data) ref(6, data);
            }));
        }
        const Offset type = text_of(name), in = list(inputs), out = list(made), result_type = result ? dtype(*result) : 0, ts = refs(made_tensors);
        operators_.push_back(table([&] {
            ref(0, type);
            number<uint64_t>(1, detail::mge_hash(name + '\0'));
            if (param) number<uint8_t>(3, static_cast<uint8_t>(p.kind)), ref(4, param);
            ref(7, in);
            ref(8, out);
            if (result_type) ref(10, result_type);
            ref(11, ts);
            number<uint32_t>(12, 2);
        }));
        return first;
    }
    flatbuffers::FlatBufferBuilder b_;
    std::vector<Offset> operators_;
    std::vector<std::string> names_;
    std::vector<uint32_t> outputs_;
};

}  // namespace lite_test
#endif
