#include <numeric>

#include <doctest/doctest.h>

#include "lite/global.h"
#include "lite/pack_model.h"
#include "lite/registries.h"
#include "lite/base/log.h"

namespace {
using lite::Layout;
using lite::Tensor;
using lite::TensorUtils;

std::string message_of(const std::function<void()>& f) {
    try {
        f();
    } catch (const lite::Error& e) {
        return e.what();
    }
    return "";
}
#define CHECK_FAILS(expression, part) CHECK(message_of([&] { (void)(expression); }).find(part) != std::string::npos)

// Errors are logged; tests provoke many.
struct Quiet {
    Quiet() { lite::log_level().store(static_cast<int>(lite::LogLevel::error) + 1); }
    ~Quiet() { lite::log_level().store(static_cast<int>(lite::LogLevel::error)); }
} quiet;

void iota(Tensor& t) {
    auto* p = static_cast<float*>(t.get_memory_ptr());
    std::iota(p, p + t.get_tensor_total_size_in_byte() / 4, 0.f);
}
std::vector<float> values(const Tensor& t) {
    Tensor dense;
    dense.copy_from(t);
    const auto* p = static_cast<const float*>(dense.get_memory_ptr());
    return {p, p + dense.get_tensor_total_size_in_byte() / 4};
}
}  // namespace

TEST_CASE("enumerations have the values of the binary interface") {
    CHECK(LITE_CPU == 0);
    CHECK(LiteDeviceType::LITE_DEVICE_DEFAULT == 7);
    CHECK(LITE_INT64 == 8);
    CHECK(LITE_UINT16 == 7);
    CHECK((LITE_ALGO_PROFILE | LITE_ALGO_REPRODUCIBLE) == 6);
    CHECK(lite::LiteAny::NONE_SUPPORT == 10);
}

TEST_CASE("a layout is an aggregate that knows its element size") {
    const Layout l{{1, 3, 224, 224}, 4};
    CHECK(l.data_type == LITE_FLOAT);
    CHECK(l.get_elem_size() == 4);
    CHECK(Layout{{2, 3}, 2, LITE_INT8} == Layout{{2, 3, 9}, 2, LITE_INT8});
    CHECK_FALSE(Layout{{2, 3}, 2, LITE_INT8} == Layout{{2, 3}, 2, LITE_UINT8});
    CHECK_FALSE(Layout{{2, 3}, 2} == Layout{{2, 3, 1}, 3});
    CHECK(Layout{{1}, 1, LITE_INT64}.get_elem_size() == 8);
    CHECK(Layout{{1}, 1, LITE_UINT}.get_elem_size() == 4);
    CHECK(Layout{{1}, 1, LITE_HALF}.get_elem_size() == 2);
    Layout bad{{1}, 1};
    bad.data_type = static_cast<LiteDataType>(99);
    CHECK_FAILS(bad.get_elem_size(), "99");
}

TEST_CASE("constructors, getters and lazy memory") {
    Tensor empty;
    CHECK(empty.get_layout().ndim == 0);
    CHECK(empty.get_tensor_total_size_in_byte() == 0);
    CHECK_FAILS(empty.get_memory_ptr(), "Tensor layout is not valid when get memory ptr.");
    Tensor t(LITE_CPU, Layout{{1, 3, 224, 224}, 4});
    CHECK(t.get_device_type() == LITE_CPU);
    CHECK(t.get_tensor_total_size_in_byte() == 1u * 3 * 224 * 224 * 4);
    CHECK(t.is_continue_memory());
    CHECK(reinterpret_cast<uintptr_t>(t.get_memory_ptr()) % 64 == 0);
    CHECK(Tensor(3, LITE_CPU).get_device_id() == 3);
    CHECK_FALSE(Tensor(LITE_CPU, true).is_pinned_host());
    CHECK_FAILS(Tensor(LITE_CUDA), "LITE_CUDA");
    CHECK_FAILS(Tensor(static_cast<LiteBackend>(1)), "backend 1");
    Tensor zero(LITE_CPU, Layout{{2, 0, 3}, 3});
    CHECK(zero.get_tensor_total_size_in_byte() == 0);
    CHECK(zero.get_memory_ptr() != nullptr);
    Tensor handle = t;  // a second handle, not a copy
    CHECK(handle.get_memory_ptr() == t.get_memory_ptr());
}

