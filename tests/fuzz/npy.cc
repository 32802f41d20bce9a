// Any bytes as a .npy and as a .npz file: they may be refused by a lite::Error, nothing else; what is read is written and read again as it
// was.
#include "lite/format/npy.h"
#include "tests/fuzz/replay.h"

namespace {
using namespace lite;
void expect_same(const Array& a, const Array& b) {
    if (a.dtype() != b.dtype() || a.shape() != b.shape() || (a.bytes() != 0 && std::memcmp(a.data(), b.data(), a.bytes()) != 0)) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ModelBytes file = copy_model(data, size);
    try {
        const Array a = read_npy(file.span());
        expect_same(read_npy(write_npy(a)), a);
    } catch (const Error&) {
    }
    try {
        const NamedArrays arrays = read_npz(file.span());
        const NamedArrays again = read_npz(write_npz(arrays));
        if (again.size() != arrays.size()) std::abort();
        for (size_t i = 0; i < again.size(); ++i) {
            if (again[i].first != arrays[i].first) std::abort();
            expect_same(again[i].second, arrays[i].second);
        }
    } catch (const Error&) {
    }
    return 0;
}
