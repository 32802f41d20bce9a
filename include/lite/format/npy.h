// Arrays in numpy's files: .npy (one array) and .npz (a zip of them), read and written.
#ifndef LITE_FORMAT_NPY_H_
#define LITE_FORMAT_NPY_H_
#include "lite/base/objects.h"
#include "lite/format/bytes.h"

LITE_NAMESPACE_BEGIN

namespace detail {

// The values in the dictionary of the header, which is a Python literal that numpy writes in one fixed form.
class NpyHeader {
public:
    NpyHeader(std::string_view header, const std::string& file) : s_(header), file_(file) {}
    std::string_view text_of(std::string_view key) {
        seek(key);
        check(at_ < s_.size() && (s_[at_] == '\'' || s_[at_] == '"'), file_, ": '", key, "' in the header is no plain type");
        const char quote = s_[at_++];
        const size_t end = s_.find(quote, at_);
        check(end != std::string_view::npos, file_, ": the header is cut off");
        return s_.substr(at_, end - at_);
    }
    bool flag_of(std::string_view key) {
        seek(key);
        check(s_.substr(at_, 4) == "True" || s_.substr(at_, 5) == "False", file_, ": '", key, "' in the header is neither True nor False");
        return s_[at_] == 'T';
    }
    Shape shape_of(std::string_view key) {
        seek(key);
        check(at_ < s_.size() && s_[at_] == '(', file_, ": '", key, "' in the header is no tuple");
        ++at_;
        Shape shape;
        for (;;) {
            while (at_ < s_.size() && (s_[at_] == ' ' || s_[at_] == ',' || s_[at_] == 'L')) ++at_;
            check(at_ < s_.size(), file_, ": the header is cut off");
            if (s_[at_] == ')') return shape;
            check(s_[at_] >= '0' && s_[at_] <= '9', file_, ": '", key, "' in the header is no tuple of extents");
            int64_t v = 0;
            while (at_ < s_.size() && s_[at_] >= '0' && s_[at_] <= '9') {
                check(v < (int64_t{1} << 58), file_, ": an extent in the header is too large");
                v = v * 10 + (s_[at_++] - '0');
            }
            check(shape.rank() < kMaxRank, file_, ": more than ", kMaxRank, " axes");
            shape.push_back(v);
        }
    }

private:
    void seek(std::string_view key) {
        const size_t k = s_.find(text('\'', key, '\''));
        check(k != std::string_view::npos, file_, ": the header has no '", key, "'");
        at_ = s_.find(':', k + key.size() + 2);
        check(at_ != std::string_view::npos, file_, ": the header is cut off");
        do ++at_;
        while (at_ < s_.size() && s_[at_] == ' ');
    }
    std::string_view s_;
    std::string file_;
    size_t at_ = 0;
};

// Whether numpy itself has numbers of that type. Those that it lacks are written in the next wider type that holds all of them.
constexpr bool numpy_has(DType t) { return t != DType::bf16 && !is_small_float(t) && !is_small_int(t); }
// The element type that numpy spells by this letter and so many bytes. Raw bytes ('V') are of type `raw`, if its elements are as large.
inline DType npy_dtype(char kind, size_t size, DType raw) {
    switch (kind) {
        case 'f':
            if (size == 1) return raw == DType::f8e5m2 ? raw : DType::none;  // the only one of eight bits that ml_dtypes calls so
            return size == 4 ? DType::f32 : size == 2 ? DType::f16 : size == 8 ? DType::f64 : DType::none;
        case 'i': return size == 1 ? DType::i8 : size == 2 ? DType::i16 : size == 4 ? DType::i32 : size == 8 ? DType::i64 : DType::none;
        case 'u': return size == 1 ? DType::u8 : size == 2 ? DType::u16 : size == 4 ? DType::u32 : size == 8 ? DType::u64 : DType::none;
        case 'b': return size == 1 ? DType::boolean : DType::none;
        case 'U': case 'S': return DType::string;
        case 'V': return !numpy_has(raw) && size == size_of(raw) ? raw : DType::none;
        default: return DType::none;
    }
}
inline std::string_view npy_descr(DType t) {
    switch (t) {
        case DType::f32: return "<f4";
        case DType::f16: return "<f2";
        case DType::f64: return "<f8";
        case DType::i8: return "|i1";
        case DType::u8: return "|u1";
        case DType::i16: return "<i2";
        case DType::u16: return "<u2";
        case DType::i32: return "<i4";
        case DType::u32: return "<u4";
        case DType::i64: return "<i8";
        case DType::u64: return "<u8";
        case DType::boolean: return "|b1";
        default: break;
    }
    fail("an array of type ", name_of(t), " cannot be saved in numpy's format");
}
inline void append_utf8(std::string& s, uint32_t c) {
    const unsigned more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;  // bytes behind the first
    s += static_cast<char>(more ? (0xff00u >> (more + 1) & 0xff) | c >> 6 * more : c);
    for (unsigned k = more; k-- > 0;) s += static_cast<char>(0x80 | (c >> 6 * k & 0x3f));
}
// Text in numpy's files: elements of `size` bytes, each filled up with zeros; 'S' are bytes, 'U' code points of four bytes.
inline Array npy_strings(const std::byte* data, char kind, size_t size, const Shape& shape, const std::string& file) {
    std::vector<std::string> strings(static_cast<size_t>(shape.count()));
    for (std::string& s : strings) {
        if (kind == 'S') {
            s.assign(reinterpret_cast<const char*>(data), size);
            s.resize(s.find_last_not_of('\0') + 1);
        } else {
            size_t n = size / 4;
            const auto point = [&](size_t i) {
                uint32_t c;
                std::memcpy(&c, data + i * 4, 4);
                return c;
            };
            while (n && point(n - 1) == 0) --n;
            for (size_t i = 0; i < n; ++i) {
                const uint32_t c = point(i);
                check(c < 0x110000, file, ": a string has the code point ", c, ", which there is not");
                append_utf8(s, c);
            }
        }
        data += size;
    }
    return make_strings(shape, std::move(strings));
}
// The code points of a UTF-8 string; bytes that are none stand for themselves.
inline std::vector<uint32_t> code_points(std::string_view s) {
    std::vector<uint32_t> out;
    for (size_t i = 0; i < s.size();) {
        const auto byte = [&](size_t k) { return static_cast<uint32_t>(static_cast<unsigned char>(s[k])); };
        const size_t more = byte(i) >= 0xf0 ? 3 : byte(i) >= 0xe0 ? 2 : byte(i) >= 0xc0 ? 1 : 0;
        bool whole = i + more < s.size();
        for (size_t k = 1; whole && k <= more; ++k) whole = (byte(i + k) & 0xc0) == 0x80;
        uint32_t c = more && whole ? byte(i) & (0x3fu >> more) : byte(i);
        if (more && whole)
            for (size_t k = 1; k <= more; ++k) c = c << 6 | (byte(i + k) & 0x3f);
        out.push_back(c);
        i += whole ? more + 1 : 1;
    }
    return out;
}

}  // namespace detail

