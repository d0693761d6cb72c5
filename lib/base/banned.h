#ifndef LIB_BASE_BANNED_H
#define LIB_BASE_BANNED_H
/*
 * Functions that cannot be used safely, or not without thinking every time. Use struct str (base/str.h) for text and
 * number_parse (base/str.h) for numbers. The system's headers come first, so that only our own uses are refused.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BANNED(function) sorry_##function##_is_banned
#undef strcpy
#define strcpy(a, b) BANNED(strcpy)
#undef strcat
#define strcat(a, b) BANNED(strcat)
#undef strncpy
#define strncpy(a, b, n) BANNED(strncpy)
#undef strncat
#define strncat(a, b, n) BANNED(strncat)
#undef strtok
#define strtok(a, b) BANNED(strtok)
#undef sprintf
#define sprintf(...) BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf)
#undef atoi
#define atoi(a) BANNED(atoi)
#undef atol
#define atol(a) BANNED(atol)
#undef gets
#define gets(a) BANNED(gets)

#endif
