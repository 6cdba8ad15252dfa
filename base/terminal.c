#define _DEFAULT_SOURCE /* struct winsize */
#include "base/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

enum { USUAL_WIDTH = 80 };

int mdp_terminal_width(FILE *stream) {
    struct winsize size;
    int fd = fileno(stream);
    if (fd < 0 || !isatty(fd)) return 0;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : USUAL_WIDTH;
}
