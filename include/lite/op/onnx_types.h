// The numbers by which ONNX calls element types, in tensors and in attributes.
#ifndef LITE_OP_ONNX_TYPES_H_
#define LITE_OP_ONNX_TYPES_H_
#include "lite/base/dtype.h"

LITE_NAMESPACE_BEGIN

namespace detail {

// Names of onnx.TensorProto.DataType, for messages, and the types that tensors here can have.
inline std::string_view onnx_type_name(int64_t t) {
    constexpr std::string_view names[] = {"UNDEFINED", "FLOAT", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "STRING", "BOOL",
                                          "FLOAT16", "DOUBLE", "UINT32", "UINT64", "COMPLEX64", "COMPLEX128", "BFLOAT16", "FLOAT8E4M3FN",
                                          "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ", "UINT4", "INT4", "FLOAT4E2M1", "FLOAT8E8M0",
                                          "UINT2", "INT2"};
    return t >= 0 && t < static_cast<int64_t>(std::size(names)) ? names[t] : std::string_view("of an unknown kind");
}
inline constexpr DType kOnnxTypes[] = {DType::none, DType::f32, DType::u8, DType::i8, DType::u16, DType::i16, DType::i32, DType::i64, DType::string,
                                       DType::boolean, DType::f16, DType::f64, DType::u32, DType::u64, DType::none, DType::none, DType::bf16,
                                       DType::f8e4m3fn, DType::f8e4m3fnuz, DType::f8e5m2, DType::f8e5m2fnuz, DType::u4, DType::i4, DType::f4e2m1,
                                       DType::f8e8m0, DType::u2, DType::i2};
inline DType dtype_of_onnx(int64_t t) { return t >= 0 && t < static_cast<int64_t>(std::size(kOnnxTypes)) ? kOnnxTypes[t] : DType::none; }
inline int64_t onnx_of_dtype(DType t) {
    for (size_t i = 1; i < std::size(kOnnxTypes); ++i)
        if (kOnnxTypes[i] == t && t != DType::none) return static_cast<int64_t>(i);
    return 0;
}

}  // namespace detail

LITE_NAMESPACE_END
#endif
