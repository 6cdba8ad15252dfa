#include "results/show/gif.h"

#include <gif_lib.h>
#include <stdlib.h>
#include <string.h>

struct mdp_gif {
    GifFileType *file; /* NULL once it is closed */
    ColorMapObject *colours;
    int width, height;
    unsigned char *data;
    size_t size, room;
};

/* giflib's writer, into memory; fewer bytes than wanted are a failure to it */
static int take(GifFileType *file, const GifByteType *bytes, int n) {
    struct mdp_gif *gif = file->UserData;
    if (gif->size + (size_t)n > gif->room) {
        const size_t room = 2 * gif->room + (size_t)n + 4096;
        unsigned char *grown = realloc(gif->data, room);
        if (grown == NULL) return 0;
        gif->data = grown;
        gif->room = room;
    }
    memcpy(gif->data + gif->size, bytes, (size_t)n);
    gif->size += (size_t)n;
    return n;
}

static mdp_err failed(void) { return mdp_fail(MDP_E_NOMEM, "picture: giflib: no memory"); }

/* "NETSCAPE2.0" with a count of 0: again and again */
static int put_loop(GifFileType *file) {
    static const unsigned char count[] = {1, 0, 0};
    return EGifPutExtensionLeader(file, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
           EGifPutExtensionBlock(file, 11, "NETSCAPE2.0") == GIF_OK &&
           EGifPutExtensionBlock(file, sizeof count, count) == GIF_OK && EGifPutExtensionTrailer(file) == GIF_OK;
}

mdp_err mdp_gif_new(int width, int height, int n_colours, const unsigned char colours[][3], struct mdp_gif **out) {
    struct mdp_gif *gif = NULL;
    int error;
    mdp_err err;
    *out = NULL;
    MDP_TRY(mdp_calloc(&gif, 1, sizeof *gif, "picture"));
    gif->width = width;
    gif->height = height;
    gif->colours = GifMakeMapObject(n_colours, NULL);
    gif->file = EGifOpen(gif, take, &error);
    if (gif->colours == NULL || gif->file == NULL) MDP_TRY(failed());
    for (int i = 0; i < n_colours; i++)
        gif->colours->Colors[i] = (GifColorType){colours[i][0], colours[i][1], colours[i][2]};
    EGifSetGifVersion(gif->file, true);
    if (EGifPutScreenDesc(gif->file, width, height, 8, 0, gif->colours) != GIF_OK || !put_loop(gif->file))
        MDP_TRY(failed());
    *out = gif;
    gif = NULL;
out:
    mdp_gif_free(gif);
    return err;
}

mdp_err mdp_gif_add(struct mdp_gif *gif, const unsigned char *pixels, int hundredths) {
    const GraphicsControlBlock control = {DISPOSE_DO_NOT, false, hundredths, NO_TRANSPARENT_COLOR};
    GifByteType bytes[4];
    EGifGCBToExtension(&control, bytes);
    if (EGifPutExtension(gif->file, GRAPHICS_EXT_FUNC_CODE, sizeof bytes, bytes) != GIF_OK ||
        EGifPutImageDesc(gif->file, 0, 0, gif->width, gif->height, false, NULL) != GIF_OK)
        return failed();
    for (int row = 0; row < gif->height; row++)
        if (EGifPutLine(gif->file, (GifPixelType *)pixels + (long)row * gif->width, gif->width) != GIF_OK)
            return failed();
    return MDP_OK;
}

mdp_err mdp_gif_finish(struct mdp_gif *gif, unsigned char **data, size_t *size) {
    int error;
    const int is_whole = EGifCloseFile(gif->file, &error) == GIF_OK;
    gif->file = NULL;
    if (!is_whole) return failed();
    *data = gif->data;
    *size = gif->size;
    gif->data = NULL;
    return MDP_OK;
}

void mdp_gif_free(struct mdp_gif *gif) {
    int error;
    if (gif == NULL) return;
    if (gif->file != NULL) EGifCloseFile(gif->file, &error);
    GifFreeMapObject(gif->colours);
    free(gif->data);
    free(gif);
}
