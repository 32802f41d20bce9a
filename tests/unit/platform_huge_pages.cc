#include <cstring>

#include <doctest/doctest.h>

#include "lite/platform/huge_pages.h"

namespace {
bool aligned(const void* p, size_t to) { return reinterpret_cast<uintptr_t>(p) % to == 0; }
}  // namespace

TEST_CASE("large memory begins at a huge page, small memory at a cache line") {
    const auto large = lite::try_allocate_huge(5 << 20), small = lite::try_allocate_huge(1000);
    REQUIRE(large);
    REQUIRE(small);
#if defined(__linux__)
    CHECK(aligned(large.get(), lite::kHugePage));
#endif
    CHECK(aligned(small.get(), lite::kAlignment));
    std::memset(large.get(), 1, 5 << 20);
    std::memset(small.get(), 1, 1000);
    for (int shift = 0; shift < 8; ++shift) {
        const volatile size_t absurd = SIZE_MAX >> shift;  // volatile: compilers warn of what they see to be too large
        CHECK(lite::try_allocate_huge(absurd) == nullptr);
    }
}

TEST_CASE("pieces of a block are aligned, lie apart, and keep what was written to them") {
    lite::HugeBlocks blocks;
    std::vector<std::pair<std::shared_ptr<std::byte>, size_t>> pieces;
    for (size_t i = 0; i < 60; ++i) {
        const size_t bytes = i % 7 == 6 ? (size_t{3} << 20) + i : 1 + 50000 * i;
        pieces.emplace_back(blocks.allocate(bytes, {}), bytes);
        CHECK(aligned(pieces.back().first.get(), lite::kAlignment));
        std::memset(pieces.back().first.get(), static_cast<int>(i), bytes);
        if (i % 5 == 4) pieces.erase(pieces.begin() + static_cast<ptrdiff_t>(i / 5));
    }
    pieces.emplace_back(blocks.allocate(size_t{40} << 20, {}), size_t{40} << 20);  // more than a block
    std::memset(pieces.back().first.get(), 99, pieces.back().second);
    for (const auto& [p, bytes] : pieces)
        for (size_t i = 1; i < bytes; i += 997) REQUIRE(p.get()[i] == p.get()[0]);
}

TEST_CASE("a block outlives those that allocated from it, and a memory source of the caller's is asked for every piece") {
    std::shared_ptr<std::byte> kept;
    {
        lite::HugeBlocks blocks;
        for (int i = 0; i < 4; ++i) kept = blocks.allocate(700000, {});
    }
    std::memset(kept.get(), 7, 700000);
    CHECK(kept.get()[699999] == std::byte{7});

    lite::HugeBlocks blocks;
    size_t asked = 0;
    const lite::MemorySource source = [&](size_t bytes) {
        asked += bytes;
        return bytes > 1000000 ? nullptr : lite::try_allocate_bytes(bytes);
    };
    for (int i = 0; i < 10; ++i) CHECK(blocks.allocate(900000, source) != nullptr);
    CHECK(asked == 9000000);
    CHECK_THROWS_AS(blocks.allocate(2000000, source), lite::Error);
    const volatile size_t absurd = SIZE_MAX - 100;
    CHECK_THROWS_WITH_AS(lite::HugeBlocks().allocate(absurd, {}), doctest::Contains("out of memory"), lite::Error);
}
