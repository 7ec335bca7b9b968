#include "digits.h"

// The C compiler reads this at once. As a resource, which SwiftPM writes into a Swift source, these
// 265,000 bytes took the Swift compiler two minutes and 2 GB.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char bytes[] = {
#embed "digits.csv"
};

const unsigned char *digits_bytes(void) { return bytes; }

size_t digits_count(void) { return sizeof bytes; }
