// What a picture shows: classify MODEL.onnx PICTURE [LABELS.txt]. The model takes [1, 3, height, width], normalised as for ImageNet.
#include <cstdio>
#include <fstream>

#include <lite/lite.h>
#include <lite/xtensor.h>

#define STB_IMAGE_IMPLEMENTATION
#include <stb/stb_image.h>

int main(int argc, char** argv) try {
    if (argc < 3) return std::fprintf(stderr, "usage: classify MODEL.onnx PICTURE [LABELS.txt]\n"), 1;
    lite::Network network;
    network.load_model(argv[1]);
    const auto input = network.get_input_tensor(0);
    lite::Layout size = input->get_layout();
    if (size.ndim == 0) size = {{1, 3, 224, 224}, 4};  // a model for any size

    int width = 0, height = 0, channels = 0;
    unsigned char* pixels = stbi_load(argv[2], &width, &height, &channels, 3);
    if (!pixels) return std::fprintf(stderr, "%s: %s\n", argv[2], stbi_failure_reason()), 1;
    const std::array<size_t, 3> shape{static_cast<size_t>(height), static_cast<size_t>(width), 3};
    const auto picture = xt::adapt(pixels, shape[0] * shape[1] * 3, xt::no_ownership(), shape);

    // The middle square of the picture, at the size of the input.
    const size_t side = std::min(shape[0], shape[1]), top = (shape[0] - side) / 2, left = (shape[1] - side) / 2;
    const auto square = xt::view(picture, xt::range(top, top + side), xt::range(left, left + side));
    const auto image = lite::normalise(lite::resize(square, size.shapes[2], size.shapes[3]), {123.675f, 116.28f, 103.53f}, {58.395f, 57.12f, 57.375f});
    lite::assign(*input, xt::expand_dims(lite::hwc_to_chw(image), 0));
    stbi_image_free(pixels);

    network.forward();
    network.wait();

    std::vector<std::string> labels;
    if (argc > 3)
        for (auto [file, line] = std::pair(std::ifstream(argv[3]), std::string()); std::getline(file, line);) labels.push_back(line);
    for (const lite::Ranked& r : lite::top_k(lite::softmax(lite::as_xtensor<float>(*network.get_output_tensor(0))), 5))
        std::printf("%5.1f %%  class %zu %s\n", static_cast<double>(100 * r.score), r.index, r.index < labels.size() ? labels[r.index].c_str() : "");
} catch (const lite::Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}
