// Programs as users of MegEngine Lite have written them: the header names, the spellings and the order of everything that a
// program can name, and the calls of its examples. What compiles here compiled there.
#include <lite_build_config.h>

#include "lite/common_enum_c.h"
#include "lite/global.h"
#include "lite/macro.h"
#include "lite/network.h"
#include "lite/pack_model.h"
#include "lite/tensor.h"

#include <cstring>
#include <iostream>
#include <map>

#include "tests/support/interface_test.h"

namespace example {
// Names of the original's examples, which stand beside `using namespace lite`.
struct Args {
    std::string model_path;
    std::string input_path;
};
class Timer {};
using ExampleFunc = std::function<bool(const Args&)>;
using ExampleFuncMap = std::map<std::string, ExampleFunc>;
inline ExampleFuncMap* get_example_func_map() {
    static ExampleFuncMap static_map;
    return &static_map;
}
inline bool register_example(std::string example_name, const ExampleFunc& fuction) {
    (*get_example_func_map())[example_name] = fuction;
    return true;
}
inline std::shared_ptr<lite::Tensor> parse_npy(const std::string&, LiteBackend = LiteBackend::LITE_DEFAULT) {
    auto tensor =
            std::make_shared<lite::Tensor>(LiteDeviceType::LITE_CPU, lite::Layout{{1, 3, 32, 32}, 4, LiteDataType::LITE_FLOAT});
    tensor->fill_zero();
    return tensor;
}
}  // namespace example

using namespace lite;
using namespace example;

// ---- what a program can name ----

#if !LITE_BUILD_WITH_MGE || LITE_WITH_CUDA || LITE_BUILD_WITH_RKNPU || !LITE_ENABLE_LOGGING || !LITE_ENABLE_EXCEPTION || LITE_ASSERT_LOC
#error "what programs of the original ask of its configuration"
#endif
std::mutex mutex_without_its_header;  // as lite/network.h brought it
static_assert(DEBUG == 0 && INFO == 1 && WARN == 2 && ERROR == 3);
static_assert(LiteLogLevel::DEBUG == 0 && LiteLogLevel::ERROR == 3);
static_assert(OK == 0 && LITE_INTERNAL_ERROR == 1 && LITE_UNKNOWN_ERROR == 2 && ErrorCode::OK == 0);
static_assert(LITE_DEFAULT == 0 && LiteBackend::LITE_DEFAULT == 0);
static_assert(LITE_CPU == 0 && LITE_CUDA == 1 && LITE_ATLAS == 3 && LITE_NPU == 4 && LITE_CAMBRICON == 5 &&
              LITE_DEVICE_DEFAULT == 7);
static_assert(LITE_FLOAT == 0 && LITE_HALF == 1 && LITE_INT == 2 && LITE_INT16 == 3 && LITE_INT8 == 4 && LITE_UINT8 == 5 &&
              LITE_UINT == 6 && LITE_UINT16 == 7 && LITE_INT64 == 8);
static_assert(LITE_IO == 0 && LITE_INPUT == 1 && LITE_OUTPUT == 2 && LITE_IO_VALUE == 0 && LITE_IO_SHAPE == 1);
static_assert(LITE_ALGO_HEURISTIC == 1 && LITE_ALGO_PROFILE == 2 && LITE_ALGO_REPRODUCIBLE == 4 && LITE_ALGO_OPTIMIZED == 8);
static_assert(std::is_same_v<decltype(LITE_ALGO_PROFILE | LITE_ALGO_OPTIMIZED), LiteAlgoSelectStrategy>);
static_assert(LITE_NOT_COMPAT == 0 && LITE_SERIES_COMPAT == 1 && LITE_VENDOR_COMPAT == 2 && LITE_CACHE_COMPAT_LEVEL_CNT == 3);
static_assert(LiteAny::STRING == 0 && LiteAny::INT32 == 1 && LiteAny::UINT32 == 2 && LiteAny::UINT8 == 3 && LiteAny::INT8 == 4 &&
              LiteAny::INT64 == 5 && LiteAny::UINT64 == 6 && LiteAny::BOOL == 7 && LiteAny::VOID_PTR == 8 &&
              LiteAny::FLOAT == 9 && LiteAny::NONE_SUPPORT == 10);
