#include <algorithm>

#include <doctest/doctest.h>

#include "lite/op/rare_names.h"
#include "lite/op/rare_ops.h"
using namespace lite;

namespace {
template <class... Op> std::vector<std::string> names_of(Ops<Op...>) {
    std::vector<std::string> names;
    const auto add = [&](std::span<const Spelling> spellings) {
        for (const Spelling& s : spellings)
            if (s.format == "onnx" && s.domain != "lite") names.push_back(text(s.domain, s.domain.empty() ? "" : ".", s.name));
    };
    (add(Op::spellings), ...);
    return names;
}
}  // namespace

TEST_CASE("The error for an absent operator knows exactly those that the second include brings") {
    std::vector<std::string> want = names_of(RareOps()), have(std::begin(kRareNames), std::end(kRareNames));
    CHECK(std::is_sorted(have.begin(), have.end()));
    std::sort(want.begin(), want.end());
    CHECK(have == want);
    CHECK(is_rare("", "Einsum"));
    CHECK(is_rare("com.microsoft", "GroupQueryAttention"));
    CHECK_FALSE(is_rare("", "Conv"));
    CHECK_FALSE(is_rare("com.microsoft", "Einsum"));
}