TEST_CASE("set_layout keeps memory that is large enough") {
    Tensor t(LITE_CPU, Layout{{1, 3, 224, 224}, 4});
    void* p = t.get_memory_ptr();
    t.set_layout(Layout{{1, 3, 100, 100}, 4, LITE_INT8});
    CHECK(t.get_memory_ptr() == p);
    CHECK(t.get_tensor_total_size_in_byte() == 30000);
    t.set_layout(Layout{{1, 3, 224, 224}, 4});
    CHECK(t.get_memory_ptr() == p);
    CHECK_FAILS(t.set_layout(Layout{{1, 1, 1, 1, 1, 1, 1}, 7}), "7 axes");
    CHECK_FAILS(t.set_layout(Layout{{1}, 1, LITE_INT64}), "unsupport dtype in lite");
    CHECK_FAILS(t.set_layout(Layout{{1}, 1, LITE_UINT}), "unsupport dtype in lite");
    CHECK_FAILS(t.set_layout(Layout{{size_t(1) << 40, size_t(1) << 40}, 2}), "too large");
    CHECK(t.get_layout() == Layout{{1, 3, 224, 224}, 4});
}

TEST_CASE("reset uses the memory of the user") {
    std::vector<float> a(12, 1.f), b(12, 2.f);
    Tensor t;
    CHECK_FAILS(t.reset(a.data(), 48), "please reset with layout");
    t.set_layout(Layout{{3, 4}, 2});
    CHECK_FAILS(t.reset(a.data(), 47), "the memory reset to the tensor is too small.");
    t.reset(a.data(), 48);
    CHECK(t.get_memory_ptr() == a.data());
    t.reset(b.data(), Layout{{2, 6}, 2});
    CHECK(t.get_memory_ptr() == b.data());
    CHECK(t.get_layout() == Layout{{2, 6}, 2});
    CHECK(a[0] == 1.f);
    t.set_layout(Layout{{100}, 1});  // does not fit: memory of its own
    CHECK(t.get_memory_ptr() != b.data());
}

TEST_CASE("copy_from") {
    Tensor empty, a(LITE_CPU, Layout{{3, 4}, 2}), b;
    CHECK_FAILS(b.copy_from(empty), "src layout is empty");
    iota(a);
    b.copy_from(a);
    CHECK(b.get_layout() == a.get_layout());
    CHECK(b.get_memory_ptr() != a.get_memory_ptr());
    CHECK(values(b) == values(a));
    void* p = b.get_memory_ptr();
    Tensor small(LITE_CPU, Layout{{2}, 1, LITE_INT8});
    small.fill_zero();
    b.copy_from(small);
    CHECK(b.get_memory_ptr() == p);
    CHECK(b.get_layout() == small.get_layout());
    Tensor three(3, LITE_CPU, Layout{{3, 4}, 2});
    three.copy_from(a);
    CHECK(three.get_device_id() == -1024);
}

TEST_CASE("share_memory_with makes one more owner") {
    Tensor t, empty;
    CHECK_FAILS(t.share_memory_with(empty), "src layout is empty");
    {
        Tensor source(LITE_CPU, Layout{{3, 4}, 2});
        iota(source);
        t.share_memory_with(source);
        CHECK(t.get_memory_ptr() == source.get_memory_ptr());
    }
    CHECK(t.get_layout() == Layout{{3, 4}, 2});
    CHECK(values(t)[11] == 11.f);
}

TEST_CASE("reshape") {
    const int n = 3 * 8 * 8;
    Tensor t(LITE_CPU, Layout{{3, 8, 8}, 3, LITE_INT8}), empty;
    void* p = t.get_memory_ptr();
    CHECK_FAILS(empty.reshape({1}), "The tensor to be reshape is empty.");
    CHECK_FAILS(t.reshape({1, 1, 1, 1, 1, 1, n}), "The ndim of reshape input is too large.");
    CHECK_FAILS(t.reshape({-1, -1, n}), "The reshape inputs invalid.");
    CHECK_FAILS(t.reshape({-1, 3, n}), "The reshape inputs invalid.");
    CHECK_FAILS(t.reshape({1, 3, n}), "The reshape inputs invalid.");
    CHECK_FAILS(t.reshape({3, 3, n}), "The reshape inputs invalid.");
    CHECK_FAILS(t.reshape({0, n}), "The reshape inputs invalid.");
    CHECK_FAILS(t.reshape({-2, n}), "The reshape inputs invalid.");
    t.reshape({n});
    CHECK(t.get_layout() == Layout{{3 * 8 * 8}, 1, LITE_INT8});
    t.reshape({-1, 8, 8});
    CHECK(t.get_layout() == Layout{{3, 8, 8}, 3, LITE_INT8});
    CHECK(t.get_memory_ptr() == p);
}