static_assert(LiteAny::Type::FLOAT == 9);
static_assert(Layout::MAXDIM == 7 && std::is_same_v<decltype(Layout::MAXDIM), const uint32_t>);
static_assert(std::is_base_of_v<std::exception, lite::Error>);
static_assert(std::is_abstract_v<lite::Allocator> && std::has_virtual_destructor_v<lite::Allocator>);

// Aggregates, initialised in the order of their members.
static_assert(std::is_aggregate_v<Layout> && std::is_aggregate_v<Options> && std::is_aggregate_v<Config> &&
              std::is_aggregate_v<ExtraConfig> && std::is_aggregate_v<IO> && std::is_aggregate_v<NetworkIO>);
static_assert(std::is_same_v<decltype(Options::jit_level), uint8_t> &&
              std::is_same_v<decltype(Options::comp_node_seq_record_level), uint8_t> &&
              std::is_same_v<decltype(Options::graph_opt_level), uint8_t> &&
              std::is_same_v<decltype(Options::async_exec_level), uint16_t>);
const Options kAllOptions{.weight_preprocess = false,
                          .fuse_preprocess = false,
                          .fake_next_exec = false,
                          .var_sanity_check_first_run = true,
                          .const_shape = false,
                          .force_dynamic_alloc = false,
                          .force_output_dynamic_alloc = false,
                          .force_output_use_user_specified_memory = false,
                          .no_profiling_on_shape_change = false,
                          .jit_level = 0,
                          .comp_node_seq_record_level = 0,
                          .graph_opt_level = 2,
                          .async_exec_level = 1,
                          .enable_nchw44 = false,
                          .enable_nchw44_dot = false,
                          .enable_nchw88 = false,
                          .enable_nhwcd4 = false,
                          .enable_nchw4 = false,
                          .enable_nchw32 = false,
                          .enable_nchw64 = false,
                          .enable_f16_io_comp = false};
const Config kAllConfig{.has_compression = false,
                        .device_id = 0,
                        .device_type = LITE_CPU,
                        .backend = LiteBackend::LITE_DEFAULT,
                        .bare_model_cryption_name = {},
                        .options = {},
                        .auto_optimize_inference = false,
                        .discrete_input_name = {}};
const IO kAllIo{.name = "data", .is_host = true, .io_type = LiteIOType::LITE_IO_VALUE, .config_layout = {}};
const NetworkIO kAllNetworkIo{.inputs = {kAllIo}, .outputs = {}};
const ExtraConfig kAllExtra{.disable_configure_by_model_info = false};

// The signatures, as a program may keep pointers to them.
template <class A, class B>
constexpr bool same = std::is_same_v<A, B>;
using NetworkPtr = std::shared_ptr<Network>;
static_assert(
        same<StartCallback, std::function<void(const std::unordered_map<std::string, std::pair<IO, std::shared_ptr<Tensor>>>&)>>);
static_assert(same<FinishCallback, StartCallback> && same<AsyncCallback, std::function<void(void)>> &&
              same<ThreadAffinityCallback, std::function<void(int)>>);
static_assert(same<DecryptionFunc, std::function<std::vector<uint8_t>(const void*, size_t, const std::vector<uint8_t>&)>>);
static_assert(same<ParseInfoFunc, std::function<bool(const void*, size_t, const std::string, Config&, NetworkIO&,
                                                     std::unordered_map<std::string, LiteAny>&, std::string&)>>);
static_assert(same<decltype(&Runtime::set_network_algo_policy), void (*)(NetworkPtr, LiteAlgoSelectStrategy, uint32_t, bool)>);
static_assert(same<decltype(&Runtime::set_cpu_threads_number), void (*)(NetworkPtr, size_t)>);
static_assert(same<decltype(&Runtime::get_cpu_threads_number), size_t (*)(const NetworkPtr)>);
static_assert(same<decltype(&Runtime::set_runtime_thread_affinity), void (*)(NetworkPtr, const ThreadAffinityCallback&)>);
static_assert(same<decltype(&Runtime::set_memory_allocator), void (*)(NetworkPtr, std::shared_ptr<Allocator>)>);
static_assert(same<decltype(&Runtime::shared_weight_with_network), void (*)(NetworkPtr, const NetworkPtr)>);
static_assert(same<decltype(&Runtime::share_runtime_memory_with), void (*)(NetworkPtr, NetworkPtr)>);
static_assert(same<decltype(&Runtime::enable_io_txt_dump), void (*)(NetworkPtr, std::string)>);
static_assert(same<decltype(&Runtime::dump_layout_transform_model), void (*)(NetworkPtr, std::string)>);
static_assert(same<decltype(&Network::forward), void (Network::*)()> && same<decltype(&Network::wait), void (Network::*)()>);
static_assert(same<decltype(&Network::get_io_tensor), std::shared_ptr<Tensor> (Network::*)(std::string, LiteTensorPhase)>);
static_assert(same<decltype(&Network::get_discrete_tensors),
                   std::vector<std::shared_ptr<Tensor>> (Network::*)(std::string, LiteTensorPhase)>);
