// Enumerations of the public interface: plain ones at global scope, whose values are part of the binary interface.
#ifndef LITE_COMMON_ENUM_H_
#define LITE_COMMON_ENUM_H_
#include "lite/base/exception.h"  // ErrorCode

// Messages of at least the level that is set (lite::set_log_level) are printed.
enum LiteLogLevel : int {
    DEBUG = 0,
    INFO = 1,
    WARN = 2,
    ERROR = 3,
};

enum LiteBackend : int {
    LITE_DEFAULT = 0,
};

// lite computes on the CPU; LITE_DEVICE_DEFAULT means the same. The others are known by name and refused.
enum LiteDeviceType : int {
    LITE_CPU = 0,
    LITE_CUDA = 1,
    LITE_ATLAS = 3,
    LITE_NPU = 4,
    LITE_CAMBRICON = 5,
    LITE_DEVICE_DEFAULT = 7,
};

// Element types. A tensor holds all but LITE_UINT and LITE_INT64, which only have a size.
enum LiteDataType : int {
    LITE_FLOAT = 0,
    LITE_HALF = 1,
    LITE_INT = 2,
    LITE_INT16 = 3,
    LITE_INT8 = 4,
    LITE_UINT8 = 5,
    LITE_UINT = 6,
    LITE_UINT16 = 7,
    LITE_INT64 = 8,
};

// Among which tensors of a network a name is looked up; LITE_IO: inputs first, then outputs.
enum LiteTensorPhase : int {
    LITE_IO = 0,
    LITE_INPUT = 1,
    LITE_OUTPUT = 2,
};

// What of an input or output the user wants: its data, or (outputs) only its shape.
enum LiteIOType : int {
    LITE_IO_VALUE = 0,
    LITE_IO_SHAPE = 1,
};

// How an algorithm is chosen where there are several; a bit mask.
enum LiteAlgoSelectStrategy : int {
    LITE_ALGO_HEURISTIC = 1 << 0,     // by a cost model
    LITE_ALGO_PROFILE = 1 << 1,       // by measuring the candidates on this machine
    LITE_ALGO_REPRODUCIBLE = 1 << 2,  // only algorithms that give the same bits in every run
    LITE_ALGO_OPTIMIZED = 1 << 3,     // only algorithms made for this machine
};
constexpr LiteAlgoSelectStrategy operator|(LiteAlgoSelectStrategy a, LiteAlgoSelectStrategy b) {
    return static_cast<LiteAlgoSelectStrategy>(static_cast<uint32_t>(a) | static_cast<uint32_t>(b));
}

// Kept for programs that name it; lite has no OpenCL.
enum LiteOpenCLCacheCompatLevel : int {
    LITE_NOT_COMPAT = 0,
    LITE_SERIES_COMPAT = 1,
    LITE_VENDOR_COMPAT = 2,
    LITE_CACHE_COMPAT_LEVEL_CNT = 3,
};

#endif