// The array in the bytes of a .npy file; `file` opens the messages. Both byte orders and both memory orders, versions 1 to 3 of the
// format, text, and all element types of tensors. Types that numpy lacks stand in files as raw bytes (descr '<V2', '|V1', '<f1', as
// ml_dtypes writes them), which do not say of which type they are: they are read as `raw`. Complex numbers and objects are refused.
inline Array read_npy(std::span<const std::byte> bytes, const std::string& file = "the .npy data", DType raw = DType::none) {
    const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
    check(bytes.size() >= 12 && std::memcmp(p, "\x93NUMPY", 6) == 0, file, " is no .npy file");
    const bool v1 = p[6] == 1;
    check(p[6] >= 1 && p[6] <= 3, file, ": version ", static_cast<int>(p[6]), " of the .npy format, 1 to 3 are known");
    const size_t length = v1 ? p[8] | size_t{p[9]} << 8 : p[8] | size_t{p[9]} << 8 | size_t{p[10]} << 16 | size_t{p[11]} << 24;
    const size_t begin = v1 ? 10 : 12;
    check(length <= bytes.size() - begin, file, ": the header is cut off");
    detail::NpyHeader header({reinterpret_cast<const char*>(p) + begin, length}, file);
    const std::string descr(header.text_of("descr"));
    const Shape shape = header.shape_of("shape");
    const bool plain = descr.size() >= 3 && descr.size() <= 10 && std::all_of(descr.begin() + 2, descr.end(), [](char c) { return c >= '0' && c <= '9'; });
    check(plain, file, ": elements of type '", descr, "' are not supported");
    const char kind = descr[1];
    const size_t es = std::stoul(descr.substr(2)) * (kind == 'U' ? 4 : 1);
    const DType dtype = detail::npy_dtype(kind, es, raw);
    check(dtype != DType::none && es > 0 && (descr[0] == '<' || descr[0] == '>' || descr[0] == '|' || descr[0] == '='), file, ": elements of type '",
          descr, "' are not supported");
    check(shape.addressable(), file, ": ", shape, " elements are too many to address");
    const size_t n = static_cast<size_t>(shape.count()), rest = bytes.size() - begin - length;
    check(n <= rest / es, file, ": ", shape, " elements of type ", descr, " need more than the ", rest, " bytes that the file has");
    const std::byte* data = bytes.data() + begin + length;
    Array out = Array::zeros(dtype == DType::string ? DType::u8 : dtype, dtype == DType::string ? Shape{static_cast<int64_t>(n * es)} : shape);
    std::byte* to = out.mutable_data();
    if (header.flag_of("fortran_order") && shape.rank() > 1) {
        Shape index = Shape::filled(shape.rank(), 0);
        for (size_t i = 0; i < n; ++i) {  // i counts in the order of the file: the first axis runs fastest
            int64_t o = 0;
            for (size_t k = 0; k < shape.rank(); ++k) o = o * shape[k] + index[k];
            std::memcpy(to + static_cast<size_t>(o) * es, data + i * es, es);
            for (size_t k = 0; k < shape.rank(); ++k) {
                if (++index[k] < shape[k]) break;
                index[k] = 0;
            }
        }
    } else if (n) {
        std::memcpy(to, data, n * es);
    }
    if (const size_t unit = kind == 'U' ? 4 : es; descr[0] == '>' && kind != 'S')
        for (size_t i = 0; i < n * es; i += unit) std::reverse(to + i, to + i + unit);
    if (dtype == DType::string) return detail::npy_strings(out.data(), kind, es, shape, file);
    if (dtype == DType::boolean)  // any non-zero byte is true
        for (size_t i = 0; i < n; ++i) to[i] = to[i] == std::byte{0} ? std::byte{0} : std::byte{1};
    if (is_small_int(dtype))  // of the byte, only the low bits count
        for (size_t i = 0; i < n; ++i) to[i] = static_cast<std::byte>(wrap_small_int(dtype, static_cast<int64_t>(to[i])));
    if (dtype == DType::f4e2m1)
        for (size_t i = 0; i < n; ++i) to[i] &= std::byte{15};
    return out;
}
inline Array load_npy_array(const std::string& path, DType raw = DType::none) {
    const FileBytes f = map_file(path);
    return read_npy({f.data.get(), f.size}, path, raw);
}

