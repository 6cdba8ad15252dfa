/* the functions of Bullet's C API of which the fake library needs no more than that they are there: the other file's
 * definitions go before these weak ones */
#include "envs/physics/robotics_api.h"

#define REST(field, symbol, result, parameters)                                                                        \
    __attribute__((weak)) long symbol(void);                                                                           \
    __attribute__((weak)) long symbol(void) { return 0; }

MDP_ROBOTICS_API(REST)