static_assert(same<decltype(&Network::set_async_callback), Network& (Network::*)(const AsyncCallback&)>);
static_assert(same<decltype(&Network::set_device_id), Network& (Network::*)(int)>);
static_assert(same<decltype(&Network::get_model_extra_info), const std::string& (Network::*)()>);
static_assert(
        same<decltype(&Tensor::slice), std::shared_ptr<Tensor> (Tensor::*)(const std::vector<size_t>&, const std::vector<size_t>&,
                                                                           const std::vector<size_t>&)>);
static_assert(same<decltype(&Tensor::reshape), void (Tensor::*)(const std::vector<int>&)>);
static_assert(
        same<decltype(&TensorUtils::concat), std::shared_ptr<Tensor> (*)(const std::vector<Tensor>&, int, LiteDeviceType, int)>);
static_assert(same<decltype(&lite::set_persistent_cache), void (*)(const std::string&, bool)>);
static_assert(same<decltype(&lite::get_version), void (*)(int&, int&, int&)>);
static_assert(same<decltype(&lite::lookup_physic_ptr), void* (*)(void*, LiteDeviceType, LiteBackend)>);

// A class of a user's is exported as one of the library's is.
class LITE_API CheckAllocator : public lite::Allocator {
public:
    void* allocate(LiteDeviceType device, int, size_t size, size_t align) override {
        CHECK(device == LiteDeviceType::LITE_CPU);
        m_nr_left++;
        m_nr_allocated++;
        return std::aligned_alloc(align, (size + align - 1) / align * align);
    }
    void free(LiteDeviceType, int, void* ptr) override {
        m_nr_left--;
        std::free(ptr);
    }
    std::atomic_size_t m_nr_left{0};
    std::atomic_size_t m_nr_allocated{0};
};

namespace {
const lite_test::Quiet quiet;

// ---- the programs ----

bool basic_load_from_path(const Args& args) {
    [[maybe_unused]] Timer timer;
    set_log_level(LiteLogLevel::ERROR);
    std::shared_ptr<Network> network = std::make_shared<Network>();
    network->load_model(args.model_path);
    std::shared_ptr<Tensor> input_tensor = network->get_input_tensor(0);
    auto input_layout = input_tensor->get_layout();
    auto src_tensor = parse_npy(args.input_path);
    void* src = src_tensor->get_memory_ptr();
    std::memcpy(input_tensor->get_memory_ptr(), src, input_tensor->get_tensor_total_size_in_byte());
    network->forward();
    network->wait();
    std::shared_ptr<Tensor> output_tensor = network->get_output_tensor(0);
    void* out_data = output_tensor->get_memory_ptr();
    size_t out_length = output_tensor->get_tensor_total_size_in_byte() / output_tensor->get_layout().get_elem_size();
    float max = -1.0f, sum = 0.0f;
    for (size_t i = 0; i < out_length; i++) {
        float data = static_cast<float*>(out_data)[i];
        sum += data;
        if (max < data) max = data;
    }
    return input_layout.ndim == 4 && out_length == 10 && std::fabs(sum - 1.f) < 1e-4f && max > 0.f;
}
const bool registered = register_example("basic_load_from_path", basic_load_from_path);
}  // namespace