// The bytes of a .npy file (version 1, data 64-byte aligned in it). Of what numpy has no type, floats become float32, integers int8 or
// uint8, which hold them all. Throws for sequences, optionals and maps.
inline std::vector<std::byte> write_npy(const Array& a) {
    Array data = a;
    std::string descr;
    if (a.dtype() == DType::string) {
        std::vector<std::vector<uint32_t>> points;
        size_t longest = 1;  // numpy itself writes no text of length 0
        for (int64_t i = 0; i < a.count(); ++i) {
            points.push_back(detail::code_points(strings_of(a)[i]));
            longest = std::max(longest, points.back().size());
        }
        descr = text("<U", longest);
        data = Array::zeros(DType::u32, Shape{a.count(), static_cast<int64_t>(longest)});
        for (size_t i = 0; i < points.size(); ++i)
            if (!points[i].empty()) std::memcpy(data.mutable_data() + i * longest * 4, points[i].data(), points[i].size() * 4);
    } else if (a.dtype() == DType::bf16 || is_small_float(a.dtype())) {
        data = Array::of(a.shape(), a.values<float>());
    } else if (is_small_int(a.dtype())) {
        data = a.dtype() == DType::u4 || a.dtype() == DType::u2 ? Array::of(a.shape(), a.values<uint8_t>()) : Array::of(a.shape(), a.values<int8_t>());
    }
    if (descr.empty()) descr = detail::npy_descr(data.dtype());
    std::string dict = text("{'descr': '", descr, "', 'fortran_order': False, 'shape': (");
    for (size_t i = 0; i < a.shape().rank(); ++i) append(dict, text(a.shape()[i], a.shape().rank() == 1 ? "," : i + 1 < a.shape().rank() ? ", " : ""));
    dict += "), }";
    while ((10 + dict.size() + 1) % 64 != 0) dict += ' ';
    dict += '\n';
    std::string head("\x93NUMPY\x01\x00", 8);
    head += static_cast<char>(dict.size() & 255);
    head += static_cast<char>(dict.size() >> 8);
    head += dict;
    std::vector<std::byte> out(head.size() + data.bytes());
    std::memcpy(out.data(), head.data(), head.size());
    data.copy_to(out.data() + head.size());
    return out;
}
// Written under another name and then renamed, so that no reader sees half of it.
inline void save_npy_array(const std::string& path, const Array& a) { write_file(path, write_npy(a)); }

