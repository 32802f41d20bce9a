// The memory of the values between the steps of a run; networks that share it take turns.
#ifndef LITE_EXEC_ARENA_H_
#define LITE_EXEC_ARENA_H_
#include <mutex>

#include "lite/platform/huge_pages.h"

LITE_NAMESPACE_BEGIN

class Arena {
public:
    // Held by a session while its values lie here.
    std::mutex mutex;
    // At least so many bytes, or null when memory is missing; the content is lost if it grows. The mutex must be held.
    std::byte* reserve(size_t bytes, const MemorySource& memory) {
        if (!data_ || bytes > bytes_) {
            data_ = nullptr;  // the old one goes before the new one comes
            bytes_ = 0;
            data_ = try_allocate_huge(bytes, memory);
            if (data_) bytes_ = bytes;
        }
        return data_.get();
    }

private:
    std::shared_ptr<std::byte> data_;
    size_t bytes_ = 0;
};

LITE_NAMESPACE_END
#endif
