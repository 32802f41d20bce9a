// Finds things in a picture with a YOLOX model and draws a box around each: detect MODEL PICTURE OUT.png
#include <cmath>
#include <cstdio>

#include <lite/lite.h>
#include <lite/xtensor.h>

#define STB_IMAGE_IMPLEMENTATION
#include <stb/stb_image.h>
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>

namespace {
constexpr float kScore = 0.3f, kOverlap = 0.45f;
const char* const kNames[] = {
        "person",         "bicycle",    "car",           "motorcycle",    "airplane",     "bus",           "train",
        "truck",          "boat",       "traffic light", "fire hydrant",  "stop sign",    "parking meter", "bench",
        "bird",           "cat",        "dog",           "horse",         "sheep",        "cow",           "elephant",
        "bear",           "zebra",      "giraffe",       "backpack",      "umbrella",     "handbag",       "tie",
        "suitcase",       "frisbee",    "skis",          "snowboard",     "sports ball",  "kite",          "baseball bat",
        "baseball glove", "skateboard", "surfboard",     "tennis racket", "bottle",       "wine glass",    "cup",
        "fork",           "knife",      "spoon",         "bowl",          "banana",       "apple",         "sandwich",
        "orange",         "broccoli",   "carrot",        "hot dog",       "pizza",        "donut",         "cake",
        "chair",          "couch",      "potted plant",  "bed",           "dining table", "toilet",        "tv",
        "laptop",         "mouse",      "remote",        "keyboard",      "cell phone",   "microwave",     "oven",
        "toaster",        "sink",       "refrigerator",  "book",          "clock",        "vase",          "scissors",
        "teddy bear",     "hair drier", "toothbrush"};

struct Box {
    float left, top, right, bottom, score;
    size_t kind;
};

// Rows of the model's output are, for each cell of grids of 8, 16 and 32 pixels: centre and logarithm of the size in cells,
// whether there is anything, and the scores of the kinds.
std::vector<Box> boxes_of(const xt::xarray<float>& rows, size_t height, size_t width) {
    std::vector<Box> boxes;
    size_t row = 0;
    for (size_t cell : {size_t{8}, size_t{16}, size_t{32}})
        for (size_t y = 0; y < height / cell; ++y)
            for (size_t x = 0; x < width / cell; ++x, ++row) {
                const float* r = &rows(row, 0);
                const size_t kinds = rows.shape()[1] - 5;
                const size_t kind = static_cast<size_t>(std::max_element(r + 5, r + 5 + kinds) - (r + 5));
                const float score = r[4] * r[5 + kind], scale = static_cast<float>(cell);
                if (score < kScore) continue;
                const float cx = (r[0] + static_cast<float>(x)) * scale, cy = (r[1] + static_cast<float>(y)) * scale;
                const float w = std::exp(r[2]) * scale / 2, h = std::exp(r[3]) * scale / 2;
                boxes.push_back({cx - w, cy - h, cx + w, cy + h, score, kind});
            }
    return boxes;
}

// The border of a box, three pixels wide, in a colour of its kind.
void draw(unsigned char* pixels, int width, int height, const Box& b) {
    constexpr unsigned char colours[][3] = {{230, 25, 75},  {60, 180, 75},  {255, 200, 25}, {0, 130, 200},
                                            {245, 130, 48}, {145, 30, 180}, {70, 240, 240}};
    const unsigned char* const colour = colours[b.kind % std::size(colours)];
    const int x0 = std::clamp(static_cast<int>(b.left), 0, width - 1), x1 = std::clamp(static_cast<int>(b.right), 0, width - 1);
    const int y0 = std::clamp(static_cast<int>(b.top), 0, height - 1), y1 = std::clamp(static_cast<int>(b.bottom), 0, height - 1);
    for (int y = y0; y <= y1; ++y)
        for (int x = x0; x <= x1; ++x)
            if (x - x0 < 3 || x1 - x < 3 || y - y0 < 3 || y1 - y < 3)
                std::copy(colour, colour + 3,
                          pixels + (static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)) * 3);
}
}  // namespace

int main(int argc, char** argv) try {
    if (argc != 4) return std::fprintf(stderr, "usage: detect MODEL PICTURE OUT.png\n"), 1;
    lite::Network network;
    network.load_model(argv[1]);
    const auto input = network.get_input_tensor(0);
    lite::Layout size = input->get_layout();
    if (size.ndim == 0) size = {{1, 3, 416, 416}, 4};  // a model for any size

    int width = 0, height = 0, channels = 0;
    unsigned char* pixels = stbi_load(argv[2], &width, &height, &channels, 3);
    if (!pixels) return std::fprintf(stderr, "%s: %s\n", argv[2], stbi_failure_reason()), 1;
    const std::array<size_t, 3> shape{static_cast<size_t>(height), static_cast<size_t>(width), 3};
    const auto picture = xt::adapt(pixels, shape[0] * shape[1] * 3, xt::no_ownership(), shape);

    // Fitted into the upper left of the input; blue first, values 0 to 255.
    const lite::Letterbox frame = lite::letterbox(picture, size.shapes[2], size.shapes[3], 114.f, false);
    const auto blue_first = xt::view(frame.image, xt::all(), xt::all(), xt::range(xt::placeholders::_, xt::placeholders::_, -1));
    lite::assign(*input, xt::expand_dims(lite::hwc_to_chw(blue_first), 0));
    network.forward();
    network.wait();

    const xt::xarray<float> out = lite::as_xtensor<float>(*network.get_output_tensor(0));  // [1, cells, 5 + kinds]
    const std::vector<Box> all = boxes_of(xt::xarray<float>(xt::view(out, 0)), size.shapes[2], size.shapes[3]);
    xt::xtensor<float, 2> corners = xt::xtensor<float, 2>::from_shape({all.size(), 4});
    xt::xtensor<float, 1> scores = xt::xtensor<float, 1>::from_shape({all.size()});
    for (size_t i = 0; i < all.size(); ++i) {
        const float apart = 4096.f * static_cast<float>(all[i].kind);  // boxes of different kinds do not suppress each other
        corners(i, 0) = all[i].left + apart, corners(i, 1) = all[i].top, corners(i, 2) = all[i].right + apart,
                   corners(i, 3) = all[i].bottom;
        scores(i) = all[i].score;
    }
    for (size_t i : lite::nms(corners, scores, kOverlap)) {
        Box b = all[i];
        for (float* v : {&b.left, &b.top, &b.right, &b.bottom}) *v /= frame.scale;
        const std::string name = b.kind < std::size(kNames) ? kNames[b.kind] : "kind " + std::to_string(b.kind);
        std::printf("%s %.2f at (%.0f, %.0f) to (%.0f, %.0f)\n", name.c_str(), static_cast<double>(b.score),
                    static_cast<double>(b.left), static_cast<double>(b.top), static_cast<double>(b.right),
                    static_cast<double>(b.bottom));
        draw(pixels, width, height, b);
    }
    const bool written = stbi_write_png(argv[3], width, height, 3, pixels, 3 * width) != 0;
    stbi_image_free(pixels);
    if (!written) return std::fprintf(stderr, "%s cannot be written\n", argv[3]), 1;
} catch (const lite::Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}
