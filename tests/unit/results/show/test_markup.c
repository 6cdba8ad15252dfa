/* texts within other languages: shown, never obeyed. */
#include <stdio.h>
#include <stdlib.h>

#include "results/show/markup.h"
#include "tests/tap.h"

static void check(void (*put)(FILE *stream, const char *text), const char *text, const char *want) {
    char *found = NULL;
    size_t size;
    FILE *stream = open_memstream(&found, &size);
    put(stream, text);
    fclose(stream);
    CHECK_STR(found, want);
    free(found);
}

static void test_markdown(void) {
    check(mdp_put_md, "a_b *c* ~~d~~ [e](f) <b>g</b> `h` | \\ &lt;",
          "a\\_b \\*c\\* \\~\\~d\\~\\~ \\[e](f) \\<b>g\\</b> \\`h\\` \\| \\\\ \\&lt;");
    check(mdp_put_md, "a\nb\x1b", "a b?");
    check(mdp_put_md_code, "runs/*_", "`runs/*_`");
    check(mdp_put_md_code, "a`b``c\n", "``` a`b``c  ```");
}

static void test_latex(void) {
    check(mdp_put_tex, "[1pt] x [y] * z", "{[}1pt] x [y] * z");
    check(mdp_put_tex, " * x", "{*} x");
    check(mdp_put_tex, "::error::x", "{:}:error::x");
    check(mdp_put_tex, "a_b^c~d\\e{f}$g$%h#i&j<k>l|m`n",
          "a\\_b\\textasciicircum{}c\\textasciitilde{}d\\textbackslash{}e"
          "\\{f\\}\\$g\\$\\%h\\#i\\&j\\textless{}k\\textgreater{}l"
          "\\textbar{}m\\textasciigrave{}n");
}

static void test_xml_and_tap(void) {
    check(mdp_put_xml, "a<b>&\"c\"\x01\xc3\xa9", "a&lt;b&gt;&amp;&quot;c&quot;?\xc3\xa9");
    check(mdp_put_tap, "a # SKIP \\ b\nnot ok 3", "a \\# SKIP \\\\ b not ok 3");
}

static void test_csv(void) {
    static const char *const same[] = {"a", "-", "-1.5", "+3", "-1e-05", "a=b", "a@b", ">1e9", "3, few"};
    static const char *const computed[][2] = {
        {"=1+2", "'=1+2"},         {"+A1", "'+A1"},    {"-A1", "'-A1"},           {"@SUM(A1)", "'@SUM(A1)"},
        {"\t=A1", "' =A1"},        {" =A1", "' =A1"},  {"-1+cmd|x", "'-1+cmd|x"}, {"=a,\"b\"", "\"'=a,\"\"b\"\"\""},
        {"\r\n=A1", "\"'  =A1\""}, {"-inf=", "'-inf="}};
    for (int i = 0; i < 8; i++) check(mdp_put_csv, same[i], same[i]);
    check(mdp_put_csv, same[8], "\"3, few\"");
    for (int i = 0; i < 10; i++) check(mdp_put_csv, computed[i][0], computed[i][1]);
    check(mdp_put_csv, "::error::x", "\"::error::x\"");
}

int main(int argc, char **argv) {
    static const struct tap_test tests[] = {
        TAP_TEST(test_markdown),
        TAP_TEST(test_latex),
        TAP_TEST(test_xml_and_tap),
        TAP_TEST(test_csv),
    };
    return tap_run(argc, argv, tests, sizeof tests / sizeof tests[0]);
}
