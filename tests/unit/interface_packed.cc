// Packed and encrypted models: containers, information, ciphers, and what a damaged file does.
#include "lite/format/pack.h"
#include "lite/registries.h"
#include "tests/support/encrypt.h"
#include "tests/support/interface_test.h"

using namespace lite_test;

namespace {
const Quiet quiet;
const Array kData = random_f32({1, 3, 32, 32}, 7);
const std::vector<float>& want() {
    static const std::vector<float> w = floats(expected(small_net(), {kData})[0]);
    return w;
}
std::vector<uint8_t> bytes_of(std::string_view s) { return {s.begin(), s.end()}; }
std::vector<uint8_t> model_bytes(const Shape& shape = {1, 3, 32, 32}) {
    const auto b = write_onnx(small_net(shape));
    const auto* p = reinterpret_cast<const uint8_t*>(b.data());
    return {p, p + b.size()};
}
const char* const kInfo = R"({"valid": true, "name": "small", "version": "1.13.0", "has_compression": false, "backend": "MGE",
  "device": {"type": "CPU", "device_id": 3, "number_threads": 2, "enable_inplace_model": true, "use_tensorrt": false},
  "options": {"weight_preprocess": true, "var_sanity_check_first_run": false, "comp_node_seq_record_level": 1, "graph_opt_level": 1},
  "IO": {"inputs": [{"name": "data", "is_host": true, "io_type": "value", "dtype": "float32", "shape": {"dim0": 2, "dim1": 3, "dim2": 24, "dim3": 32}}],
         "outputs": [{"name": "prob", "io_type": "shape", "dtype": "float32"}]},
  "extra_info": {"classes": ["cat", "d}og"], "scale": 0.5}})";
}  // namespace

TEST_CASE("bare encrypted models") {
    for (const std::string method : {"AES_default", "RC4_default", "SIMPLE_FAST_RC4_default"}) {
#if !defined(LITE_WITH_NETTLE)
        if (method == "AES_default") {
            Config c;
            c.bare_model_cryption_name = method;
            std::vector<uint8_t> some(64);
            CHECK_FAILS(Network(c).load_model(some.data(), some.size()), "lite::cryption");
            continue;
        }
#endif
        std::vector<uint8_t> file = encrypt(method, model_bytes(), key_of(method));
        Config c;
        c.bare_model_cryption_name = method;
        Network n(c);
        n.load_model(file.data(), file.size());
        CHECK(near(run(n, kData), want()));
        CHECK(Runtime::get_model_io_info(file.data(), file.size(), c).inputs[0].name == "data");
        // a wrong key, a damaged byte, a cut
        std::vector<uint8_t> wrong = key_of(method);
        wrong[1] ^= 1;
        std::vector<uint8_t> other = encrypt(method, model_bytes(), wrong);
        CHECK_FAILS(Network(c).load_model(other.data(), other.size()), method == "AES_default" ? "odel" : "The checksum of the file cannot be verified");
        for (size_t cut : {size_t{0}, size_t{1}, size_t{7}, size_t{8}, size_t{23}, file.size() - 1})
            if (cut) CHECK_FAILS(Network(c).load_model(file.data(), cut), "Error: ");
    }
    Config c;
    c.bare_model_cryption_name = "nobody";
    auto file = model_bytes();
    CHECK_FAILS(Network(c).load_model(file.data(), file.size()), "The decryption method nobody is not registed yet.");
}

TEST_CASE("the streams there and back") {
    const auto key = default_rc4_key();
    const std::vector<uint8_t> plain = bytes_of("0123456789abcdef");
    for (const std::string method : {"RC4_default", "SIMPLE_FAST_RC4_default"}) {
        const auto cipher = encrypt(method, plain, key);
        CHECK(cipher.size() == plain.size() + 8);
        auto back = method[0] == 'R' ? decrypt_rc4(cipher.data(), cipher.size(), key) : decrypt_simple_fast_rc4(cipher.data(), cipher.size(), key);
        CHECK(back.size() == plain.size());
        CHECK(back == plain);
    }
}