TEST_CASE("slices are views") {
    Tensor t(LITE_CPU, Layout{{20, 20}, 2});
    iota(t);
    CHECK_FAILS(t.slice({0}, {1, 2}), "sizes of start and end");
    CHECK_FAILS(t.slice({0}, {1}, {1, 1}), "sizes of start and step");
    CHECK_FAILS(t.slice({0, 0, 0}, {1, 1, 1}), "3 ranges");
    CHECK_FAILS(t.slice({0}, {1}, {0}), "step 0");
    const auto columns = t.slice({0, 0}, {20, 10});
    CHECK(columns->get_layout() == Layout{{20, 10}, 2});
    CHECK_FALSE(columns->is_continue_memory());
    const auto* base = static_cast<float*>(t.get_memory_ptr());
    CHECK(t.get_memory_ptr({10, 10}) == base + 210);
    CHECK(t.get_memory_ptr({5}) == base + 100);
    CHECK(columns->get_memory_ptr({6, 5}) == base + 6 * 20 + 5);
    CHECK_FAILS(t.get_memory_ptr({20, 0}), "index 20");
    CHECK_FAILS(t.get_memory_ptr({0, 0, 0}), "3 indices");
    const auto stepped = t.slice({1, 2}, {20, 9}, {7, 3});
    CHECK(values(*stepped) == std::vector<float>{22, 25, 28, 162, 165, 168, 302, 305, 308});
    CHECK(values(*stepped->slice({1, 1}, {3, 2})) == std::vector<float>{165, 305});
    const auto rows = t.slice({2}, {4});
    CHECK(rows->is_continue_memory());
    CHECK(rows->get_memory_ptr() == base + 40);
    Tensor eight(LITE_CPU, Layout{{8, 4}, 2});
    CHECK(eight.slice({0, 0}, {9, 4})->get_layout() == Layout{{8, 4}, 2});
    CHECK(eight.slice({0, 0}, {2, 4})->is_continue_memory());
    CHECK(eight.slice({3, 0}, {3, 4})->get_layout() == Layout{{0, 4}, 2});
    CHECK(eight.slice({5}, {2})->get_tensor_total_size_in_byte() == 0);
    CHECK_FAILS(columns->reshape({200}), "gaps");
}

TEST_CASE("writing through slices touches only their elements") {
    Tensor t(LITE_CPU, Layout{{4, 6}, 2});
    iota(t);
    const auto middle = t.slice({1, 2}, {3, 5});
    Tensor source(LITE_CPU, Layout{{2, 3}, 2}), other(LITE_CPU, Layout{{3, 2}, 2});
    auto* s = static_cast<float*>(source.get_memory_ptr());
    std::fill(s, s + 6, -1.f);
    middle->copy_from(source);
    CHECK_FAILS(middle->copy_from(other), "cannot take a tensor of shape [3,2]");
    auto v = values(t);
    for (size_t i = 0; i < 24; ++i) {
        const bool inside = i / 6 >= 1 && i / 6 < 3 && i % 6 >= 2 && i % 6 < 5;
        CHECK(v[i] == (inside ? -1.f : static_cast<float>(i)));
    }
    middle->fill_zero();
    v = values(t);
    CHECK(std::accumulate(v.begin(), v.end(), 0.f) == 276.f - (8 + 9 + 10 + 14 + 15 + 16));
    // Overlapping views of one tensor: rows shifted by one.
    iota(t);
    t.slice({1, 0}, {4, 5})->copy_from(*t.slice({0, 0}, {3, 5}));
    CHECK(values(t) == std::vector<float>{0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 11, 6, 7, 8, 9, 10, 17, 12, 13, 14, 15, 16, 23});
    // A contiguous slice that takes more than it covers leaves its parent alone.
    iota(t);
    const auto row = t.slice({1}, {2});
    Tensor big(LITE_CPU, Layout{{2, 6}, 2});
    big.fill_zero();
    row->copy_from(big);
    CHECK(row->get_layout() == Layout{{2, 6}, 2});
    CHECK(values(t)[12] == 12.f);
    CHECK_FAILS(Tensor().fill_zero(), "without a layout");
}

