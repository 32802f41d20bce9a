// Reads .npy files for tests, independently of the library's own reader.
#ifndef LITE_TESTS_SUPPORT_NPY_H_
#define LITE_TESTS_SUPPORT_NPY_H_
#include <fstream>
#include <iterator>
#include <string>

#include "lite/base/array.h"

namespace lite_test {

// A C-ordered little-endian array; throws lite::Error for anything else.
inline lite::Array read_npy(const std::string& path) {
    using namespace lite;
    std::ifstream f(path, std::ios::binary);
    check(f.good(), "cannot open ", path);
    const std::string bytes{std::istreambuf_iterator<char>(f), {}};
    check(bytes.size() > 10 && bytes.compare(0, 6, "\x93NUMPY") == 0, path, " is no .npy file");
    const bool v1 = bytes[6] == 1;
    size_t length = 0;
    for (size_t i = 0; i < (v1 ? 2u : 4u); ++i) length |= static_cast<size_t>(static_cast<unsigned char>(bytes[8 + i])) << (8 * i);
    const size_t start = (v1 ? 10 : 12) + length;
    const std::string header = bytes.substr(v1 ? 10 : 12, length);
    check(header.find("'fortran_order': False") != std::string::npos, path, " is not in C order");
    const size_t d = header.find("'descr': '") + 10;
    const std::string type = header.substr(d, header.find('\'', d) - d);
    DType dtype = DType::none;
    for (const auto& [name, t] : {std::pair{"<f4", DType::f32}, {"<f2", DType::f16}, {"<f8", DType::f64}, {"|i1", DType::i8}, {"|u1", DType::u8},
                                  {"<i2", DType::i16}, {"<u2", DType::u16}, {"<i4", DType::i32}, {"<u4", DType::u32}, {"<i8", DType::i64},
                                  {"<u8", DType::u64}, {"|b1", DType::boolean}})
        if (type == name) dtype = t;
    check(dtype != DType::none, path, " has elements of type ", type);
    Shape shape;
    const size_t open = header.find("'shape': (") + 10;
    for (size_t i = open; header[i] != ')';) {
        if (header[i] >= '0' && header[i] <= '9') {
            size_t used = 0;
            shape.push_back(std::stoll(header.substr(i), &used));
            i += used;
        } else {
            ++i;
        }
    }
    Array a = Array::zeros(dtype, shape);
    check(bytes.size() - start >= a.bytes(), path, " is too short");
    if (a.bytes()) std::memcpy(a.mutable_data(), bytes.data() + start, a.bytes());
    return a;
}

}  // namespace lite_test
#endif
