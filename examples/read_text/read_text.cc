// Reads the text in a picture: read_text DETECTOR.onnx READER.onnx PICTURE. The models are those of PP-OCR: one marks where text is,
// the other reads one line. scripts/quickstart.sh fetches them and runs this program.
#include <cmath>
#include <cstdio>

#include <lite/format/onnx_metadata.h>
#include <lite/lite.h>
#include <lite/xtensor.h>

#define STB_IMAGE_IMPLEMENTATION
#include <stb/stb_image.h>

namespace {
using Image = xt::xtensor<float, 3>;  // [height, width, 3]

Image load_picture(const char* path) {
    int width = 0, height = 0, channels = 0;
    unsigned char* pixels = stbi_load(path, &width, &height, &channels, 3);
    lite::check(pixels != nullptr, path, ": ", stbi_failure_reason());
    const std::array<size_t, 3> shape{static_cast<size_t>(height), static_cast<size_t>(width), 3};
    Image image = xt::cast<float>(xt::adapt(pixels, shape[0] * shape[1] * 3, xt::no_ownership(), shape));
    stbi_image_free(pixels);
    return xt::view(image, xt::all(), xt::all(), xt::range(2, xt::placeholders::_, -1));  // the models want blue first
}

// Runs a network of one input and one output on an image, whose values become -1 to 1.
xt::xarray<float> run(lite::Network& network, const Image& image) {
    const Image x = lite::hwc_to_chw(lite::normalise(image, {127.5f, 127.5f, 127.5f}, {127.5f, 127.5f, 127.5f}));
    lite::assign(*network.get_input_tensor(0), xt::expand_dims(x, 0));
    network.forward();
    network.wait();
    return lite::as_xtensor<float>(*network.get_output_tensor(0));
}

// A line of text: its centre, its direction, and how far it reaches along it and across.
struct Line {
    double x, y, angle, left, right, above, below;
};

// The connected regions of the map of probabilities, each with the slope of its pixels.
std::vector<Line> find_lines(const xt::xtensor<float, 2>& map) {
    const size_t height = map.shape()[0], width = map.shape()[1];
    xt::xtensor<bool, 2> open = map > 0.3f;
    std::vector<Line> lines;
    std::vector<std::pair<size_t, size_t>> region;
    for (size_t y0 = 0; y0 < height; ++y0)
        for (size_t x0 = 0; x0 < width; ++x0) {
            if (!open(y0, x0)) continue;
            region.assign(1, {y0, x0});
            open(y0, x0) = false;
            double score = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
            for (size_t i = 0; i < region.size(); ++i) {  // grows while we walk it
                const auto [y, x] = region[i];
                score += map(y, x);
                const auto visit = [&](size_t v, size_t u) {
                    if (v >= height || u >= width || !open(v, u)) return;
                    open(v, u) = false;
                    region.emplace_back(v, u);
                };
                visit(y + 1, x), visit(y - 1, x), visit(y, x + 1), visit(y, x - 1);
                sx += double(x), sy += double(y), sxx += double(x) * double(x), sxy += double(x) * double(y);
            }
            const double n = double(region.size()), spread = sxx - sx * sx / n;
            if (score / n < 0.5 || n < 16) continue;
            Line l{sx / n, sy / n, spread > n ? std::atan((sxy - sx * sy / n) / spread) : 0, 0, 0, 0, 0};
            for (const auto& [y, x] : region) {
                const double dx = double(x) - l.x, dy = double(y) - l.y;
                const double along = dx * std::cos(l.angle) + dy * std::sin(l.angle), across = dy * std::cos(l.angle) - dx * std::sin(l.angle);
                l.left = std::min(l.left, along), l.right = std::max(l.right, along);
                l.above = std::min(l.above, across), l.below = std::max(l.below, across);
            }
            // The map marks the core of a line; the letters reach further, by this much of its area over its circumference.
            const double w = l.right - l.left + 1, h = l.below - l.above + 1, grow = 0.8 * w * h / (w + h);
            l.left -= grow, l.right += grow, l.above -= grow, l.below += grow;
            lines.push_back(l);
        }
    return lines;
}

// The line turned level, 48 pixels high, as the reader wants it. Lines are in units of the map, `sx` and `sy` picture pixels each.
Image cut_out(const Image& picture, const Line& l, double sx, double sy) {
    const size_t height = 48;
    const size_t width = static_cast<size_t>(std::max(48.0, std::round(48 * (l.right - l.left) / (l.below - l.above))));
    const double last_y = double(picture.shape()[0]) - 1.001, last_x = double(picture.shape()[1]) - 1.001;
    Image out = Image::from_shape({height, width, 3});
    for (size_t i = 0; i < height; ++i)
        for (size_t k = 0; k < width; ++k) {
            const double along = l.left + (double(k) + 0.5) / double(width) * (l.right - l.left);
            const double across = l.above + (double(i) + 0.5) / double(height) * (l.below - l.above);
            const double x = std::clamp((l.x + along * std::cos(l.angle) - across * std::sin(l.angle)) * sx, 0.0, last_x);
            const double y = std::clamp((l.y + along * std::sin(l.angle) + across * std::cos(l.angle)) * sy, 0.0, last_y);
            const size_t px = size_t(x), py = size_t(y);
            const float fx = float(x - double(px)), fy = float(y - double(py));
            xt::view(out, i, k) = (xt::view(picture, py, px) * (1 - fx) + xt::view(picture, py, px + 1) * fx) * (1 - fy) +
                                  (xt::view(picture, py + 1, px) * (1 - fx) + xt::view(picture, py + 1, px + 1) * fx) * fy;
        }
    return out;
}

// Class 0 separates letters, repeats are one letter, the last class is a space: the rules of CTC.
std::string decode(const xt::xarray<float>& scores, const std::vector<std::string>& alphabet) {
    const xt::xarray<size_t> best = lite::argmax(scores, -1);
    std::string text;
    size_t last = 0;
    for (size_t c : best) {
        if (c != 0 && c != last) text += c <= alphabet.size() ? alphabet[c - 1] : " ";
        last = c;
    }
    return text;
}
}  // namespace

int main(int argc, char** argv) try {
    if (argc < 4) return std::fprintf(stderr, "usage: read_text DETECTOR.onnx READER.onnx PICTURE\n"), 1;
    lite::Network detector, reader;
    detector.load_model(argv[1]);
    reader.load_model(argv[2]);
    std::vector<std::string> alphabet;
    for (const auto& [key, value] : lite::read_onnx_metadata(std::string(argv[2])))
        if (key == "character")
            for (size_t at = 0; at < value.size();) {
                const size_t end = std::min(value.find('\n', at), value.size());
                alphabet.push_back(value.substr(at, end - at));
                at = end + 1;
            }
    lite::check(!alphabet.empty(), argv[2], " does not carry its alphabet");

    const Image picture = load_picture(argv[3]);
    const double height = double(picture.shape()[0]), width = double(picture.shape()[1]);
    // The detector takes multiples of 32; a short side below 480 pixels is enlarged.
    const double scale = std::max(1.0, 480 / std::min(height, width));
    const size_t rows = std::max<size_t>(1, size_t(std::lround(height * scale / 32))) * 32;
    const size_t columns = std::max<size_t>(1, size_t(std::lround(width * scale / 32))) * 32;
    const xt::xarray<float> map = run(detector, lite::resize(picture, rows, columns));
    for (const Line& l : find_lines(xt::view(map, 0, 0)))
        std::printf("%s\n", decode(run(reader, cut_out(picture, l, width / double(columns), height / double(rows))), alphabet).c_str());
} catch (const lite::Error& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}
