// Memory in pages of 2 MB where the system has them.
// Nets read all of their weights and values in every run: with pages of 4 KB the misses of the address cache took 6 % of resnet18's
// time, 4 % of efficientnet_b0's and 3 % of mobilenetv2's (Zen 4, virtual machine), and load took 20 % longer.
#ifndef LITE_PLATFORM_HUGE_PAGES_H_
#define LITE_PLATFORM_HUGE_PAGES_H_
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "lite/base/array.h"

LITE_NAMESPACE_BEGIN

inline constexpr size_t kHugePage = size_t{2} << 20;
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LITE_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(LITE_ADDRESS_SANITIZER) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool kAddressSanitizer = true;  // pieces stay apart, so that reading over the end of one is seen
#else
inline constexpr bool kAddressSanitizer = false;
#endif

// Bytes for long use, freed with the last owner; null when memory is missing. From half a huge page on they begin at one and lie on as
// many as at least half of which they fill, so that no more than 1 MB is taken for nothing.
inline std::shared_ptr<std::byte> try_allocate_huge(size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (bytes >= kHugePage / 2 && bytes < SIZE_MAX / 4) {
        const size_t advised = (bytes + kHugePage / 2) / kHugePage * kHugePage, reserved = std::max(bytes, advised);
        void* const p = ::operator new(reserved, std::align_val_t(kHugePage), std::nothrow);
        if (!p) return nullptr;
        ::madvise(p, advised, MADV_HUGEPAGE);  // a kernel without them says no, and nothing is lost
        return {static_cast<std::byte*>(p), [](std::byte* q) { ::operator delete(q, std::align_val_t(kHugePage)); }};
    }
#endif
    return try_allocate_bytes(bytes);
}
inline std::shared_ptr<std::byte> try_allocate_huge(size_t bytes, const MemorySource& from) { return from ? from(bytes) : try_allocate_huge(bytes); }

// Many pieces that live about as long as one another, side by side in blocks of huge pages. A block is freed with its last piece.
// Not thread-safe.
class HugeBlocks {
public:
    // Throws lite::Error when memory is missing.
    std::shared_ptr<std::byte> allocate(size_t bytes, const MemorySource& from) {
        const size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
        total_ += rounded;
        // The first 1 MB lies on small pages, and so do all weights of a small net.
        if (from || rounded < bytes || total_ < kHugePage / 2 || kAddressSanitizer) return allocate_bytes(bytes, from);
        std::shared_ptr<std::byte> memory;
        for (size_t i = 0; i < blocks_.size(); ++i) {
            Block& b = blocks_[i];
            if (rounded <= b.size - b.used && (memory = b.memory.lock())) return piece(b, memory, rounded);
        }
        std::erase_if(blocks_, [](const Block& b) { return b.memory.expired(); });
        // What is not touched of a block takes no memory. Where even addresses are scarce it is as large as its only piece.
        size_t size = std::max(rounded, kBlock);
        memory = try_allocate_huge(size);
        if (!memory) memory = try_allocate_huge(size = rounded);
        check(memory != nullptr, "out of memory: ", bytes, " bytes were asked for");
        blocks_.push_back({memory, size});
        return piece(blocks_.back(), memory, rounded);
    }

private:
    static constexpr size_t kBlock = 16 * kHugePage;
    struct Block {
        std::weak_ptr<std::byte> memory;
        size_t size, used = 0;
    };
    static std::shared_ptr<std::byte> piece(Block& b, const std::shared_ptr<std::byte>& memory, size_t bytes) {
        b.used += bytes;
        return {memory, memory.get() + (b.used - bytes)};
    }
    std::vector<Block> blocks_;
    size_t total_ = 0;
};

LITE_NAMESPACE_END
#endif
