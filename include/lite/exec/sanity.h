// Finds kernels that write where they must not: checksums of tensors when they are made, compared before each use.
#ifndef LITE_EXEC_SANITY_H_
#define LITE_EXEC_SANITY_H_
#include "lite/base/hash.h"
#include "lite/graph/graph.h"
#include "lite/layout/tensor_view.h"

LITE_NAMESPACE_BEGIN

class SanityCheck {
public:
    // The tensor was just made, by the node or (null) the caller.
    void made(const TensorView& t, std::string_view by) {
        if (!t || !t.data || t.bytes() == 0) return;
        Entry& e = find(t.data);
        e = {t.data, t.bytes(), hash_of(t.data, t.bytes()), std::string(by)};
    }
    void about_to_use(const TensorView& t, const Who& user) {
        if (!t || !t.data) return;
        for (const Entry& e : entries_)
            if (e.data == t.data && e.bytes == t.bytes())
                check(hash_of(e.data, e.bytes) == e.sum, user, ": its input, ", t.dtype, t.shape, " made by ", e.by,
                      ", changed before this use: var sanity check failed (Options::var_sanity_check_first_run)");
    }

private:
    struct Entry {
        const void* data = nullptr;
        size_t bytes = 0;
        uint64_t sum = 0;
        std::string by;
    };
    Entry& find(const void* data) {
        for (Entry& e : entries_)
            if (e.data == data) return e;
        return entries_.emplace_back();
    }
    std::vector<Entry> entries_;
};

LITE_NAMESPACE_END
#endif
