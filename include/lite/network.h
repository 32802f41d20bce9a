// The network of the public interface: load a model, set its inputs, run it, read its outputs; and everything that configures it.
#ifndef LITE_NETWORK_H_
#define LITE_NETWORK_H_
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>
// Programs written for the original have std::mutex and std::lock_guard from here. <mutex> would add 3,000 lines; this part of it is
// there anyway.
#if __has_include(<bits/std_mutex.h>)
#include <bits/std_mutex.h>
#else
#include <mutex>
#endif

#include "lite/tensor.h"

LITE_NAMESPACE_BEGIN

class Graph;

// How a network computes. Results are the same under every option, up to rounding; options that ask for more than this machine or
// model offers either have no effect, where it says so, or are refused at load with an error that names the option.
struct LITE_API Options {
    // Weights are packed for the chosen kernels at load and the plain copies released. lite always does so.
    bool weight_preprocess = false;
    // Conversion, scale and shift, reordering and padding of channels right behind an input picture become one node.
    bool fuse_preprocess = false;
    // The next forward() only plans and allocates; it computes nothing and switches the option off.
    bool fake_next_exec = false;
    // The first run computes a checksum of every intermediate value and checks it again before each use.
    bool var_sanity_check_first_run = true;
    // The shapes of the inputs at load are final: what follows from them is computed once. Another shape is an error in forward().
    bool const_shape = false;
    // Every value gets memory of its own when it is computed, released after its last use, instead of a place in one arena.
    bool force_dynamic_alloc = false;
    // Outputs are computed into fresh memory in every forward(), which the output tensor then owns: they are never copied.
    bool force_output_dynamic_alloc = false;
    // Outputs are computed directly into the memory that the user gives each output tensor by Tensor::reset; forward() fails for
    // an output without such memory. Excludes force_output_dynamic_alloc and asynchronous execution.
    bool force_output_use_user_specified_memory = false;
    // Kernels chosen for the first shapes are kept when shapes change.
    bool no_profiling_on_shape_change = false;
    // 1: chains of element-wise operators run as one; 2: also with a reduction at their end.
    uint8_t jit_level = 0;
    // 1: the calls of a run are recorded with their addresses and replayed. 2: the graph is dropped, too, and shapes and the
    // addresses of inputs are final; wants var_sanity_check_first_run and fake_next_exec to be false.
    uint8_t comp_node_seq_record_level = 0;
    // 0: the graph runs as it was loaded; 1: algebraic simplification; 2: and folding of constants; 3: and fusion of element-wise chains.
    uint8_t graph_opt_level = 2;
    // 0 to 3: forward() computes in the calling thread; a mask with 4: in a thread of the network's, and wait() waits for it.
    uint16_t async_exec_level = 1;

    // Convolutions and what surrounds them run on images in the named memory layout; at most one may be set. Weights are packed
    // and images converted at the borders of the region. A layout that fits no operator of the model has no effect, which is logged.
    bool enable_nchw44 = false;
    bool enable_nchw44_dot = false;  // the same bytes as nchw44
    bool enable_nchw88 = false;
    bool enable_nhwcd4 = false;  // [N, H, C / 4, W, 4], of floats
    bool enable_nchw4 = false;  // the same bytes as nchw44
    bool enable_nchw32 = false;
    bool enable_nchw64 = false;

    // Weights are rounded to half precision, and values between operators stored in it, where what passes 65504 is infinite; operators
    // compute in single precision. Inputs and outputs keep their types.
    bool enable_f16_io_comp = false;
};

struct LITE_API Config {
    bool has_compression = false;          // the values of a .mge file are stored compressed
    int device_id = 0;                     // only reported back
    LiteDeviceType device_type = LITE_CPU; // LITE_DEVICE_DEFAULT means the CPU; others are refused
    LiteBackend backend = LiteBackend::LITE_DEFAULT;
    std::string bare_model_cryption_name = {};  // the whole file is encrypted by that method (see register_decryption_and_key)
    Options options = {};
    bool auto_optimize_inference = false;  // the memory layout is chosen for this machine
    std::string discrete_input_name = {};  // that input of batch N comes as N tensors of batch 1 (Network::get_discrete_tensors)
};

struct LITE_API ExtraConfig {
    bool disable_configure_by_model_info = false;  // ignore Config, IO and cache of a packed model; its number of threads,
                                                   // device id and inplace mode hold, and its extra_info is there
};

// What the user says of one input or output.
struct LITE_API IO {
    std::string name;                      // a name that the model does not have is ignored
    bool is_host = true;                   // all memory is the host's: false means the same
    LiteIOType io_type = LITE_IO_VALUE;
    Layout config_layout = {};             // of an input: set at load, if its rank is not 0
};

struct LITE_API NetworkIO {
    std::vector<IO> inputs = {};
    std::vector<IO> outputs = {};
};

