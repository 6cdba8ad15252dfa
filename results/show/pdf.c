#define _GNU_SOURCE
#include "results/show/pdf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/fsx.h"

enum { OBJECTS_MAX = 1 << 16, INFLATED_MAX = 64 << 20 };

/* a part of the file, or of what a stream holds */
struct span {
    const char *start;
    size_t n;
};

/* where objects are, by the numbers of the file's table */
enum { NOWHERE, IN_FILE, IN_STREAM };

/* an object; its number is its position in the table */
struct object {
    unsigned where;
    size_t place, index; /* offset in the file; or number of the stream, and which of its objects */
    char *inflated;      /* of an object stream: what it holds */
    struct span text;    /* "5 0 obj .. endobj\n" in the file, the bare object in a stream */
};

struct pdf {
    struct span file;
    struct object *objects; /* [n] */
    size_t n, root, info;   /* object 0 is none */
};

/* ---- reading ---- */

static const char *find(struct span text, const char *key) {
    const char *found = memmem(text.start, text.n, key, strlen(key));
    return found != NULL ? found + strlen(key) : NULL;
}

/* the whole number behind a key, or -1 without the key or a number; the file ends in a 0 */
static long number(struct span text, const char *key) {
    const char *found = find(text, key);
    char *end;
    long value = found != NULL ? strtol(found, &end, 10) : -1;
    return found != NULL && end != found && value >= 0 ? value : -1;
}

/* the dictionary of an object, which ends where its stream begins */
static struct span dictionary(struct span text) {
    const char *stream = find(text, "\nstream\n");
    return (struct span){text.start, stream != NULL ? (size_t)(stream - text.start) : text.n};
}

/* what the stream of an object holds; NULL if it has none that is whole, or no memory is left */
static char *inflate_stream(struct span text, size_t *n) {
    struct span dict = dictionary(text);
    if (dict.n == text.n || find(dict, "/Filter /FlateDecode") == NULL) return NULL;
    for (uLong room = 1 << 14; room <= INFLATED_MAX; room *= 4) {
        uLong n_read = text.n - dict.n, n_written = room;
        char *out = malloc(room + 1);
        int code = out == NULL ? Z_MEM_ERROR
                               : uncompress2((Bytef *)out, &n_written, (const Bytef *)text.start + dict.n, &n_read);
        if (code == Z_OK) {
            out[n_written] = 0;
            *n = n_written;
            return out;
        }
        free(out);
        if (code != Z_BUF_ERROR) return NULL;
    }
    return NULL;
}

static size_t big_endian(const unsigned char *bytes, size_t n) {
    size_t value = 0;
    for (size_t i = 0; i < n; i++) value = value << 8 | bytes[i];
    return value;
}

/* the table of objects is a stream, too, of fixed numbers of bytes: where, place, index. returns 0 for another layout
 */
static int read_table(struct pdf *pdf, struct span text) {
    struct span dict = dictionary(text);
    long n = number(dict, "/Size "), root = number(dict, "/Root "), info = number(dict, "/Info ");
    long w[3] = {0};
    const char *widths = find(dict, "/W [");
    size_t n_bytes = 0;
    if (find(dict, "/Type /XRef") == NULL || find(dict, "/Index") != NULL || find(dict, "/Prev") != NULL) return 0;
    if (n < 1 || n > OBJECTS_MAX || root < 1 || info < 1 || root >= n || info >= n || widths == NULL) return 0;
    if (sscanf(widths, "%ld %ld %ld", &w[0], &w[1], &w[2]) != 3 || w[0] != 1 || w[1] < 1 || w[1] > 8 || w[2] < 0 ||
        w[2] > 8)
        return 0;
    unsigned char *bytes = (unsigned char *)inflate_stream(text, &n_bytes);
    size_t width = (size_t)(1 + w[1] + w[2]);
    int is_whole = bytes != NULL && n_bytes == (size_t)n * width &&
                   mdp_calloc((void **)&pdf->objects, (unsigned long)n, sizeof *pdf->objects, "PDF") == MDP_OK;
    for (size_t i = 0; is_whole && i < (size_t)n; i++) {
        const unsigned char *entry = bytes + i * width;
        pdf->objects[i] = (struct object){.where = entry[0],
                                          .place = big_endian(entry + 1, (size_t)w[1]),
                                          .index = big_endian(entry + 1 + w[1], (size_t)w[2])};
    }
    free(bytes);
    pdf->n = (size_t)n, pdf->root = (size_t)root, pdf->info = (size_t)info;
    return is_whole;
}

/* an object of the file reaches up to the next one */
static int find_in_file(struct pdf *pdf, size_t i) {
    struct object *object = &pdf->objects[i];
    size_t end = pdf->file.n;
    if (object->place >= end) return 0;
    for (size_t k = 0; k < pdf->n; k++)
        if (pdf->objects[k].where == IN_FILE && pdf->objects[k].place > object->place && pdf->objects[k].place < end)
            end = pdf->objects[k].place;
    object->text = (struct span){pdf->file.start + object->place, end - object->place};
    return 1;
}

