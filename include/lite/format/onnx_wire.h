// Protobuf messages as ONNX files hold them: read through protozero with every wire type checked and every error a lite::Error that
// says where, and written.
#ifndef LITE_FORMAT_ONNX_WIRE_H_
#define LITE_FORMAT_ONNX_WIRE_H_
#include <cstring>
#include <string>
#include <vector>

#include "lite/base/error.h"

#if LITE_HAS_EXCEPTIONS
#include <protozero/pbf_reader.hpp>
#else
// protozero reports malformed bytes by exceptions only. Where those are off, its throw statements become calls of the handler.
#include <exception>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <utility>
LITE_NAMESPACE_BEGIN
namespace detail {
struct WireThrow {
    template <class E> [[noreturn]] void operator=(const E& e) const { fail("ONNX model: malformed bytes: ", e.what()); }
};
}  // namespace detail
LITE_NAMESPACE_END
#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wkeyword-macro"
#endif
#pragma push_macro("throw")
#define throw ::lite::detail::WireThrow() =
#include <protozero/pbf_reader.hpp>
#pragma pop_macro("throw")
#if defined(__clang__)
#pragma clang diagnostic pop
#endif
#endif

LITE_NAMESPACE_BEGIN

// Walks the fields of one message: while (m.next()) switch (m.tag()) { case 1: x = m.integer(); break; default: m.skip(); }
class WireReader {
public:
    // `file_begin` is where the whole file begins, for messages that say where; `what` names the message, "NodeProto".
    WireReader(std::string_view bytes, const char* file_begin, const char* what)
            : reader_(bytes.data(), bytes.size()), begin_(bytes.data()), end_(bytes.data() + bytes.size()), file_(file_begin), what_(what) {}

    bool next() {
        return guarded([&] { return reader_.next(); });
    }
    uint32_t tag() const { return reader_.tag(); }
    void skip() {
        guarded([&] { reader_.skip(); });
    }
    int64_t integer() {
        expect(protozero::pbf_wire_type::varint, "an integer");
        return guarded([&] { return reader_.get_int64(); });
    }
    float real() {
        expect(protozero::pbf_wire_type::fixed32, "a float");
        return guarded([&] { return reader_.get_float(); });
    }
    std::string_view bytes() {
        expect(protozero::pbf_wire_type::length_delimited, "bytes");
        const auto v = guarded([&] { return reader_.get_view(); });
        return {v.data(), v.size()};
    }
    WireReader message(const char* what) { return {bytes(), file_, what}; }
    // Elements of a repeated numeric field, of which one occurrence is one element or a packed run of them.
    template <class F> void each_integer(F&& f) {
        if (reader_.wire_type() == protozero::pbf_wire_type::varint) return f(integer());
        const std::string_view run = bytes();
        const char *p = run.data(), *const end = p + run.size();
        while (p != end) f(static_cast<int64_t>(guarded([&] { return protozero::decode_varint(&p, end); })));
    }
    // The same for float and double, whose runs are plain little-endian elements: the bytes are appended to `out`.
    void append_fixed(std::vector<std::string_view>& out, size_t element_size) {
        if (reader_.wire_type() == protozero::pbf_wire_type::length_delimited) {
            const std::string_view run = bytes();
            if (run.size() % element_size) bad("a run of numbers is cut short");
            out.push_back(run);
            return;
        }
        expect(element_size == 4 ? protozero::pbf_wire_type::fixed32 : protozero::pbf_wire_type::fixed64, "a number");
        skip();
        out.push_back({reader_.data().data() - element_size, element_size});
    }
    std::string_view whole() const { return {begin_, static_cast<size_t>(end_ - begin_)}; }
    const char* what() const { return what_; }
    const char* file_begin() const { return file_; }
    [[noreturn]] void bad(std::string_view why) const {
        const char* p = reader_.data().data();
        fail("not a valid ONNX model: ", what_, " at byte ", static_cast<int64_t>(begin_ - file_), ", field ", tag(), " near byte ",
             static_cast<int64_t>((p ? p : begin_) - file_), ": ", why);
    }

private:
    void expect(protozero::pbf_wire_type type, const char* name) const {
        if (reader_.wire_type() != type) bad(text("expected ", name, ", found wire type ", static_cast<int>(reader_.wire_type())));
    }
    template <class F> auto guarded(F&& f) const -> decltype(f()) {
#if LITE_HAS_EXCEPTIONS
        try {
            return f();
        } catch (const protozero::exception& e) {
            bad(text("the bytes are cut short or damaged (", e.what(), ")"));
        }
#else
        return f();
#endif
    }

    protozero::pbf_reader reader_;
    const char *begin_, *end_, *file_;
    const char* what_;
};

// Appends the fields of a message to a string.
class WireWriter {
public:
    std::string out;

    void integer(uint32_t tag, int64_t v) {
        varint(tag << 3);
        varint(static_cast<uint64_t>(v));
    }
    void real(uint32_t tag, float v) {
        varint(tag << 3 | 5);
        char b[4];
        std::memcpy(b, &v, 4);
        out.append(b, 4);
    }
    void bytes(uint32_t tag, std::string_view v) {
        varint(tag << 3 | 2);
        varint(v.size());
        out += v;
    }
    // What `fill` writes becomes a message in field `tag`.
    template <class F> void message(uint32_t tag, F&& fill) {
        varint(tag << 3 | 2);
        const size_t at = out.size();
        fill();
        std::string length;
        std::swap(length, out);
        varint(length.size() - at);
        std::swap(length, out);
        out.insert(at, length);
    }

private:
    void varint(uint64_t v) {
        for (; v >= 0x80; v >>= 7) out += static_cast<char>(v | 0x80);
        out += static_cast<char>(v);
    }
};

LITE_NAMESPACE_END
#endif
