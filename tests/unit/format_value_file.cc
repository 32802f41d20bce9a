// Values in files as lite-run takes and gives them.
#include <doctest/doctest.h>

#include <filesystem>

#include "lite/format/value_file.h"

namespace {
using namespace lite;
namespace fs = std::filesystem;

struct Folder {
    Folder() : path(fs::temp_directory_path() / text("lite_value_file_", process_id())) { fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }
    std::string operator/(const char* name) const { return (path / name).string(); }
    fs::path path;
};
bool same(const Array& a, const Array& b) {
    if (a.dtype() != b.dtype() || !(a.shape() == b.shape())) return false;
    if (a.dtype() == DType::string) return std::equal(strings_of(a), strings_of(a) + a.count(), strings_of(b));
    if (!is_object(a.dtype())) return a.bytes() == 0 || std::memcmp(a.data(), b.data(), a.bytes()) == 0;
    return std::equal(items_of(a).begin(), items_of(a).end(), items_of(b).begin(), items_of(b).end(), same);
}
Array small(DType t, std::vector<double> v) {
    Array a = Array::zeros(t, Shape{static_cast<int64_t>(v.size())});
    for (size_t i = 0; i < v.size(); ++i)
        a.mutable_data()[i] = static_cast<std::byte>(is_small_float(t) ? small_from_double(t, v[i]) : static_cast<uint8_t>(wrap_small_int(t, static_cast<int64_t>(v[i]))));
    return a;
}
}  // namespace

TEST_CASE("every kind of value goes into a .pb file and comes back") {
    const Folder folder;
    const Array numbers = Array::of<float>({2, 2}, {1, 2, 3, 4}), words = make_strings({2}, {"a", ""});
    const Array three = make_items(DType::sequence, {numbers, Array::zeros(DType::f32, {0, 3}), Array::scalar(1.f)});
    const Array values[] = {
            numbers, Array::scalar(int64_t{-5}), Array::zeros(DType::f64, {3, 0}), words, small(DType::f8e4m3fn, {1, -2, 448}), small(DType::i4, {-8, 7, 1}),
            small(DType::u2, {0, 1, 2, 3, 3}), small(DType::f4e2m1, {6, -0.5, 1}), three, make_items(DType::sequence, {words, words}), make_items(DType::optional, {}),
            make_items(DType::optional, {numbers}), make_items(DType::optional, {three}), make_items(DType::sequence, {}),
            make_items(DType::map, {Array::vector_i64({3, 1}), Array::of<float>({2}, {0.5f, 2})}), make_items(DType::map, {words, Array::of<float>({2}, {0.5f, 2})}),
    };
    for (const Array& v : values) {
        write_file(folder / "v.pb", write_onnx_value(v, "a name"));
        CHECK(same(load_value(folder / "v.pb", v.dtype()), v));
        const bool tensor = !is_object(v.dtype()) || v.dtype() == DType::string;
        const std::string path = save_value(folder / "saved", v);
        CHECK(path == folder / (tensor ? "saved.npy" : "saved.pb"));
        CHECK(same(load_value(path, v.dtype()), v));
    }
}

TEST_CASE("numpy's files as what the model wants") {
    const Folder folder;
    const Array numbers = Array::of<float>({2}, {0.25f, 3});
    save_npy_array(folder / "f.npy", numbers);
    CHECK(same(load_value(folder / "f.npy", DType::f32), numbers));
    CHECK(same(load_value(folder / "f.npy", DType::i32), numbers));  // another type is for the caller to refuse
    CHECK(load_value(folder / "f.npy", DType::bf16).values<float>() == numbers.values<float>());
    CHECK(load_value(folder / "f.npy", DType::f8e5m2).dtype() == DType::f8e5m2);
    CHECK(same(load_value(folder / "f.npy", DType::optional), make_items(DType::optional, {numbers})));
    save_npz_arrays(folder / "s.npz", {{"x", numbers}, {"y", Array::scalar(1.f)}});
    CHECK(same(load_value(folder / "s.npz", DType::sequence), make_items(DType::sequence, {numbers, Array::scalar(1.f)})));
    save_npy_array(folder / "i.npy", Array::of<int8_t>({2}, {-8, 7}));
    CHECK(load_value(folder / "i.npy", DType::i4).values<int>() == std::vector<int>{-8, 7});
    CHECK_THROWS_WITH_AS(load_value(folder / "i.npy", DType::u4), doctest::Contains("element 0 is -8, u4 reaches from 0 to 15"), Error);
    CHECK_THROWS_WITH_AS(load_value(folder / "f.txt", DType::f32), doctest::Contains("a value is read from .npy, .npz and .pb files"), Error);
    write_file(folder / "bad.pb", std::as_bytes(std::span("garbage", 7)));
    CHECK_THROWS_AS(load_value(folder / "bad.pb", DType::f32), Error);
}