TEST_CASE("concat") {
    std::vector<Tensor> parts;
    for (int i = 0; i < 4; ++i) {
        parts.emplace_back(LITE_CPU, Layout{{2, 1, 2}, 3});
        auto* p = static_cast<float*>(parts.back().get_memory_ptr());
        for (int k = 0; k < 4; ++k) p[k] = static_cast<float>(10 * i + k);
    }
    CHECK(values(*TensorUtils::concat(parts, 0)) ==
          std::vector<float>{0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32, 33});
    CHECK(values(*TensorUtils::concat(parts, 1)) ==
          std::vector<float>{0, 1, 10, 11, 20, 21, 30, 31, 2, 3, 12, 13, 22, 23, 32, 33});
    const auto last = TensorUtils::concat(parts, 2);
    CHECK(last->get_layout() == Layout{{2, 1, 8}, 3});
    CHECK(values(*last) == values(*TensorUtils::concat(parts, 1)));
    parts.emplace_back(LITE_CPU, Layout{{0, 1, 2}, 3});
    CHECK(TensorUtils::concat(parts, 0)->get_layout() == Layout{{8, 1, 2}, 3});
    CHECK_FAILS(TensorUtils::concat(parts, 1), "the shape of tensors is not same!");
    CHECK_FAILS(TensorUtils::concat(parts, 3), "the dim in concat is error.");
    parts.back().set_layout(Layout{{2, 1, 2}, 3, LITE_INT});
    CHECK_FAILS(TensorUtils::concat(parts, 0), "the dtype of tensors is not same!");
    parts.back().set_layout(Layout{{2, 1}, 2});
    CHECK_FAILS(TensorUtils::concat(parts, 0), "the dim size of tensors is not same!");
    CHECK(TensorUtils::concat({}, 0)->get_layout().ndim == 0);
    Tensor wide(LITE_CPU, Layout{{2, 4}, 2});
    iota(wide);
    CHECK(values(*TensorUtils::concat({*wide.slice({0, 1}, {2, 3}), *wide.slice({0, 0}, {2, 1})}, 1)) ==
          std::vector<float>{1, 2, 0, 5, 6, 4});
}

TEST_CASE("LiteAny") {
    lite::LiteAny empty, a(7), s(std::string("x")), c("text"), b(true);
    CHECK(a.safe_cast<int>() == 7);
    CHECK(s.safe_cast<std::string>() == "x");
    CHECK(c.safe_cast<std::string>() == "text");
    CHECK(b.try_cast<bool>());
    CHECK_FALSE(a.try_cast<float>());
    CHECK_FAILS(a.safe_cast<uint32_t>(), "of storage enum is 1, type of visit enum is 2.");
    CHECK_FAILS(empty.safe_cast<int>(), "of storage enum is 10");
    lite::LiteAny copy = s;
    CHECK(copy.cast_void_ptr() != s.cast_void_ptr());
    copy = empty;
    CHECK(copy.cast_void_ptr() == nullptr);
    CHECK(empty.get_type<float>() == lite::LiteAny::FLOAT);
}

TEST_CASE("settings of the process") {
    int major = -1, minor = -1, patch = -1;
    lite::get_version(major, minor, patch);
    CHECK(major == LITE_VERSION_MAJOR);
    CHECK(minor == LITE_VERSION_MINOR);
    CHECK(patch == LITE_VERSION_PATCH);
    CHECK(lite::get_device_count(LITE_CPU) >= 1);
    CHECK(lite::get_device_count(LITE_CUDA) == 0);
    lite::try_coalesce_all_free_memory();
    const size_t before = lite::decryption_registry().size();
    CHECK(lite::register_decryption_and_key("test method", {}, {1, 2}));
    CHECK(lite::decryption_registry().size() == before + 1);
    CHECK_FAILS(lite::register_decryption_and_key("test method", {}, {}), "The decryption method test method is already registered.");
    CHECK_FAILS(lite::decryption_registry().decrypt("test method", "", 0), "No decryption function in test method method.");
    lite::update_decryption_or_key("test method", [](const void*, size_t, const std::vector<uint8_t>& key) { return key; }, {});
    CHECK(lite::decryption_registry().decrypt("test method", "", 0) == std::vector<uint8_t>{1, 2});
    lite::update_decryption_or_key("test method", {}, {3});
    CHECK(lite::decryption_registry().decrypt("test method", "", 0) == std::vector<uint8_t>{3});
    CHECK_FAILS(lite::update_decryption_or_key("no such", {}, {}), "The decryption method no such is not registered.");
    CHECK_FAILS(lite::decryption_registry().decrypt("no such", "", 0), "is not registed yet.");
    const lite::ParseInfoFunc parse = [](const void*, size_t, const std::string, lite::Config&, lite::NetworkIO&,
                                         std::unordered_map<std::string, lite::LiteAny>&, std::string&) { return true; };
    CHECK(lite::register_parse_info_func("test info", parse));
    CHECK_FAILS(lite::register_parse_info_func("test info", parse), "The parse info method test info is already registered.");
    CHECK_FAILS(lite::dump_tensor_rt_cache(), "TensorRT is disable at compile time.");
    CHECK_FAILS(lite::register_memory_pair(nullptr, nullptr, 0, LITE_CPU), "register_memory_pair is not implement yet!");
    CHECK_FAILS(lite::ModelPacker("no model", "b.lite"), "no model");
}
