// How rows are shared out to register tiles of which only some heights exist.
#ifndef LITE_KERNEL_TILE_ROWS_H_
#define LITE_KERNEL_TILE_ROWS_H_
#include <cstddef>

#include "lite/base/config.h"

LITE_NAMESPACE_BEGIN

// Rows of the next tile when `left` rows are left, from tiles of 1 to `most` rows of which tiles[rows - 1] may be null: nearly
// equal parts, so that no slow tile of a row or two remains. 197 rows are 13 x 14 + 3 x 5 where the heights are 1 to 7 and 14.
template <class Tile>
inline size_t next_tile_rows(const Tile* tiles, size_t most, size_t left) {
    const auto part = [left](size_t of) {
        const size_t parts = (left + of - 1) / of;
        return (left + parts - 1) / parts;
    };
    size_t rows = part(most);
    if (tiles[rows - 1]) return rows;
    while (!tiles[rows - 1]) --rows;
    const size_t less = part(rows);
    return tiles[less - 1] ? less : rows;
}

LITE_NAMESPACE_END
#endif
