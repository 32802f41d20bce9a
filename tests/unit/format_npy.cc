#include <doctest/doctest.h>

#include "lite/format/npy.h"

namespace {
using namespace lite;

std::vector<std::byte> from_base64(std::string_view s) {
    std::vector<std::byte> out;
    uint32_t hold = 0;
    int held = 0;
    for (char c : s) {
        const char* alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const char* p = std::strchr(alphabet, c);
        if (!p || c == '\0') break;
        hold = hold << 6 | static_cast<uint32_t>(p - alphabet);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out.push_back(static_cast<std::byte>(hold >> held & 255));
        }
    }
    return out;
}
std::string failure_of(std::span<const std::byte> bytes) {
    try {
        read_npy(bytes);
    } catch (const Error& e) {
        return e.what();
    }
    return "";
}
std::vector<std::byte> npy_with_header(std::string_view dict, size_t data_bytes) {
    std::string s("\x93NUMPY\x01\x00", 8);
    s += static_cast<char>(dict.size());
    s += '\0';
    s += dict;
    s += std::string(data_bytes, '\1');
    const auto* p = reinterpret_cast<const std::byte*>(s.data());
    return {p, p + s.size()};
}
// np.savez_compressed(a=np.arange(40, dtype=np.float32).reshape(5, 8) % 3, b=np.array([True, False]))
constexpr std::string_view compressed =
        "UEsDBC0AAAAIAAAAIQDvgGz1//////////8FABQAYS5ucHkBABAAIAEAAAAAAABQAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndL"
        "zClOBYoXZyQWpAL5GqY6ChaaOgq1CmQDLgYwaLAHEg6DkQ0AUEsDBC0AAAAIAAAAIQDuGbtd//////////8FABQAYi5ucHkBABAAggAAAAAAAABGAAAAAAAAAJvsF+obEMnI"
        "UMZQrZ6SWpxcpG6loF6TZKiuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6mjoKtQoUAC5GBgBQSwECLQMtAAAACAAAACEA74Bs9VAAAAAgAQAABQAAAAAAAAAA"
        "AAAAgAEAAAAAYS5ucHlQSwECLQMtAAAACAAAACEA7hm7XUYAAACCAAAABQAAAAAAAAAAAAAAgAGHAAAAYi5ucHlQSwUGAAAAAAIAAgBmAAAABAEAAAAA";
}  // namespace

TEST_CASE("every element type and rank survives a round trip") {
    for (DType t : {DType::f32, DType::f16, DType::f64, DType::i8, DType::u8, DType::i16, DType::u16, DType::i32, DType::u32, DType::i64,
                    DType::u64, DType::boolean})
        for (const Shape& s : {Shape{}, Shape{3}, Shape{2, 0, 3}, Shape{2, 3, 4, 1, 2}}) {
            Array a = Array::zeros(t, s);
            for (size_t i = 0; i < a.bytes(); ++i) a.mutable_data()[i] = static_cast<std::byte>(t == DType::boolean ? i % 2 : i * 7 + 1);
            const auto bytes = write_npy(a);
            CHECK((bytes.size() - a.bytes()) % 64 == 0);
            const Array b = read_npy(bytes);
            CHECK(b.dtype() == t);
            CHECK(b.shape() == s);
            CHECK(std::memcmp(a.data(), b.data(), a.bytes()) == 0);
        }
    const Array brain = Array::of<BFloat16>({1}, {BFloat16(1.5f)});
    CHECK(read_npy(write_npy(brain)).values<float>() == std::vector<float>{1.5f});
}

