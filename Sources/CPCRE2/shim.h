#ifndef WINNOW_CPCRE2_SHIM_H
#define WINNOW_CPCRE2_SHIM_H

// The code unit width must be set before the header: every name gets its _8 suffix from it.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

// Swift does not import these macros: they are casts.
static inline PCRE2_SIZE winnow_pcre2_unset(void) { return PCRE2_UNSET; }

#endif
