// The operators that readers and builders know, found by their spelling in a format or by type.
#ifndef LITE_OP_REGISTRY_H_
#define LITE_OP_REGISTRY_H_
#include <mutex>

#include "lite/op/operator.h"

LITE_NAMESPACE_BEGIN

// A list of operators as a type. Define LITE_OPS as such a list before including the library, the same in every file of a program, to
// leave out of the binary what a model does not need (lite-run --check prints the list of a model).
template <class... Op> struct Ops {};

class Registry {
public:
    // The operator and the family mode that the name spells in the format; {nullptr, -1} if there is none.
    std::pair<const Operator*, int64_t> find(std::string_view format, std::string_view domain, std::string_view name) const {
        std::lock_guard lock(mutex_);
        for (auto it = operators_.rbegin(); it != operators_.rend(); ++it)  // the newest first: a user's may replace ours
            for (const Spelling& s : (*it)->spellings)
                if (s.name == name && s.format == format && s.domain == domain) return {*it, s.mode};
        return {nullptr, -1};
    }
    void add(const Operator& op) {
        std::lock_guard lock(mutex_);
        operators_.push_back(&op);
    }
    // Operators that stand behind all others: a user's of the same spelling wins, whichever came first.
    void add_behind(const Operator& op) {
        std::lock_guard lock(mutex_);
        operators_.insert(operators_.begin(), &op);
    }
    // The operator of that name of ours (Operator::name), for passes; fails if it is not in the list of operators.
    const Operator& named(std::string_view name) const {
        std::lock_guard lock(mutex_);
        for (auto it = operators_.rbegin(); it != operators_.rend(); ++it)
            if ((*it)->name == name) return **it;
        fail("operator ", name, " is not in the list of operators");
    }
    std::vector<const Operator*> all() const {
        std::lock_guard lock(mutex_);
        return operators_;
    }

private:
    mutable std::mutex mutex_;
    std::vector<const Operator*> operators_;
};

// The process-wide registry, filled with the operators of the library (op/all.h).
Registry& registry();

// Makes an operator of the user's known to readers and to Graph helpers. Ours of the same spelling is replaced.
template <class Op> void register_operator() { registry().add(describe<Op>()); }

// Adds a list of operators, in front of those that are there or behind them.
template <class... Op> void add_operators(Ops<Op...>, Registry& r, bool behind = false) {
    for (const Operator* op : std::initializer_list<const Operator*>{&describe<Op>()...}) behind ? r.add_behind(*op) : r.add(*op);
}

LITE_NAMESPACE_END
#endif
