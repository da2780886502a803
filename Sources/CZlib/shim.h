#ifndef WINNOW_CZLIB_SHIM_H
#define WINNOW_CZLIB_SHIM_H

#include <zlib.h>

// Swift does not import these macros. 31: the largest window, with gzip's header and check.
static inline int winnow_inflate_init(z_stream *stream) { return inflateInit2(stream, 31); }
static inline int winnow_deflate_init(z_stream *stream) {
  return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
}

#endif
