#ifndef DIGITS_H
#define DIGITS_H

#include <stddef.h>

/// The content of digits.csv, which is built into the program.
const unsigned char *_Nonnull digits_bytes(void);

/// How many bytes it has.
size_t digits_count(void);

#endif
