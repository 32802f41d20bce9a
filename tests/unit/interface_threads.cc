// Networks that share weights and memory, made, run, reloaded and destroyed in any order by several threads. Also to be run under
// ThreadSanitizer.
#include <mutex>
#include <random>

#include "tests/support/interface_test.h"

using namespace lite_test;

namespace {
const Quiet quiet;
const Graph& graph() {
    static const Graph g = small_net({kUnknown, 3, 16, 16});
    return g;
}
struct Case {
    Array x;
    std::vector<float> want;
};
const std::vector<Case>& cases() {
    static const std::vector<Case> list = [] {
        std::vector<Case> c;
        for (uint32_t i = 0; i < 3; ++i) {
            const Array x = random_f32({1 + i, 3, 16, 16}, 50 + i);
            c.push_back({x, floats(expected(graph(), {x})[0])});
        }
        return c;
    }();
    return list;
}
// A network and who may use it: one thread at a time.
struct Slot {
    std::mutex mutex;
    std::shared_ptr<Network> network;
};
bool right(Network& n, size_t which) {
    const Case& c = cases()[which % cases().size()];
    return near(run(n, c.x), c.want);
}
}  // namespace

TEST_CASE("any order of calls from several threads") {
    cases();
    for (int level : {0, 1}) {  // recorded runs keep addresses
        Slot slots[4];
        std::atomic<int> runs{0}, wrong{0};
        const auto fresh = [level] {
            Config c;
            c.options.comp_node_seq_record_level = static_cast<uint8_t>(level);
            c.options.var_sanity_check_first_run = level == 0;
            return std::make_shared<Network>(c);
        };
        const auto work = [&](uint32_t seed) {
            std::mt19937 random(seed);
            for (int round = 0; round < 60; ++round) {
                const size_t i = random() % 4, other = random() % 4;
                Slot &a = slots[i], &b = slots[other];
                switch (random() % 8) {
                    case 0: {  // one more owner of the weights of another
                        if (i == other) break;
                        const std::scoped_lock lock(a.mutex, b.mutex);
                        if (!b.network) break;
                        a.network = fresh();
                        if (random() % 2) Runtime::set_cpu_threads_number(a.network, 2);
                        Runtime::shared_weight_with_network(a.network, b.network);
                        break;
                    }
                    case 1: {  // in the memory of another
                        if (i == other) break;
                        const std::scoped_lock lock(a.mutex, b.mutex);
                        if (!b.network) break;
                        a.network = fresh();
                        Runtime::share_runtime_memory_with(a.network, b.network);
                        a.network->load_model(graph());
                        break;
                    }
                    case 2: {
                        const std::scoped_lock lock(a.mutex);
                        a.network = nullptr;
                        break;
                    }
                    case 3: {
                        const std::scoped_lock lock(a.mutex);
                        if (!a.network) a.network = fresh();
                        a.network->load_model(graph());  // for the first time, or again
                        break;
                    }
                    default: {
                        const std::scoped_lock lock(a.mutex);
                        if (!a.network) break;
                        wrong += !right(*a.network, random());
                        ++runs;
                    }
                }
            }
        };
        slots[0].network = fresh();
        slots[0].network->load_model(graph());
        std::vector<std::thread> threads;
        for (uint32_t t = 0; t < 3; ++t) threads.emplace_back(work, t + 1);
        for (auto& t : threads) t.join();
        CHECK(runs > 30);
        CHECK(wrong == 0);
    }
}

TEST_CASE("asynchronous networks of one set of weights, destroyed while others run") {
    cases();
    const auto source = make_network(graph());
    std::atomic<int> done{0}, wrong{0};
    std::vector<std::thread> threads;
    for (size_t t = 0; t < 3; ++t) {
        auto n = std::make_shared<Network>();
        Runtime::shared_weight_with_network(n, source);
        threads.emplace_back([&, t, n = std::move(n)]() mutable {
            n->set_finish_callback(
                    [&, t](const auto& outputs) { wrong += !near(floats(*outputs.at("prob").second), cases()[t].want); });
            n->set_async_callback([&] { ++done; });
            set_input(*n, cases()[t].x);
            for (int i = 0; i < 10; ++i) n->forward();
            n = nullptr;  // after the last one has ended
        });
    }
    for (int i = 0; i < 10; ++i) wrong += !right(*source, 0);
    for (auto& t : threads) t.join();
    CHECK(done == 30);
    CHECK(wrong == 0);
}

TEST_CASE("settings of the process while networks are loaded") {
    cases();
    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0};
    std::thread settings([&] {
        for (int i = 0; !stop; ++i) {
            const std::string name = text("threads ", i);
            register_decryption_and_key(name, [](const void*, size_t, const std::vector<uint8_t>& key) { return key; }, {1});
            update_decryption_or_key(name, {}, {2});
            set_log_level(static_cast<LiteLogLevel>(ERROR + 1));
            try_coalesce_all_free_memory();
            const Folder folder;
            dump_persistent_cache(folder / "cache");
        }
    });
    std::vector<std::thread> threads;
    for (size_t t = 0; t < 2; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 5; ++i) {
                const auto n = std::make_shared<Network>();
                Runtime::set_network_algo_policy(n, LITE_ALGO_PROFILE);
                n->load_model(graph());
                wrong += !right(*n, t);
            }
        });
    for (auto& t : threads) t.join();
    stop = true;
    settings.join();
    CHECK(wrong == 0);
}
