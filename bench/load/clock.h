// Times in µs.
#pragma once

/** On the machine's monotonic clock, which all processes share. */
double now_us(void);

/** User and system time of this process. */
double cpu_us(void);
