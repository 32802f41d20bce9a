// Inputs and outputs of a run in files: numpy's .npy and .npz, and the .pb files of ONNX's test data.
#ifndef LITE_FORMAT_VALUE_FILE_H_
#define LITE_FORMAT_VALUE_FILE_H_
#include "lite/format/npy.h"
#include "lite/format/onnx.h"

LITE_NAMESPACE_BEGIN

// The numbers as `t`, a type that numpy lacks, from the wider one in which its files hold them: floats are rounded to the nearest,
// integers must fit.
inline Array narrowed(const Array& a, DType t, const std::string& who) {
    Array out = Array::zeros(t, a.shape());
    std::byte* to = out.mutable_data();
    const auto wide = a.values<double>();
    for (size_t i = 0; i < wide.size(); ++i) {
        if (t == DType::bf16) {
            const BFloat16 v(static_cast<float>(wide[i]));
            std::memcpy(to + i * 2, &v, 2);
        } else if (is_small_float(t)) {
            to[i] = static_cast<std::byte>(small_from_double(t, wide[i]));
        } else {
            const SmallIntRange r = small_int_range(t);
            check(wide[i] >= r.low && wide[i] <= r.high, who, ": element ", i, " is ", wide[i], ", ", name_of(t), " reaches from ", r.low, " to ", r.high);
            to[i] = static_cast<std::byte>(static_cast<int>(wide[i]));
        }
    }
    return out;
}

// Whether the name is one of a file that load_value reads.
inline bool is_value_file(std::string_view path) { return path.ends_with(".npy") || path.ends_with(".npz") || path.ends_with(".pb"); }

// The value in a file, for a tensor (or sequence, optional, map) of type `dtype`: .npy holds a tensor, .npz a sequence of tensors in its
// order, .pb a TensorProto, SequenceProto, OptionalProto or MapProto, whichever `dtype` says. An optional may be given as what it
// holds. bfloat16, float8 and the like come as raw elements (see read_npy), or as float32, and 4- and 2-bit integers as int8 or uint8.
inline Array load_value(const std::string& path, DType dtype) {
    if (path.ends_with(".pb")) return read_onnx_tensor(open_model(path), dtype);
    const bool sequence = path.ends_with(".npz");
    check(sequence || path.ends_with(".npy"), path, ": a value is read from .npy, .npz and .pb files");
    Array a;
    if (sequence) {
        Items items;
        for (auto& [name, item] : load_npz_arrays(path)) items.push_back(std::move(item));
        a = make_items(DType::sequence, std::move(items));
    } else {
        a = load_npy_array(path, dtype);
    }
    if (dtype == DType::optional) return make_items(dtype, {std::move(a)});
    const bool wider = is_small_int(dtype) ? a.dtype() == DType::i8 || a.dtype() == DType::u8 : !detail::numpy_has(dtype) && a.dtype() == DType::f32;
    return wider ? narrowed(a, dtype, path) : a;
}

// Writes a tensor to `stem`.npy (types that numpy lacks in wider ones, see write_npy), all else to `stem`.pb. Returns the name of the file.
inline std::string save_value(const std::string& stem, const Array& a) {
    const bool tensor = !is_object(a.dtype()) || a.dtype() == DType::string;
    const std::string path = stem + (tensor ? ".npy" : ".pb");
    write_file(path, tensor ? write_npy(a) : write_onnx_value(a));
    return path;
}

LITE_NAMESPACE_END
#endif
