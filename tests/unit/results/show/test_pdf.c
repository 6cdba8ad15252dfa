/* dates of PDF files: two that cairo 1.18 drew at different moments become the same bytes, of a layout that readers
 * know; whatever else there is stays as it is */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fsx.h"
#include "results/show/pdf.h"
#include "tests/tap.h"

static const char first[] = MDP_SOURCE_DIR "/tests/reference/pdf/cairo-1.18-first.pdf";
static const char second[] = MDP_SOURCE_DIR "/tests/reference/pdf/cairo-1.18-second.pdf";

static char *read_all(const char *path, size_t *size) {
    char *data;
    CHECK_OK(mdp_fsx_read(path, 1 << 20, &data, size));
    return data;
}

static void test_same_bytes(void) {
    size_t n_a, n_b;
    char *a = read_all(first, &n_a), *b = read_all(second, &n_b);
    CHECK(n_a != n_b || memcmp(a, b, n_a) != 0);
    CHECK_OK(mdp_pdf_set_date(&a, &n_a));
    CHECK_OK(mdp_pdf_set_date(&b, &n_b));
    CHECK(n_a == n_b && memcmp(a, b, n_a) == 0);
    CHECK(memmem(a, n_a, "/CreationDate (D:20000101000000Z)", 33) != NULL);
    CHECK(memmem(a, n_a, "/ObjStm", 7) == NULL && memmem(a, n_a, "/XRef", 5) == NULL);
    free(a);
    free(b);
}

/* the table names the place of each object, and the end that of the table */
static void test_table(void) {
    size_t size;
    char *data = read_all(first, &size), text[32];
    long n, offset, table;
    int n_found = 0;
    CHECK_OK(mdp_pdf_set_date(&data, &size));
    const char *end = memmem(data, size, "\nstartxref\n", 11);
    CHECK(end != NULL && sscanf(end, " startxref %ld", &table) == 1 && table > 0 && table < (long)size);
    CHECK_INT(sscanf(data + table, "xref\n0 %ld\n", &n), 1);
    const char *entries = strchr(data + table + 5, '\n') + 1;
    for (long i = 1; i < n; i++) {
        CHECK_INT(sscanf(entries + 20 * i, "%ld", &offset), 1);
        if (entries[20 * i + 17] != 'n') continue;
        int n_text = snprintf(text, sizeof text, "%ld 0 obj\n", i);
        CHECK(memcmp(data + offset, text, (size_t)n_text) == 0);
        n_found++;
    }
    CHECK(n_found >= 6);
    CHECK(strncmp(entries + 20 * n, "trailer\n<< /Size ", 17) == 0);
    free(data);
}

/* older files say the date in plain text */
static void test_plain(void) {
    static const char before[] = "%PDF-1.5\n<< /CreationDate (D:20261130201239Z00'00) >>\n%%EOF\n";
    static const char after[] = "%PDF-1.5\n<< /CreationDate (D:20000101000000Z00'00) >>\n%%EOF\n";
    char *data = strdup(before);
    size_t size = sizeof before - 1;
    CHECK_OK(mdp_pdf_set_date(&data, &size));
    CHECK_INT(size, sizeof before - 1);
    CHECK(memcmp(data, after, size) == 0);
    free(data);
}

/* a file that was cut anywhere, or has another byte anywhere, is written anew or left as it is */
static void test_damaged(void) {
    size_t size, n;
    char *whole = read_all(first, &size);
    int n_left = 0, n_cut = 0;
    for (size_t i = 0; i < size; i++)
        for (int is_cut = 0; is_cut < 2; is_cut++) {
            n = is_cut ? i : size;
            char *data = malloc(n + 1);
            CHECK(data != NULL);
            memcpy(data, whole, n);
            if (!is_cut) data[i] ^= 0x15;
            CHECK_OK(mdp_pdf_set_date(&data, &n));
            int is_left = n == (is_cut ? i : size) && memcmp(data, whole, is_cut ? n : i) == 0;
            n_left += is_left && !is_cut;
            n_cut += is_left && is_cut;
            free(data);
        }
    CHECK(n_left > 100 && n_cut > (int)size - 10);
    free(whole);
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {TAP_TEST(test_same_bytes), TAP_TEST(test_table), TAP_TEST(test_plain),
                                            TAP_TEST(test_damaged)};
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