TEST_CASE("methods of the user's own") {
    const size_t before = decryption_registry().size();
    CHECK(before >= 3);
    const auto flip = [](const void* p, size_t n, const std::vector<uint8_t>& key) {
        std::vector<uint8_t> out(static_cast<const uint8_t*>(p), static_cast<const uint8_t*>(p) + n);
        for (uint8_t& b : out) b ^= key.at(0);
        return out;
    };
    CHECK(register_decryption_and_key("flip", flip, {0x55}));
    CHECK(decryption_registry().size() == before + 1);
    CHECK_FAILS(register_decryption_and_key("flip", flip, {1}), "The decryption method flip is already registered.");
    CHECK(register_decryption_and_key("later", {}, {0x33}));
    Config c;
    c.bare_model_cryption_name = "later";
    auto file = model_bytes();
    for (uint8_t& b : file) b ^= 0x33;
    CHECK_FAILS(Network(c).load_model(file.data(), file.size()), "No decryption function in later method.");
    CHECK(update_decryption_or_key("later", flip, {}));  // the key stays
    Network n(c);
    n.load_model(file.data(), file.size());
    CHECK(near(run(n, kData), want()));
    CHECK(update_decryption_or_key("later", {}, {0x34}));  // the function stays
    CHECK_FAILS(Network(c).load_model(file.data(), file.size()), "Error: ");
    CHECK_FAILS(update_decryption_or_key("nobody", flip, {}), "The decryption method nobody is not registered.");
}

TEST_CASE("a packed model: plain, encrypted, with and without information") {
    const Folder folder;
    const std::string path = folder / "small.lite";
    for (const std::string model_method : {"NONE", "RC4_default", "AES_default"})
        for (const std::string info_method : {"NONE", "SIMPLE_FAST_RC4_default", "none at all"}) {
#if !defined(LITE_WITH_NETTLE)
            if (model_method == "AES_default") continue;
#endif
            PackedModel p;
            p.name = "small";
            p.model_decryption_method = model_method;
            p.info_decryption_method = info_method == "none at all" ? "NONE" : info_method;
            const auto model = encrypt(model_method, model_bytes({kUnknown, 3, kUnknown, kUnknown}), key_of(model_method));
            const auto info = info_method == "none at all" ? bytes_of("{\"valid\": false}") : encrypt(info_method, bytes_of(kInfo), default_rc4_key());
            p.model = std::as_bytes(std::span(model));
            p.info = std::as_bytes(std::span(info));
            write_file(path, write_packed(p));
            Network n;  // an empty Config is enough
            n.load_model(path);
            if (info_method == "none at all") {
                CHECK(n.get_model_extra_info().empty());
                CHECK(n.get_device_id() == 0);
                CHECK(near(run(n, kData), want()));
                continue;
            }
            CHECK(n.get_output_tensor(0)->get_layout() == Layout{{2, 10}, 2});
            CHECK(n.get_model_extra_info() == R"({"classes":["cat","d}og"],"scale":0.5})");
            CHECK(n.get_device_id() == -1025);  // in place, two threads
            CHECK(n.get_input_tensor(0)->get_layout() == Layout{{2, 3, 24, 32}, 4});
        }
    CHECK(Runtime::get_model_io_info(path).inputs[0].name == "data");
    // disable_configure_by_model_info: the information is read, Config and IO of it do not hold
    PackedModel p;
    p.name = "small";
    const auto model = model_bytes({kUnknown, 3, kUnknown, kUnknown}), info = bytes_of(kInfo);
    p.model = std::as_bytes(std::span(model));
    p.info = std::as_bytes(std::span(info));
    write_file(path, write_packed(p));
    Network n;
    n.extra_configure({true});
    n.load_model(path);
    CHECK(n.get_input_tensor(0)->get_layout().ndim == 0);
    CHECK(n.get_device_id() == -1025);  // threads and in-place mode hold
    CHECK(n.get_model_extra_info().find("scale") != std::string::npos);
}

