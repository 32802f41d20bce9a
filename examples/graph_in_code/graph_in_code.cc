// A network without a file: two convolutions find the edges of a picture, and the result is printed as text.
#include <cstdio>

#include <lite/graph.h>
#include <lite/lite.h>

int main() {
    constexpr int64_t height = 24, width = 48;

    // The graph: the gradient in both directions by Sobel's kernels, and its length.
    lite::GraphBuilder g("edges");
    const lite::Var image = g.input("image", {1, 1, height, width});
    const lite::Var across = g.constant<float>({1, 1, 3, 3}, std::vector<float>{-1, 0, 1, -2, 0, 2, -1, 0, 1});
    const lite::Var down = g.constant<float>({1, 1, 3, 3}, std::vector<float>{-1, -2, -1, 0, 0, 0, 1, 2, 1});
    const lite::Var x = lite::conv2d(image, across), y = lite::conv2d(image, down);
    const lite::Var edges = lite::clip(lite::sqrt(x * x + y * y), 0, 4);

    lite::Network network;
    network.load_model(g.finish({edges.named("edges")}));

    // The picture: a disc and a box.
    auto* pixel = static_cast<float*>(network.get_io_tensor("image")->get_memory_ptr());
    for (int64_t i = 0; i < height; ++i)
        for (int64_t k = 0; k < width; ++k) {
            const double dy = static_cast<double>(i) - 11.5, dx = (static_cast<double>(k) - 14) / 2;
            const bool disc = dx * dx + dy * dy < 36, box = i >= 8 && i < 18 && k >= 30 && k < 44;
            *pixel++ = disc || box ? 1.f : 0.f;
        }

    network.forward();
    network.wait();

    const auto result = network.get_io_tensor("edges");
    const lite::Layout layout = result->get_layout();
    for (size_t i = 0; i < layout.shapes[2]; ++i) {
        for (size_t k = 0; k < layout.shapes[3]; ++k)
            std::putchar(" .:*@"[static_cast<int>(*static_cast<float*>(result->get_memory_ptr({0, 0, i, k})))]);
        std::putchar('\n');
    }
}