// Memory for the arenas of networks (Runtime::set_memory_allocator). `align` is a power of two. Must be thread-safe if several
// networks use it.
class LITE_API Allocator {
public:
    virtual ~Allocator() = default;
    virtual void* allocate(LiteDeviceType device_type, int device_id, size_t size, size_t align) = 0;
    virtual void free(LiteDeviceType device_type, int device_id, void* ptr) = 0;
};

using ThreadAffinityCallback = std::function<void(int thread_id)>;
using AsyncCallback = std::function<void(void)>;
using StartCallback = std::function<void(const std::unordered_map<std::string, std::pair<IO, std::shared_ptr<Tensor>>>&)>;
using FinishCallback = std::function<void(const std::unordered_map<std::string, std::pair<IO, std::shared_ptr<Tensor>>>&)>;

// A node that has just run, for an observer.
struct LITE_API NodeRun {
    std::string name, type;           // of the node in the model, and of its operator
    std::vector<std::string> inputs;  // names of the values that it reads; "" for one that it was not given
    // Names and copies of the values that it made, shaped as in the model, a scalar as [1]; more than 6 axes become one. Element
    // types that a Tensor lacks come as LITE_FLOAT; strings and sequences as an empty tensor.
    std::vector<std::pair<std::string, std::shared_ptr<Tensor>>> outputs;
};
using NodeObserver = std::function<void(const NodeRun&)>;

class NetworkImpl;
struct NetworkAccess;

// One loaded model with its own inputs, outputs and memory. Reads ONNX files and .mge files, bare or packed.
//
//     lite::Network net;
//     net.load_model("model.onnx");
//     net.get_input_tensor(0)->copy_from(image);
//     net.forward();
//     net.wait();
//     auto scores = net.get_output_tensor(0);
//
// A network is used by one thread at a time; different networks are independent, also those that share weights. All calls
// throw lite::Error. "Before load" and "after load" below say when a call is allowed; it throws at other times.
class LITE_API Network {
public:
    Network(const Config& config = {}, const NetworkIO& network_io = {});
    Network(const NetworkIO& network_io, const Config& config = {});
    ~Network();
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    // Loads a model from memory, which is the caller's and may be released after the call. The format is told by the bytes.
    void load_model(void* model_mem, size_t size);
    // Loads a model file. Weights of uncompressed files are used in place from the mapped file.
    void load_model(std::string model_path);
    // Takes a graph made in code (lite/graph.h).
    void load_model(const Graph& graph);
    // After load, with input shapes known: writes the model file together with the kernels that were chosen for the shapes planned so
    // far and with the packed weights. load_model reads such a file like any other, and then neither chooses nor packs: the packed
    // weights are used in place. Where it does not fit (another version of lite or instruction set; choices: another number of
    // threads, other shapes) or packed weights in it are damaged, these are made anew from the model in it. Files of external data must
    // lie beside it as they did beside the model. Throws for graphs made in code and for encrypted models.
    void save_prepared(const std::string& path);

    // Before load: only the outputs named in NetworkIO are computed, and whatever they do not need is dropped.
    void compute_only_configured_output();

    // After load: the tensor of that name, among inputs, outputs, or (LITE_IO) inputs and then outputs. Each call gives
    // the same tensor.
    std::shared_ptr<Tensor> get_io_tensor(std::string name, LiteTensorPhase phase = LiteTensorPhase::LITE_IO);
    // After load: the tensors of batch 1 that stand for the input Config::discrete_input_name.
    std::vector<std::shared_ptr<Tensor>> get_discrete_tensors(std::string name, LiteTensorPhase phase = LiteTensorPhase::LITE_INPUT);
    // After load: by position in get_all_input_name() and get_all_output_name().
    std::shared_ptr<Tensor> get_input_tensor(size_t index);
    std::shared_ptr<Tensor> get_output_tensor(size_t index);
    // After load: the tensors of the input at that position: its discrete tensors, or the only one it has.
    std::vector<std::shared_ptr<Tensor>> get_input_tensors(size_t index);

    // forward() returns at once and `callback` is called from another thread when all outputs are there. An empty function returns
    // to the usual way. Throws in inplace mode and with force_output_use_user_specified_memory.
    Network& set_async_callback(const AsyncCallback& callback);
    // Called at the beginning of each forward() with the inputs by name.
    Network& set_start_callback(const StartCallback& callback);
    // Called in each wait() with the outputs by name; in asynchronous execution when they are there.
    Network& set_finish_callback(const FinishCallback& callback);

    // After load: computes the outputs from the inputs as they are now. Input shapes may differ from those of the last call. Read
    // the outputs after wait().
    void forward();
    // After load: returns when the outputs are there. May be called without a forward() before it.
    void wait();

    // After load. Inputs stand in the order of the file; outputs: first those configured in NetworkIO, in that order, then the rest
    // in the order of the file. get_output_name(i) is the i-th output of the file.
    std::string get_input_name(size_t index) const;
    std::string get_output_name(size_t index) const;
    std::vector<std::string> get_all_input_name() const;
    std::vector<std::string> get_all_output_name() const;