// ---- zip ----

namespace detail {

// Decompression of the "deflate" method (RFC 1951) into exactly `size` bytes.
class Inflate {
public:
    Inflate(std::span<const std::byte> in, size_t size, const std::string& file) : in_(in), size_(size), file_(file) {}
    std::vector<std::byte> run() {
        for (bool last = false; !last;) {
            last = bits(1) != 0;
            switch (bits(2)) {
                case 0: stored(); break;
                case 1: {
                    unsigned char lengths[320];
                    for (size_t i = 0; i < 288; ++i) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
                    std::memset(lengths + 288, 5, 30);
                    literal_.make(lengths, 288);
                    distance_.make(lengths + 288, 30);
                    block();
                    break;
                }
                case 2: dynamic(); break;
                default: broken();
            }
        }
        check(out_.size() == size_, file_, ": ", out_.size(), " bytes were unpacked, ", size_, " expected");
        return std::move(out_);
    }

private:
    struct Codes {
        uint16_t count[16], symbol[288];
        void make(const unsigned char* lengths, size_t n) {
            std::memset(count, 0, sizeof count);
            for (size_t i = 0; i < n; ++i) ++count[lengths[i]];
            count[0] = 0;
            uint16_t at[16] = {};
            for (size_t l = 1; l < 15; ++l) at[l + 1] = static_cast<uint16_t>(at[l] + count[l]);
            for (size_t i = 0; i < n; ++i)
                if (lengths[i]) symbol[at[lengths[i]]++] = static_cast<uint16_t>(i);
        }
    };
    [[noreturn]] void broken() const { fail(file_, ": the compressed data is broken"); }
    unsigned bits(unsigned n) {
        while (held_ < n) {
            if (at_ >= in_.size()) broken();
            hold_ |= static_cast<uint32_t>(in_[at_++]) << held_;
            held_ += 8;
        }
        const unsigned v = hold_ & ((1u << n) - 1);
        hold_ >>= n;
        held_ -= n;
        return v;
    }
    // Canonical codes: those of one length are consecutive numbers, so counting is enough to find the symbol.
    unsigned decode(const Codes& c) {
        int code = 0, first = 0, index = 0;
        for (int l = 1; l < 16; ++l) {
            code |= static_cast<int>(bits(1));
            const int n = c.count[l];
            if (code - first < n) return c.symbol[index + code - first];
            index += n;
            first = (first + n) << 1;
            code <<= 1;
        }
        broken();
    }
    void stored() {
        hold_ = held_ = 0;
        if (in_.size() - at_ < 4) broken();
        const size_t n = static_cast<size_t>(in_[at_]) | static_cast<size_t>(in_[at_ + 1]) << 8;
        at_ += 4;
        if (in_.size() - at_ < n || size_ - out_.size() < n) broken();
        out_.insert(out_.end(), in_.begin() + static_cast<std::ptrdiff_t>(at_), in_.begin() + static_cast<std::ptrdiff_t>(at_ + n));
        at_ += n;
    }
    void dynamic() {
        static constexpr unsigned char order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
        const unsigned nl = bits(5) + 257, nd = bits(5) + 1, nc = bits(4) + 4;
        if (nl > 286 || nd > 30) broken();
        unsigned char lengths[320] = {};
        for (unsigned i = 0; i < nc; ++i) lengths[order[i]] = static_cast<unsigned char>(bits(3));
        literal_.make(lengths, 19);
        std::memset(lengths, 0, sizeof lengths);
        for (unsigned i = 0; i < nl + nd;) {
            const unsigned s = decode(literal_);
            if (s < 16) {
                lengths[i++] = static_cast<unsigned char>(s);
                continue;
            }
            if (s == 16 && i == 0) broken();
            const unsigned char value = s == 16 ? lengths[i - 1] : 0;
            unsigned n = s == 16 ? 3 + bits(2) : s == 17 ? 3 + bits(3) : 11 + bits(7);
            if (i + n > nl + nd) broken();
            while (n--) lengths[i++] = value;
        }
        literal_.make(lengths, nl);
        distance_.make(lengths + nl, nd);
        block();
    }
    void block() {
        static constexpr uint16_t length_base[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                                     31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
        static constexpr uint8_t length_extra[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
        static constexpr uint16_t distance_base[30] = {1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
                                                       193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
        for (;;) {
            const unsigned s = decode(literal_);
            if (s == 256) return;
            if (s < 256) {
                if (out_.size() >= size_) broken();
                out_.push_back(static_cast<std::byte>(s));
                continue;
            }
            if (s > 285) broken();
            const size_t n = length_base[s - 257] + bits(length_extra[s - 257]);
            const unsigned d = decode(distance_);
            if (d > 29) broken();
            const size_t back = distance_base[d] + bits(d < 4 ? 0 : d / 2 - 1);
            if (back > out_.size() || n > size_ - out_.size()) broken();
            for (size_t i = 0; i < n; ++i) out_.push_back(out_[out_.size() - back]);
        }
    }
    std::span<const std::byte> in_;
    size_t size_, at_ = 0;
    std::string file_;
    uint32_t hold_ = 0;
    unsigned held_ = 0;
    Codes literal_{}, distance_{};
    std::vector<std::byte> out_;
};

inline uint32_t crc32(std::span<const std::byte> bytes) {
    static const auto table = [] {
        std::array<uint32_t, 256> t{};
        for (uint32_t i = 0; i < 256; ++i) {
            uint32_t c = i;
            for (int k = 0; k < 8; ++k) c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
            t[i] = c;
        }
        return t;
    }();
    uint32_t c = 0xFFFFFFFFu;
    for (std::byte b : bytes) c = table[(c ^ static_cast<uint32_t>(b)) & 255] ^ (c >> 8);
    return ~c;
}
template <class T>
inline T read_le(const std::byte* p) {
    T v;
    std::memcpy(&v, p, sizeof v);
    return v;
}

}  // namespace detail

using NamedArrays = std::vector<std::pair<std::string, Array>>;

// The arrays of a .npz file in its order, stored or compressed, names without ".npy". Entries of other kinds are passed over.
inline NamedArrays read_npz(std::span<const std::byte> zip, const std::string& file = "the .npz data") {
    using detail::read_le;
    const auto broken = [&](bool ok) { check(ok, file, " is no .npz file, or is cut off"); };
    // The directory stands at the end, its place in a record of 22 bytes that only a comment may follow.
    broken(zip.size() >= 22);
    size_t end = zip.size() - 22;
    for (const size_t stop = end > 65535 ? end - 65535 : 0; read_le<uint32_t>(zip.data() + end) != 0x06054b50u; --end) broken(end > stop);
    size_t at = read_le<uint32_t>(zip.data() + end + 16);
    const size_t count = read_le<uint16_t>(zip.data() + end + 10);
    NamedArrays out;
    for (size_t i = 0; i < count; ++i) {
        broken(at <= end && end - at >= 46 && read_le<uint32_t>(zip.data() + at) == 0x02014b50u);
        const std::byte* e = zip.data() + at;
        const size_t name_length = read_le<uint16_t>(e + 28), extra_length = read_le<uint16_t>(e + 30), comment = read_le<uint16_t>(e + 32);
        uint64_t packed = read_le<uint32_t>(e + 20), size = read_le<uint32_t>(e + 24), local = read_le<uint32_t>(e + 42);
        const uint16_t method = read_le<uint16_t>(e + 10);
        broken(end - at >= 46 + name_length + extra_length + comment);
        std::string name(reinterpret_cast<const char*>(e + 46), name_length);
        // Sizes of 4 GiB and more stand in an extra field of type 1, in this order, where the small field is all ones.
        for (size_t x = 46 + name_length; x + 4 <= 46 + name_length + extra_length;) {
            const size_t type = read_le<uint16_t>(e + x), length = read_le<uint16_t>(e + x + 2);
            broken(x + 4 + length <= 46 + name_length + extra_length);
            if (type == 1) {
                size_t k = x + 4;
                for (uint64_t* v : {&size, &packed, &local})
                    if (*v == 0xFFFFFFFFu && k + 8 <= x + 4 + length) {
                        *v = read_le<uint64_t>(e + k);
                        k += 8;
                    }
            }
            x += 4 + length;
        }
        at += 46 + name_length + extra_length + comment;
        if (name.size() < 4 || name.compare(name.size() - 4, 4, ".npy") != 0) continue;
        name.resize(name.size() - 4);
        const std::string who = text(file, ", array '", name, "'");
        broken(local <= zip.size() && zip.size() - local >= 30);
        const size_t begin = static_cast<size_t>(local) + 30 + read_le<uint16_t>(zip.data() + local + 26) + read_le<uint16_t>(zip.data() + local + 28);
        broken(begin <= zip.size() && packed <= zip.size() - begin);
        const std::span<const std::byte> data(zip.data() + begin, static_cast<size_t>(packed));
        if (method == 0) {
            out.emplace_back(std::move(name), read_npy(data, who));
        } else {
            check(method == 8, who, ": compression method ", method, " is not supported");
            out.emplace_back(std::move(name), read_npy(detail::Inflate(data, static_cast<size_t>(size), who).run(), who));
        }
    }
    return out;
}
inline NamedArrays load_npz_arrays(const std::string& path) {
    const FileBytes f = map_file(path);
    return read_npz({f.data.get(), f.size}, path);
}

// The bytes of a .npz file, not compressed.
inline std::vector<std::byte> write_npz(const NamedArrays& arrays) {
    std::vector<std::byte> out, directory;
    const auto put = [](std::vector<std::byte>& to, auto v) {
        const auto* p = reinterpret_cast<const std::byte*>(&v);
        to.insert(to.end(), p, p + sizeof v);
    };
    check(arrays.size() < 65535, "a .npz file of ", arrays.size(), " arrays: at most 65534 are possible");
    for (const auto& [array_name, a] : arrays) {
        const std::string name = array_name + ".npy";
        const std::vector<std::byte> data = write_npy(a);
        check(data.size() < 0xFFFFFFFFu && out.size() + data.size() < 0xFFFFFFFFu, "a .npz file of 4 GiB or more cannot be written");
        const uint32_t offset = static_cast<uint32_t>(out.size()), size = static_cast<uint32_t>(data.size());
        // Version 2.0, no flags, stored, 1 January 1980.
        const auto fields = [&](std::vector<std::byte>& to) {
            for (uint16_t v : {uint16_t{20}, uint16_t{0}, uint16_t{0}, uint16_t{0}, uint16_t{33}}) put(to, v);
            put(to, detail::crc32(data));
            put(to, size);
            put(to, size);
            put(to, static_cast<uint16_t>(name.size()));
            put(to, uint16_t{0});
        };
        const auto* n = reinterpret_cast<const std::byte*>(name.data());
        put(out, uint32_t{0x04034b50});
        fields(out);
        out.insert(out.end(), n, n + name.size());
        out.insert(out.end(), data.begin(), data.end());
        put(directory, uint32_t{0x02014b50});
        put(directory, uint16_t{20});
        fields(directory);
        for (int i = 0; i < 3; ++i) put(directory, uint16_t{0});
        put(directory, uint32_t{0});
        put(directory, offset);
        directory.insert(directory.end(), n, n + name.size());
    }
    const uint32_t begin = static_cast<uint32_t>(out.size()), size = static_cast<uint32_t>(directory.size());
    out.insert(out.end(), directory.begin(), directory.end());
    put(out, uint32_t{0x06054b50});
    put(out, uint32_t{0});
    put(out, static_cast<uint16_t>(arrays.size()));
    put(out, static_cast<uint16_t>(arrays.size()));
    put(out, size);
    put(out, begin);
    put(out, uint16_t{0});
    return out;
}
inline void save_npz_arrays(const std::string& path, const NamedArrays& arrays) { write_file(path, write_npz(arrays)); }

LITE_NAMESPACE_END
#endif