/* a stream begins with a number and a position for each of its objects */
static int find_in_stream(struct pdf *pdf, size_t i) {
    struct object *object = &pdf->objects[i];
    struct object *stream = object->place < pdf->n ? &pdf->objects[object->place] : NULL;
    size_t n = 0, start, end;
    if (stream == NULL || stream->where != IN_FILE) return 0;
    struct span dict = dictionary(stream->text);
    long count = number(dict, "/N "), first = number(dict, "/First ");
    if (find(dict, "/Type /ObjStm") == NULL || count <= (long)object->index || first < 0) return 0;
    if (stream->inflated == NULL) stream->inflated = inflate_stream(stream->text, &n);
    if (stream->inflated == NULL) return 0;
    n = strlen(stream->inflated);
    const char *position = stream->inflated;
    for (size_t k = 0; k <= object->index; k++) {
        char *behind;
        if (strtoul(position, &behind, 10) != i && k == object->index) return 0;
        start = strtoul(behind, &behind, 10) + (size_t)first;
        position = behind;
    }
    end = n;
    if ((long)object->index + 1 < count) {
        char *behind;
        (void)strtoul(position, &behind, 10);
        end = strtoul(behind, NULL, 10) + (size_t)first;
    }
    if (start >= end || end > n) return 0;
    object->text = (struct span){stream->inflated + start, end - start};
    return 1;
}

/* finds every object, and leaves out what only the former layout needed: streams of objects with their lengths, and the
 * table. returns 0 for another layout */
static int read_objects(struct pdf *pdf) {
    struct span tail = pdf->file;
    const char *found;
    size_t start = 0;
    for (; (found = find(tail, "startxref\n")) != NULL;
         tail = (struct span){found, tail.n - (size_t)(found - tail.start)})
        start = strtoul(found, NULL, 10);
    if (start == 0 || start >= pdf->file.n) return 0;
    if (!read_table(pdf, (struct span){pdf->file.start + start, pdf->file.n - start})) return 0;
    for (size_t i = 1; i < pdf->n; i++)
        if (pdf->objects[i].where == IN_FILE && !find_in_file(pdf, i)) return 0;
    for (size_t i = 1; i < pdf->n; i++)
        if (pdf->objects[i].where > IN_STREAM || (pdf->objects[i].where == IN_STREAM && !find_in_stream(pdf, i)))
            return 0;
    for (size_t i = 1; i < pdf->n; i++) {
        struct span dict = dictionary(pdf->objects[i].text);
        if (pdf->objects[i].where != IN_FILE) continue;
        int is_table = find(dict, "/Type /XRef") != NULL;
        if (!is_table && find(dict, "/Type /ObjStm") == NULL) continue;
        long length = is_table ? -1 : number(dict, "/Length ");
        if (length > 0 && (size_t)length < pdf->n && find(dict, " 0 R\n") != NULL) pdf->objects[length].where = NOWHERE;
        pdf->objects[i].where = NOWHERE;
    }
    return 1;
}

/* ---- writing ---- */

/* the layout that cairo wrote before 1.18: objects one by one, a table in plain text */
static mdp_err write_plain(const struct pdf *pdf, char **data, size_t *size) {
    size_t head = pdf->file.n;
    long *offsets = NULL;
    FILE *stream = open_memstream(data, size);
    mdp_err err = MDP_OK;
    if (stream == NULL) return mdp_fail(MDP_E_NOMEM, "PDF: no memory");
    MDP_TRY(mdp_calloc((void **)&offsets, pdf->n, sizeof *offsets, "PDF"));
    for (size_t i = 1; i < pdf->n; i++)
        if (pdf->objects[i].where == IN_FILE && pdf->objects[i].place < head) head = pdf->objects[i].place;
    fwrite(pdf->file.start, 1, head, stream);
    for (size_t i = 1; i < pdf->n; i++) {
        const struct object *object = &pdf->objects[i];
        offsets[i] = ftell(stream);
        if (object->where == IN_STREAM) fprintf(stream, "%zu 0 obj\n", i);
        if (object->where != NOWHERE) fwrite(object->text.start, 1, object->text.n, stream);
        if (object->where == IN_STREAM) fputs("endobj\n", stream);
    }
    long table = ftell(stream);
    fprintf(stream, "xref\n0 %zu\n", pdf->n);
    for (size_t i = 0; i < pdf->n; i++)
        if (i > 0 && pdf->objects[i].where != NOWHERE)
            fprintf(stream, "%010ld 00000 n \n", offsets[i]);
        else
            fputs("0000000000 65535 f \n", stream);
    fprintf(stream, "trailer\n<< /Size %zu\n   /Root %zu 0 R\n   /Info %zu 0 R\n>>\nstartxref\n%ld\n%%%%EOF\n", pdf->n,
            pdf->root, pdf->info, table);
out:
    free(offsets);
    if (fclose(stream) != 0 && err == MDP_OK) err = mdp_fail(MDP_E_NOMEM, "PDF: no memory");
    return err;
}

static int set_plain_date(char *data, size_t size) {
    static const char key[] = "/CreationDate (D:", date[] = "20000101000000";
    int n_found = 0;
    for (size_t i = 0; i + sizeof key + sizeof date < size; i++) {
        if (memcmp(data + i, key, sizeof key - 1) != 0) continue;
        memcpy(data + i + sizeof key - 1, date, sizeof date - 1);
        n_found++;
    }
    return n_found > 0;
}

mdp_err mdp_pdf_set_date(char **data, size_t *size) {
    struct pdf pdf = {.file = {NULL, *size}};
    char *plain = NULL, *text = NULL;
    size_t n_plain;
    mdp_err err = MDP_OK;
    if (set_plain_date(*data, *size)) return MDP_OK;
    /* with a 0 behind it, where numbers stop at the latest */
    MDP_TRY(mdp_calloc((void **)&text, *size + 1, 1, "PDF"));
    memcpy(text, *data, *size);
    pdf.file.start = text;
    if (read_objects(&pdf)) {
        MDP_TRY(write_plain(&pdf, &plain, &n_plain));
        set_plain_date(plain, n_plain);
        free(*data);
        *data = plain, *size = n_plain, plain = NULL;
    }
out:
    for (size_t i = 0; pdf.objects != NULL && i < pdf.n; i++) free(pdf.objects[i].inflated);
    free(pdf.objects);
    free(plain);
    free(text);
    return err;
}