    // Before load. The ids are only reported back.
    Network& set_device_id(int device_id);
    int get_device_id() const;  // -1024 in inplace mode (-1025 with several threads)
    Network& set_stream_id(int stream_id);
    int get_stream_id() const;
    LiteDeviceType get_device_type() const;

    // Each wait() writes what every step took to that file, as JSON, and beside it, in FILE.trace.json, for chrome://tracing.
    void enable_profile_performance(std::string profile_file_path);
    // After load: the JSON text "extra_info" of a packed model, "" if there is none.
    const std::string& get_model_extra_info();
    // After load: writes the memory plan to graph.json, StaticMemoryInfo.json and StaticMemoryInfo.html (a page that draws it) in that
    // directory, which is made if needed.
    void get_static_memory_alloc_info(const std::string& log_dir = "logs/test") const;
    // Before load.
    void extra_configure(const ExtraConfig& extra_config);

private:
    friend class Runtime;
    friend struct NetworkAccess;
    std::shared_ptr<NetworkImpl> impl_;
};

// What is set for a network beside its Config.
class LITE_API Runtime {
public:
    // Before load. Numbers below 2 leave it at one thread. Every number of threads gives the same bits.
    static void set_cpu_threads_number(std::shared_ptr<Network> network, size_t nr_threads);
    static size_t get_cpu_threads_number(const std::shared_ptr<Network> network);
    // After load: `callback(id)` runs once in each of the n threads, with ids 0 to n - 1, before its next work; the thread that
    // calls forward() (in the usual, synchronous execution) has the id n - 1.
    static void set_runtime_thread_affinity(std::shared_ptr<Network> network, const ThreadAffinityCallback& callback);
    // Before load: everything runs in the calling thread, with nothing in between.
    static void set_cpu_inplace_mode(std::shared_ptr<Network> network);
    static bool is_cpu_inplace_mode(const std::shared_ptr<Network> network);
    // No effect on the CPU.
    static void use_tensorrt(std::shared_ptr<Network> network);
    // How algorithms are chosen; 0 keeps what was set. With LITE_ALGO_PROFILE the candidates are measured at the first run
    // of a shape, and the choices kept in the persistent cache (lite::set_persistent_cache). `shared_batch_size`: measure with that
    // batch instead of the real one, 0: with the real one. `binary_equal_between_batch`: only algorithms that compute each
    // sample of a batch alike.
    static void set_network_algo_policy(std::shared_ptr<Network> network, LiteAlgoSelectStrategy strategy, uint32_t shared_batch_size = 0,
                                        bool binary_equal_between_batch = false);
    // After load: algorithms that need more scratch memory than that are not chosen.
    static void set_network_algo_workspace_limit(std::shared_ptr<Network> network, size_t workspace_limit);
    // Before load: the memory of intermediate values comes from there and is given back when the network dies.
    static void set_memory_allocator(std::shared_ptr<Network> network, std::shared_ptr<Allocator> user_allocator);
    // Before dst is loaded: both use one arena; they must not run at the same time.
    static void share_runtime_memory_with(std::shared_ptr<Network> dst_network, std::shared_ptr<Network> src_network);
    // Each run writes the values it computed: as text to a file, or each to a file of its own in an existing directory.
    static void enable_io_txt_dump(std::shared_ptr<Network> network, std::string io_txt_out_file);
    static void enable_io_bin_dump(std::shared_ptr<Network> network, std::string io_bin_out_dir);
    // `observer` is called after each node of a run, in the order and the thread in which they run; an empty function ends that. The
    // nodes are those that run: what the model's were fused into, or with Options::graph_opt_level 0 the model's own, so that every
    // value that the model names is seen, but for views (Reshape and its like run nothing) and what is inside If, Loop and Scan.
    static void observe_nodes(std::shared_ptr<Network> network, NodeObserver observer);
    // dst is not loaded yet, src is: dst becomes the same model with inputs, outputs and memory of its own, and one copy of the weights.
    static void shared_weight_with_network(std::shared_ptr<Network> dst_network, const std::shared_ptr<Network> src_network);
    // Before load: the memory layout of every operator is chosen by what the machine takes for it.
    static void enable_global_layout_transform(std::shared_ptr<Network> network);
    // After load, if the above was called: writes the model with the chosen layouts as a .mge file that MegEngine 1.13 reads. In the
    // header-only form the writer comes with <lite/all_ops.h>. Throws with the list of all operators that MegEngine has no form for.
    static void dump_layout_transform_model(std::shared_ptr<Network> network, std::string optimized_model_path);
    // The inputs and outputs of a model, without making it ready to run. Outputs whose shape is not known have rank 0.
    static NetworkIO get_model_io_info(const std::string& model_path, const Config& config = {});
    static NetworkIO get_model_io_info(const void* model_mem, size_t size, const Config& config = {});
};

LITE_NAMESPACE_END

#if !defined(LITE_COMPILED) || defined(LITE_IMPLEMENTATION)
#include "lite/impl.h"
#endif
#endif
