#ifndef DIGITS_H
#define DIGITS_H

#include <stddef.h>

/// The content of digits.csv, built into the program.
const unsigned char *_Nonnull digits_bytes(void);

/// Its size in bytes.
size_t digits_count(void);

#endif