TEST_CASE("defaults are those of the original") {
    const Options o, &all = kAllOptions;
    CHECK(std::tie(o.weight_preprocess, o.fuse_preprocess, o.fake_next_exec, o.var_sanity_check_first_run, o.const_shape,
                   o.force_dynamic_alloc, o.force_output_dynamic_alloc, o.force_output_use_user_specified_memory,
                   o.no_profiling_on_shape_change, o.jit_level, o.comp_node_seq_record_level, o.graph_opt_level,
                   o.async_exec_level) == std::tie(all.weight_preprocess, all.fuse_preprocess, all.fake_next_exec,
                                                   all.var_sanity_check_first_run, all.const_shape, all.force_dynamic_alloc,
                                                   all.force_output_dynamic_alloc, all.force_output_use_user_specified_memory,
                                                   all.no_profiling_on_shape_change, all.jit_level,
                                                   all.comp_node_seq_record_level, all.graph_opt_level, all.async_exec_level));
    CHECK_FALSE((o.enable_nchw44 || o.enable_nchw44_dot || o.enable_nchw88 || o.enable_nhwcd4 || o.enable_nchw4 ||
                 o.enable_nchw32 || o.enable_nchw64 || o.enable_f16_io_comp));
    const Config c;
    CHECK(std::tie(c.has_compression, c.device_id, c.device_type, c.backend, c.bare_model_cryption_name,
                   c.auto_optimize_inference, c.discrete_input_name) ==
          std::tie(kAllConfig.has_compression, kAllConfig.device_id, kAllConfig.device_type, kAllConfig.backend,
                   kAllConfig.bare_model_cryption_name, kAllConfig.auto_optimize_inference, kAllConfig.discrete_input_name));
    const IO io{};
    CHECK(io.is_host);
    CHECK(io.io_type == LITE_IO_VALUE);
    CHECK(io.config_layout.ndim == 0);
    CHECK_FALSE(ExtraConfig().disable_configure_by_model_info);
    CHECK(kAllNetworkIo.inputs[0].name == "data");
    CHECK_FALSE(kAllExtra.disable_configure_by_model_info);
    const Header h;
    CHECK(h.info_parse_method == "LITE_default");
    CHECK(h.info_cache_parse_method == "LITE_parse_cache");
    CHECK(get_log_level() == static_cast<LiteLogLevel>(ERROR + 1));  // as `quiet` has set it
}

TEST_CASE("a program that looks its examples up by name") {
    const lite_test::Folder folder;
    write_onnx(lite_test::small_net(), folder / "shufflenet.onnx");
    Args args;
    args.model_path = folder / "shufflenet.onnx";
    for (auto& item : *get_example_func_map()) CHECK_MESSAGE(item.second(args), item.first);
    set_log_level(static_cast<LiteLogLevel>(ERROR + 1));
}

TEST_CASE("a program with an allocator, threads, callbacks and shared weights") {
    auto allocator = std::make_shared<CheckAllocator>();
    {
        Config config;
        config.options.weight_preprocess = true;
        NetworkIO network_io{{{"data", false, LITE_IO_VALUE, Layout{{1, 3, 32, 32}, 4}}}, {{"prob", true}}};
        std::shared_ptr<Network> network = std::make_shared<Network>(config, network_io),
                                 other = std::make_shared<Network>(network_io, config);
        Runtime::set_memory_allocator(network, allocator);
        Runtime::set_cpu_threads_number(network, 2);
        network->set_device_id(1).set_stream_id(1);  // one call after the other
        network->load_model(lite_test::small_net());
        Runtime::set_cpu_inplace_mode(other);
        Runtime::shared_weight_with_network(other, network);
        volatile bool finished = false;
        network->set_start_callback([](const std::unordered_map<std::string, std::pair<IO, std::shared_ptr<Tensor>>>& inputs) {
                   CHECK(inputs.begin()->second.first.is_host);  // forced, whatever was said
               })
                .set_async_callback([&finished]() { finished = true; });
        network->get_io_tensor("data")->copy_from(*parse_npy(""));
        network->forward();
        size_t count = 0;
        while (finished == false) count++;
        other->get_input_tensor(0)->share_memory_with(*network->get_input_tensor(0));
        other->forward();
        other->wait();
        CHECK(lite_test::floats(*other->get_output_tensor(0)) == lite_test::floats(*network->get_output_tensor(0)));
    }
    CHECK(allocator->m_nr_allocated > 0);
    CHECK(allocator->m_nr_left == 0);
}