TEST_CASE("ModelPacker") {
    const Folder folder;
    const std::string model = folder / "small.onnx", info = folder / "info.json", path = folder / "small.lite";
    write_onnx(small_net({kUnknown, 3, kUnknown, kUnknown}), model);
    write_file(info, std::as_bytes(std::span(std::string_view(kInfo))));
    {
        ModelPacker packer(model, path, info);
        packer.set_header();
        packer.pack_model();
        const std::string file = read_text(path);
        CHECK(file.starts_with("packed_model"));
        const PackedModel p = read_packed(std::as_bytes(std::span(file)));
        CHECK(p.name == "small");
        CHECK(p.info_parse_method == "LITE_default");
        CHECK(p.info_cache_parse_method == "LITE_parse_cache");
        CHECK(p.is_fast_run_cache);
        CHECK(p.model.size() == read_text(model).size());
        const auto n = std::make_shared<Network>();
        n->load_model(path);
        CHECK(Runtime::is_cpu_inplace_mode(n));
        CHECK(Runtime::get_cpu_threads_number(n) == 2);
        n->get_io_tensor("data")->set_layout(Layout{{1, 3, 32, 32}, 4});  // the user's wins
        set_input(*n, kData);
        n->forward();
        n->wait();
        CHECK(n->get_io_tensor("prob")->get_layout() == Layout{{1, 10}, 2});
    }
    {  // packed again, with other information: header and model stay
        std::string changed = kInfo;
        changed.replace(changed.find("0.5"), 3, "0.75");
        std::vector<uint8_t> again;
        const std::string file = read_text(path);
        again.assign(file.begin(), file.end());
        ModelPacker packer(again, folder / "again.lite", bytes_of(changed));
        packer.set_header("RC4_default");
        packer.pack_model();
        Network n;
        n.load_model(folder / "again.lite");
        CHECK(n.get_model_extra_info().find("0.75") != std::string::npos);
    }
    {  // without information, and a policy of two parts
        std::vector<uint8_t> none(4, 0);
        ModelPacker packer(model_bytes(), folder / "bare.lite", {}, none);
        packer.set_header("NONE", "NONE", true);
        packer.pack_model();
        Network n;
        n.load_model(folder / "bare.lite");
        CHECK(near(run(n, kData), want()));
        ModelPacker damaged(model_bytes(), folder / "damaged.lite", {}, bytes_of("\1\0\0"));
        CHECK_FAILS(damaged.pack_model(), "the algorithm policy is damaged");
        CHECK(read_text(folder / "damaged.lite").empty());
    }
    CHECK_FAILS(ModelPacker(folder / "none", path), "No such file");
    CHECK_FAILS(ModelPacker(std::vector<uint8_t>(), path).pack_model(), "the model is empty");
    CHECK_FAILS(ModelPacker(model_bytes(), path, bytes_of("no json")).set_header(), "JSON");
}

