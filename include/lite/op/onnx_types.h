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
                                          "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ", "UINT4", "INT4", "FLOAT4E2M1", "FLOAT8E8M0"};
    return t >= 0 && t < static_cast<int64_t>(std::size(names)) ? names[t] : std::string_view("of an unknown kind");
}
inline DType dtype_of_onnx(int64_t t) {
    constexpr DType types[] = {DType::none, DType::f32, DType::u8, DType::i8, DType::u16, DType::i16, DType::i32, DType::i64, DType::none,
                               DType::boolean, DType::f16, DType::f64, DType::u32, DType::u64, DType::none, DType::none, DType::bf16};
    return t >= 0 && t < static_cast<int64_t>(std::size(types)) ? types[t] : DType::none;
}

inline int64_t onnx_of_dtype(DType t) {
    switch (t) {
        case DType::none: return 0;
        case DType::f32: return 1;
        case DType::u8: return 2;
        case DType::i8: return 3;
        case DType::u16: return 4;
        case DType::i16: return 5;
        case DType::i32: return 6;
        case DType::i64: return 7;
        case DType::boolean: return 9;
        case DType::f16: return 10;
        case DType::f64: return 11;
        case DType::u32: return 12;
        case DType::u64: return 13;
        case DType::bf16: return 16;
    }
    return 0;
}

}  // namespace detail

LITE_NAMESPACE_END
#endif