TEST_CASE("big-endian elements in column-major order") {
    // np.asfortranarray(np.arange(6, dtype='>i2').reshape(2, 3))
    const Array a = read_npy(from_base64("k05VTVBZAQB2AHsnZGVzY3InOiAnPmkyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAg"
                                             "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAADAAEABAACAAU="));
    CHECK(a.dtype() == DType::i16);
    CHECK(a.shape() == Shape{2, 3});
    CHECK(a.values<int>() == std::vector<int>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("text, as numpy fills it up") {
    const Array words = make_strings({2, 2}, {"", "a", "gr\xc3\xbc\xc3\x9f", "\xf0\x9f\x8d\x8b\xe2\x82\xac"});  // code points of one to four bytes
    const auto bytes = write_npy(words);
    CHECK(std::string_view(reinterpret_cast<const char*>(bytes.data()) + 10, 16) == "{'descr': '<U4',");
    const Array back = read_npy(bytes);
    CHECK(back.shape() == words.shape());
    for (int i = 0; i < 4; ++i) CHECK(strings_of(back)[i] == strings_of(words)[i]);
    CHECK(read_npy(write_npy(make_strings({0}, {}))).count() == 0);
    // np.array([[b'ab', b'c'], [b'', b'de']]).T, which lies column-major in the file
    auto columns = npy_with_header("{'descr': '|S2', 'fortran_order': True, 'shape': (2, 2), }", 8);
    std::memcpy(columns.data() + columns.size() - 8, "ab\0\0c\0de", 8);
    const Array s = read_npy(columns);
    const std::string_view want[] = {"ab", "c", "", "de"};
    for (int i = 0; i < 4; ++i) CHECK(strings_of(s)[i] == want[i]);
    auto swapped = npy_with_header("{'descr': '>U1', 'fortran_order': False, 'shape': (1,), }", 4);
    std::memcpy(swapped.data() + swapped.size() - 4, "\0\0\0x", 4);
    CHECK(strings_of(read_npy(swapped))[0] == "x");
    swapped[swapped.size() - 4] = std::byte{1};
    CHECK(failure_of(swapped).find("code point") != std::string::npos);
}

TEST_CASE("types that numpy lacks: raw elements in, wider numbers out") {
    auto raw = npy_with_header("{'descr': '<V2', 'fortran_order': False, 'shape': (2,), }", 4);
    CHECK(failure_of(raw).find("'<V2' are not supported") != std::string::npos);  // of which type they are only the reader knows
    const BFloat16 half(0.5f), minus(-3.f);
    std::memcpy(raw.data() + raw.size() - 4, &half, 2);
    std::memcpy(raw.data() + raw.size() - 2, &minus, 2);
    const Array b = read_npy(raw, "it", DType::bf16);
    CHECK(b.dtype() == DType::bf16);
    CHECK(b.values<float>() == std::vector<float>{0.5f, -3.f});
    CHECK(read_npy(write_npy(b)).dtype() == DType::f32);
    auto bytes = npy_with_header("{'descr': '|V1', 'fortran_order': False, 'shape': (2,), }", 2);
    bytes[bytes.size() - 2] = std::byte{0x7};
    bytes[bytes.size() - 1] = std::byte{0xf};  // of a byte with a number of four bits the upper four say nothing
    CHECK(read_npy(bytes, "it", DType::i4).values<int>() == std::vector<int>{7, -1});
    CHECK(read_npy(bytes, "it", DType::u4).values<int>() == std::vector<int>{7, 15});
    CHECK(read_npy(bytes, "it", DType::f4e2m1).values<float>() == std::vector<float>{6, -6});
    CHECK(read_npy(bytes, "it", DType::f8e5m2).dtype() == DType::f8e5m2);
    const auto named = npy_with_header("{'descr': '<f1', 'fortran_order': False, 'shape': (2,), }", 2);
    CHECK(read_npy(named, "it", DType::f8e5m2).dtype() == DType::f8e5m2);
    CHECK(failure_of(named).find("'<f1' are not supported") != std::string::npos);
    const Array i2 = read_npy(write_npy(read_npy(bytes, "it", DType::i2)));
    CHECK(i2.dtype() == DType::i8);
    CHECK(i2.values<int>() == std::vector<int>{-1, -1});
}

TEST_CASE("what is no array is refused, whatever it is") {
    const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n";
    CHECK(read_npy(npy_with_header(good, 8)).count() == 2);
    CHECK(failure_of(npy_with_header(good, 7)).find("the 7 bytes that the file has") != std::string::npos);
    CHECK(failure_of({}).find("is no .npy file") != std::string::npos);
    for (const char* bad : {"{'descr': '<c8', 'fortran_order': False, 'shape': (2,), }", "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }",
                            "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", "{'descr': '<f4', 'shape': (2,), }",
                            "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }", "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }",
                            "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 1), }",
                            "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 2), }",
                            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
                            "{'descr': '<f4', 'fortran_order': False, 'shape': (2", "{'descr': '<f4", "{'descr':", "", "'shape'"})
        CHECK(failure_of(npy_with_header(bad, 64)).find("the .npy data") != std::string::npos);
    const auto bytes = write_npy(Array::of<float>({2, 2}, {1, 2, 3, 4}));
    for (size_t n = 0; n < bytes.size(); ++n) CHECK(failure_of(std::span(bytes).first(n)) != "");
    for (size_t i = 0; i < 80; ++i)  // any damage is an error or another array, never a crash
        for (int v : {0, 39, 255}) {
            auto damaged = bytes;
            damaged[i] = static_cast<std::byte>(v);
            failure_of(damaged);
        }
}

TEST_CASE(".npz files, compressed and not") {
    const auto zip = from_base64(compressed);
    const NamedArrays arrays = read_npz(zip);
    REQUIRE(arrays.size() == 2);
    CHECK(arrays[0].first == "a");
    CHECK(arrays[0].second.shape() == Shape{5, 8});
    const auto v = arrays[0].second.values<float>();
    for (size_t i = 0; i < 40; ++i) CHECK(v[i] == static_cast<float>(i % 3));
    CHECK(arrays[1].first == "b");
    CHECK(arrays[1].second.values<int>() == std::vector<int>{1, 0});
    const auto again = write_npz(arrays);
    const NamedArrays back = read_npz(again);
    REQUIRE(back.size() == 2);
    CHECK(back[0].second.values<float>() == v);
    CHECK(read_npz(write_npz({})).empty());
    const auto survives = [](std::vector<std::byte> bytes) {
        try {
            read_npz(bytes);
        } catch (const Error&) {
        }
    };
    for (size_t n = 0; n < zip.size(); ++n) survives({zip.begin(), zip.begin() + static_cast<std::ptrdiff_t>(n)});
    for (size_t i = 0; i < zip.size(); ++i)
        for (int x : {0, 1, 127, 255}) {
            auto damaged = zip;
            damaged[i] = static_cast<std::byte>(x);
            survives(damaged);
        }
}

TEST_CASE("CRC-32 of the usual check text") {
    const std::string_view s = "123456789";
    CHECK(detail::crc32(std::as_bytes(std::span(s.data(), s.size()))) == 0xCBF43926u);
}