TEST_CASE("what the information may not say") {
    const auto load = [](std::string from, const std::string& to) {
        std::string info = kInfo;
        if (!from.empty()) {
            const size_t at = info.find(from);
            REQUIRE(at != std::string::npos);
            info.replace(at, from.size(), to);
        }
        PackedModel p;
        p.name = "small";
        const auto model = model_bytes({kUnknown, 3, kUnknown, kUnknown});
        p.model = std::as_bytes(std::span(model));
        p.info = std::as_bytes(std::span(info));
        auto file = write_packed(p);
        Network().load_model(file.data(), file.size());
    };
    CHECK_NOTHROW(load("", ""));
    CHECK_FAILS(load("\"small\"", "\"large\""), "infomation of model name is not match, packed model is small, but json info get large.");
    CHECK_FAILS(load("\"CPU\"", "\"TPU\""), "LITE not support device type of TPU.");
    CHECK_FAILS(load("\"CPU\"", "\"CUDA\""), "LITE_CUDA");
    CHECK_FAILS(load("\"value\"", "\"VALUE\""), "LITE not support IO type of VALUE.");
    CHECK_FAILS(load("float32", "float64"), "LITE not support data type of float64.");
    CHECK_FAILS(load("\"name\": \"small\",", ""), "\"name\" must be a string, but is null");
    CHECK_FAILS(load("\"version\": \"1.13.0\",", ""), "\"version\" must be a string, but is null");
    CHECK_FAILS(load("\"valid\": true,", ""), "\"valid\" must be true or false");
    CHECK_FAILS(load("\"number_threads\": 2", "\"number_threads\": -2"), "number_threads");
    CHECK_FAILS(load("\"number_threads\": 2", "\"number_threads\": 99999999999"), "number_threads");
    CHECK_FAILS(load("\"number_threads\": 2", "\"number_threads\": 18446744073709551615"), "number_threads");
    CHECK_FAILS(load("\"device_id\": 3", "\"device_id\": 18446744073709551615"), "device_id");
    CHECK_FAILS(load("{\"type\"", "[\"type\""), "JSON");
    CHECK_FAILS(load("\"valid\"", "\"deep\": " + std::string(200000, '[') + std::string(200000, ']') + ", \"valid\""), "more than 100 objects and lists");
    CHECK_NOTHROW(load("1.13.0", "99999999999999999999.99999999999.0"));
}

TEST_CASE("a parser of the user's own") {
    std::string seen;
    register_parse_info_func("mine", [&](const void* p, size_t n, const std::string name, Config& c, NetworkIO&, std::unordered_map<std::string, LiteAny>& isolated,
                                         std::string& extra) {
        seen.assign(static_cast<const char*>(p), n);
        c.options.graph_opt_level = 0;
        isolated["device_id"] = 5;
        extra = name + "!";
        return true;
    });
    CHECK_FAILS(register_parse_info_func("mine", {}), "The parse info method mine is already registered.");
    PackedModel p;
    p.name = "small";
    p.info_parse_method = "mine";
    const auto model = model_bytes();
    const std::string info = "not JSON";
    p.model = std::as_bytes(std::span(model));
    p.info = std::as_bytes(std::span(info));
    auto file = write_packed(p);
    Network n;
    n.load_model(file.data(), file.size());
    CHECK(seen == info);
    CHECK(n.get_device_id() == 5);
    CHECK(n.get_model_extra_info() == "small!");
    p.info_parse_method = "nobody";
    file = write_packed(p);
    CHECK_FAILS(Network().load_model(file.data(), file.size()), "can't find model info parse function nobody.");
    p.info_parse_method = "mine";
    p.algo_policy = std::as_bytes(std::span(info));
    p.is_fast_run_cache = false;
    file = write_packed(p);
    CHECK_FAILS(Network().load_model(file.data(), file.size()), "opencl binary cache is not given");
}

TEST_CASE("damaged containers are errors") {
    PackedModel p;
    p.name = "small";
    const auto model = bytes_of("some model");
    const std::string info = "{\"valid\": false}";
    p.model = std::as_bytes(std::span(model));
    p.info = std::as_bytes(std::span(info));
    const auto file = write_packed(p);
    for (size_t cut = 12; cut < file.size(); ++cut) {
        auto part = std::vector(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(cut));
        try {
            read_packed(part);
        } catch (const Error&) {
        }
    }
    for (size_t i = 12; i < file.size(); ++i)
        for (int bit = 0; bit < 8; ++bit) {
            auto changed = file;
            changed[i] ^= std::byte(1 << bit);
            try {
                read_packed(changed);
            } catch (const Error&) {
            }
        }
    CHECK_FAILS(read_packed(std::span(file).first(20)), "damaged packed model file");
}
