/* The symbols of attachments: each with messages that hit and near misses. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/str.h"
#include "lib/mail/archive.h"
#include "tests/unit/content-fixture.h"
#include "tests/unit/unit.h"

/* clang-format off */
#define B64_ZIP_LOCKED \
	"UEsDBAoACQAAAGp0eF0gMDo2EgAAAAYAAAAFABwAYS50eHRVVAkAA6egBWunoAVr" \
	"dXgLAAEEAAAAAAQAAAAApbqz0wblk3v+Ro7CtOg+dVteUEsHCCAwOjYSAAAABgAA" \
	"AFBLAQIeAwoACQAAAGp0eF0gMDo2EgAAAAYAAAAFABgAAAAAAAEAAACkgQAAAABh" \
	"LnR4dFVUBQADp6AFa3V4CwABBAAAAAAEAAAAAFBLBQYAAAAAAQABAEsAAABhAAAA" \
	"AAA="
#define B64_7Z_LOCKED \
	"N3q8ryccAAQa2jfUEAAAAAAAAABiAAAAAAAAAAHptN4YyzKcx5YBHk/KRwn6oD5w" \
	"AQQGAAEJEAAHCwEAAiQG8QcBElMPPUxwrZSh1G+Ggl3udWwEMSEhAQABAAwKBgAI" \
	"CgEgMDo2AAAFARkBABENAGEALgB0AHgAdAAAABQKAQCuTMAHIXzdARUGAQAggKSB" \
	"AAA="
#define B64_ZIP_EXE \
	"UEsDBBQAAAAAAAAAIVCDFtyMAQAAAAEAAAACAAAAZC94UEsDBBQAAAAAAAAAIVCD" \
	"FtyMAQAAAAEAAAANAAAAZC9pbnZvaWNlLmV4ZXhQSwECFAMUAAAAAAAAACFQgxbc" \
	"jAEAAAABAAAAAgAAAAAAAAAAAAAAgAEAAAAAZC9QSwECFAMUAAAAAAAAACFQgxbc" \
	"jAEAAAABAAAADQAAAAAAAAAAAAAAgAEhAAAAZC9pbnZvaWNlLmV4ZVBLBQYAAAAA" \
	"AgACAGsAAABNAAAAAAA="
#define B64_ZIP_DOUBLE \
	"UEsDBBQAAAAAAAAAIVCDFtyMAQAAAAEAAAAPAAAAYVxzY2FuLnBkZiAuc2NyeFBL" \
	"AQIUAxQAAAAAAAAAIVCDFtyMAQAAAAEAAAAPAAAAAAAAAAAAAACAAQAAAABhXHNj" \
	"YW4ucGRmIC5zY3JQSwUGAAAAAAEAAQA9AAAALgAAAAAA"
#define B64_ZIP_JS \
	"UEsDBBQAAAAAAAAAIVCDFtyMAQAAAAEAAAAIAAAAb3JkZXIuanN4UEsBAhQDFAAA" \
	"AAAAAAAhUIMW3IwBAAAAAQAAAAgAAAAAAAAAAAAAAIABAAAAAG9yZGVyLmpzUEsF" \
	"BgAAAAABAAEANgAAACcAAAAAAA=="
#define B64_ZIP_SITE \
	"UEsDBBQAAAAAAAAAIVCDFtyMAQAAAAEAAAAEAAAAYS5qc3hQSwMEFAAAAAAAAAAh" \
	"UIMW3IwBAAAAAQAAAAQAAABiLmpzeFBLAwQUAAAAAAAAACFQgxbcjAEAAAABAAAA" \
	"BQAAAGMuY3NzeFBLAwQUAAAAAAAAACFQgxbcjAEAAAABAAAABgAAAGQuaHRtbHhQ" \
	"SwECFAMUAAAAAAAAACFQgxbcjAEAAAABAAAABAAAAAAAAAAAAAAAgAEAAAAAYS5q" \
	"c1BLAQIUAxQAAAAAAAAAIVCDFtyMAQAAAAEAAAAEAAAAAAAAAAAAAACAASMAAABi" \
	"LmpzUEsBAhQDFAAAAAAAAAAhUIMW3IwBAAAAAQAAAAUAAAAAAAAAAAAAAIABRgAA" \
	"AGMuY3NzUEsBAhQDFAAAAAAAAAAhUIMW3IwBAAAAAQAAAAYAAAAAAAAAAAAAAIAB" \
	"agAAAGQuaHRtbFBLBQYAAAAABAAEAMsAAACPAAAAAAA="
#define B64_ZIP_TEXT \
	"UEsDBBQAAAAAAAAAIVCDFtyMAQAAAAEAAAAFAAAAYS50eHR4UEsDBBQAAAAAAAAA" \
	"IVCDFtyMAQAAAAEAAAADAAAAZXhleFBLAwQUAAAAAAAAACFQgxbcjAEAAAABAAAA" \
	"CQAAAGIuZXhlLnR4dHhQSwECFAMUAAAAAAAAACFQgxbcjAEAAAABAAAABQAAAAAA" \
	"AAAAAAAAgAEAAAAAYS50eHRQSwECFAMUAAAAAAAAACFQgxbcjAEAAAABAAAAAwAA" \
	"AAAAAAAAAAAAgAEkAAAAZXhlUEsBAhQDFAAAAAAAAAAhUIMW3IwBAAAAAQAAAAkA" \
	"AAAAAAAAAAAAAIABRgAAAGIuZXhlLnR4dFBLBQYAAAAAAwADAJsAAABuAAAAAAA="
#define B64_ZIP_BEHIND \
	"TVo/IG5vIVBLAwQUAAAAAAAAACFQgxbcjAEAAAABAAAACwAAAGludm9pY2UuZXhl" \
	"eFBLAQIUAxQAAAAAAAAAIVCDFtyMAQAAAAEAAAALAAAAAAAAAAAAAACAAQAAAABp" \
	"bnZvaWNlLmV4ZVBLBQYAAAAAAQABADkAAAAqAAAAAAA="
#define B64_ZIP_VBA \
	"UEsDBBQAAAAAAAAAIVCDFtyMAQAAAAEAAAATAAAAd29yZC92YmFQcm9qZWN0LmJp" \
	"bnhQSwMEFAAAAAAAAAAhUIMW3IwBAAAAAQAAABEAAAB3b3JkL2RvY3VtZW50Lnht" \
	"bHhQSwECFAMUAAAAAAAAACFQgxbcjAEAAAABAAAAEwAAAAAAAAAAAAAAgAEAAAAA" \
	"d29yZC92YmFQcm9qZWN0LmJpblBLAQIUAxQAAAAAAAAAIVCDFtyMAQAAAAEAAAAR" \
	"AAAAAAAAAAAAAACAATIAAAB3b3JkL2RvY3VtZW50LnhtbFBLBQYAAAAAAgACAIAA" \
	"AABiAAAAAAA="
#define B64_ZIP_DOCM \
	"UEsDBBQAAAAAAAAAIVCDFtyMAQAAAAEAAAAGAAAAYS5kb2NteFBLAQIUAxQAAAAA" \
	"AAAAIVCDFtyMAQAAAAEAAAAGAAAAAAAAAAAAAACAAQAAAABhLmRvY21QSwUGAAAA" \
	"AAEAAQA0AAAAJQAAAAAA"
#define B64_ZIP_SH \
	"UEsDBBQAAAAAAAAAIVCDFtyMAQAAAAEAAAAEAAAAYS5zaHhQSwECFAMUAAAAAAAA" \
	"ACFQgxbcjAEAAAABAAAABAAAAAAAAAAAAAAAgAEAAAAAYS5zaFBLBQYAAAAAAQAB" \
	"ADIAAAAjAAAAAAA="
#define B64_MZ \
	"TVqQAAMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define B64_ELF \
	"f0VMRgIBAQAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
#define B64_LNK \
	"TAAAAAEUAgAAAAAA"
#define B64_SH \
	"IyEvYmluL3NoCnJtIC1yZiAvCg=="
#define B64_PDF \
	"JVBERi0xLjQK"
#define B64_MZ_TEXT \
	"TVogaXMgdGhlIG5hbWUgb2YgYSBjb3VudHJ5IHJvYWQsIGFuZCBvZiBub3RoaW5n" \
	"IGVsc2UgYXQgYWxsLCB0byBiZSBzdXJlLgo="
/* clang-format on */

#define HEAD                                                         \
	"From: Ann <ann@sender.example>\nTo: bob@gatepost.example\n" \
	"Subject: x\nMIME-Version: 1.0\n"                            \
	"Content-Type: multipart/mixed; boundary=b\n"
#define LIST       "List-Id: <talk.list.example>\nPrecedence: list\n"
#define TEXT(text) "\n--b\nContent-Type: text/plain\n\n" text "\n"
#define FILE_OF(type, name, base64)                          \
	"--b\nContent-Type: " type "\nContent-Disposition: " \
	"attachment; filename=\"" name "\"\n"                \
	"Content-Transfer-Encoding: base64\n\n" base64 "\n--b--\n"
#define FILE_NAMED(name, base64) \
	FILE_OF("application/octet-stream", name, base64)
#define MAIL(name, base64)    HEAD TEXT("see there") FILE_NAMED(name, base64)
#define NOTHING               "AAAA"
#define TEXT_MAIL(text, name) HEAD TEXT(text) FILE_NAMED(name, B64_ZIP_LOCKED)

/* Without ATTACHMENT_ in front. */
static const struct {
	const char *name, *raw, *expected;
} cases[] = {
	{ "document", MAIL("invoice.pdf", B64_PDF), "" },
	{ "text", HEAD TEXT("run setup.exe") "--b--\n", "" },

	{ "program", MAIL("setup.exe", NOTHING), "EXECUTABLE" },
	{ "letters", MAIL("Setup.EXE", NOTHING), "EXECUTABLE" },
	{ "blank behind", MAIL("setup.exe .", NOTHING), "EXECUTABLE" },
	{ "disk image", MAIL("order.img", NOTHING), "EXECUTABLE" },
	{ "shortcut", MAIL("order.lnk", NOTHING), "EXECUTABLE" },
	{ "script", MAIL("order.js", NOTHING), "EXECUTABLE" },
	{ "script, list", LIST MAIL("patch.js", NOTHING), "EXECUTABLE" },
	{ "batch, list", LIST MAIL("patch.bat", NOTHING), "EXECUTABLE" },
	{ "shell script", MAIL("patch.sh", NOTHING), "EXECUTABLE" },
	{ "shell script, list", LIST MAIL("patch.sh", NOTHING), "" },
	{ "shell script in a zip, list", LIST MAIL("a.zip", B64_ZIP_SH),
	    "EXECUTABLE" },
	{ "patch, list", LIST MAIL("a.js.patch", NOTHING), "" },
	{ "program, list", LIST MAIL("setup.exe", NOTHING), "EXECUTABLE" },
	{ "name of a host", MAIL("letter of example.com", NOTHING), "" },
	{ "no extension", MAIL("exe", NOTHING), "" },
	{ "MZ", MAIL("invoice.pdf", B64_MZ), "EXECUTABLE" },
	{ "MZ, no name", MAIL("", B64_MZ), "EXECUTABLE" },
	{ "MZ, text", MAIL("letter", B64_MZ_TEXT), "" },
	{ "ELF", MAIL("letter", B64_ELF), "EXECUTABLE" },
	{ "lnk", MAIL("letter", B64_LNK), "EXECUTABLE" },
	{ "shebang", MAIL("letter", B64_SH), "EXECUTABLE" },
	{ "shebang, list", LIST MAIL("letter", B64_SH), "" },
	{ "in a zip", MAIL("a.zip", B64_ZIP_EXE), "EXECUTABLE" },
	{ "script in a zip", MAIL("a.zip", B64_ZIP_JS), "EXECUTABLE" },
	{ "script in a zip, list", LIST MAIL("a.zip", B64_ZIP_JS),
	    "EXECUTABLE" },
	{ "zip behind something", MAIL("a.zip", B64_ZIP_BEHIND), "EXECUTABLE" },
	{ "the same, no name", MAIL("", B64_ZIP_BEHIND), "EXECUTABLE" },
	{ "second in a RAR",
	    MAIL("a.rar",
		"UmFyIRoHAQAAAAAAAwEAAAAAAAAOAgIBAAEgAAEFYS50eHR4AAAAABACAgEAASAAAQdkL2IuZXhleA=="),
	    "EXECUTABLE" },
	{ "text in a RAR",
	    MAIL("a.rar",
		"UmFyIRoHAQAAAAAAAwEAAAAAAAAOAgIBAAEgAAEFYS50eHR4AAAAAAwCAgEAASAAAQNleGV4AAAAABICAgEAASAAAQliLmV4ZS50eHR4"),
	    "" },
	{ "site in a zip", MAIL("a.zip", B64_ZIP_SITE), "" },
	{ "text in a zip", MAIL("a.zip", B64_ZIP_TEXT), "" },

	{ "two extensions", MAIL("invoice.pdf.exe", NOTHING),
	    "DOUBLE_EXTENSION EXECUTABLE" },
	{ "far apart", MAIL("invoice.pdf        .exe", NOTHING),
	    "DOUBLE_EXTENSION EXECUTABLE" },
	{ "com", MAIL("photo.jpg.com", NOTHING),
	    "DOUBLE_EXTENSION EXECUTABLE" },
	{ "page", MAIL("scan.pdf.html", NOTHING), "DOUBLE_EXTENSION HTML" },
	{ "in a zip, too", MAIL("a.zip", B64_ZIP_DOUBLE),
	    "DOUBLE_EXTENSION EXECUTABLE" },
	{ "packed document", MAIL("invoice.pdf.zip", NOTHING), "" },
	{ "version", MAIL("setup.1.2.exe", NOTHING), "EXECUTABLE" },
	{ "nothing in front", MAIL(".pdf.exe", NOTHING), "EXECUTABLE" },

	{ "web page", MAIL("login.htm", NOTHING), "HTML" },
	{ "picture", MAIL("login.svg", NOTHING), "HTML" },
	{ "page by type", HEAD TEXT("x") FILE_OF("text/html", "login", "PGI+"),
	    "HTML" },
	{ "web page, list", LIST MAIL("login.htm", NOTHING), "HTML" },
	{ "text that is a file",
	    HEAD TEXT("x") "--b\nContent-Type: text/plain; "
			   "name=invoice.pdf.js\n\nx\n--b--\n",
	    "DOUBLE_EXTENSION EXECUTABLE" },
	{ "text that is a program",
	    HEAD TEXT("x") "--b\nContent-Type: text/plain; name=letter\n"
			   "Content-Transfer-Encoding: base64\n\n" B64_ELF
			   "\n--b--\n",
	    "EXECUTABLE" },
	{ "page that is a file",
	    HEAD TEXT("x") "--b\nContent-Type: text/html; "
			   "name=login.html\n\n<form>\n--b--\n",
	    "HTML" },
	{ "text with a name",
	    HEAD TEXT("x") "--b\nContent-Type: text/plain; name=a.txt\n"
			   "Content-Disposition: inline\n\nx\n--b--\n",
	    "" },

	{ "notes", MAIL("team.one", NOTHING), "MACROS" },
	{ "binary sheet", MAIL("bill.xlsb", NOTHING), "MACROS" },
	{ "link", MAIL("bill.pdf.url", NOTHING),
	    "DOUBLE_EXTENSION EXECUTABLE" },
	{ "library", MAIL("bill.library-ms", NOTHING), "EXECUTABLE" },
	{ "query", MAIL("bill.iqy", NOTHING), "EXECUTABLE" },
	{ "cabinet", MAIL("bill.cab", NOTHING), "EXECUTABLE" },
	{ "cabinet, other name", MAIL("bill", "TVNDRgAAAAA="), "EXECUTABLE" },
	{ "remote desktop", MAIL("bill.rdp", NOTHING), "EXECUTABLE" },
	{ "Python", MAIL("bill.py", NOTHING), "EXECUTABLE" },
	{ "Python, list", LIST MAIL("bill.py", NOTHING), "" },
	{ "packed image", MAIL("bill.img.gz", NOTHING), "EXECUTABLE" },
	{ "packed image, xz", MAIL("bill.iso.xz", NOTHING), "EXECUTABLE" },
	{ "packed text", MAIL("iso.txt.gz", NOTHING), "" },
	{ "packed, no other name", MAIL("img.gz", NOTHING), "" },
	{ "macros", MAIL("bill.docm", NOTHING), "MACROS" },
	{ "macros by another name", MAIL("bill.doc", B64_ZIP_VBA), "MACROS" },
	{ "macros in a zip", MAIL("a.zip", B64_ZIP_DOCM), "MACROS" },
	{ "document", MAIL("bill.docx", B64_ZIP_TEXT), "" },
	{ "alternative",
	    HEAD TEXT("x") "--b\nContent-Type: text/html\n\n<b>x</b>\n--b--\n",
	    "" },
	{ "picture of the text",
	    HEAD TEXT("x") "--b\nContent-Type: image/svg+xml; name=logo.svg\n"
			   "Content-ID: <logo>\n\n<svg/>\n--b--\n",
	    "" },

	{ "locked zip", MAIL("a.zip", B64_ZIP_LOCKED), "ARCHIVE_ENCRYPTED" },
	{ "locked 7z", MAIL("a.7z", B64_7Z_LOCKED), "ARCHIVE_ENCRYPTED" },
	{ "only its name", MAIL("locked.zip", NOTHING), "" },
	{ "password", TEXT_MAIL("the password is 1234", "a.zip"),
	    "ARCHIVE_ENCRYPTED PASSWORD" },
	{ "password elsewhere", TEXT_MAIL("ask me for the password", "a.zip"),
	    "ARCHIVE_ENCRYPTED" },
	{ "password for it", TEXT_MAIL("password for the file: ab1", "a.zip"),
	    "ARCHIVE_ENCRYPTED PASSWORD" },
	{ "password in quotes", TEXT_MAIL("Password: 'infected'", "a.zip"),
	    "ARCHIVE_ENCRYPTED PASSWORD" },
	{ "password by phone",
	    TEXT_MAIL("Das Passwort: wie besprochen am Telefon 4", "a.zip"),
	    "ARCHIVE_ENCRYPTED" },
	{ "password, nothing locked",
	    HEAD TEXT("the password is 1234") FILE_NAMED("a.pdf", B64_PDF),
	    "" },
};

static void
keep_symbols(const char *symbols, char *to, size_t size)
{
	static const char prefix[] = "ATTACHMENT_";
	struct span rest = span_of(symbols), name;
	size_t used = 0, skip = strlen(prefix);

	to[0] = '\0';
	while (span_split(&rest, ' ', &name)) {
		if (!span_starts_nocase(name, prefix))
			continue;
		used += (size_t)snprintf(to + used, size - used, "%s%.*s",
		    used == 0 ? "" : " ", (int)(name.length - skip),
		    name.data + skip);
		assert_true(used < size);
	}
}

static void
test_symbols(void **state)
{
	char found[500];
	size_t i;

	for (i = 0; i < GP_NELEMS(cases); i++) {
		keep_symbols(content_symbols_of(*state, cases[i].raw), found,
		    sizeof(found));
		if (strcmp(found, cases[i].expected) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", cases[i].name, found,
			    cases[i].expected);
	}
}

/* An image of a disk tells itself behind 32 KB: "CD001" at 32769. */
static void
test_disk_image(void **state)
{
	static char raw[50000];
	char *p = raw;
	size_t i;

	p += snprintf(p, sizeof(raw), "%s",
	    HEAD TEXT("x") "--b\nContent-Type: application/octet-stream\n"
			   "Content-Transfer-Encoding: base64\n\n");
	for (i = 0; i < 32769 / 3; i++) {
		memcpy(p, "AAAA", 4);
		p += 4;
		if (i % 18 == 17)
			*p++ = '\n';
	}
	memcpy(p, "Q0QwMDE=\n--b--\n", 16);
	assert_true(content_has_symbol(
	    content_symbols_of(*state, raw), "ATTACHMENT_EXECUTABLE"));
	memcpy(p, "Q0QwMDI=\n--b--\n", 16);
	assert_false(content_has_symbol(
	    content_symbols_of(*state, raw), "ATTACHMENT_EXECUTABLE"));
}

/* A zip that is a directory of so many files, 48 bytes each. */
static bool
zip_is_huge(struct content_fixture *fixture, size_t files, const char *end)
{
	static const char entry[] = "UEsBAgAAAAAAAAAAAAAAAAAAAAAAAAAA"
				    "AAAAAAIAAAAAAAAAAAAAAAAAAAAAAGFi\n";
	size_t length = strlen(entry), size = 1000 + files * length, i;
	char *raw = malloc(size), *p = raw;
	bool is_huge;

	assert_non_null(raw);
	p += snprintf(raw, size, "%s",
	    HEAD TEXT("x") "--b\nContent-Type: application/zip\n"
			   "Content-Transfer-Encoding: base64\n\n");
	for (i = 0; i < files; i++, p += length)
		memcpy(p, entry, length);
	snprintf(p, size - (size_t)(p - raw), "%s\n--b--\n", end);
	is_huge = content_has_symbol(
	    content_symbols_of(fixture, raw), "ATTACHMENT_ARCHIVE_HUGE");
	free(raw);
	return is_huge;
}

/* Their ends tell the size of the directory. */
static void
test_huge_archive(void **state)
{
	assert_false(zip_is_huge(
	    *state, ARCHIVE_NAMES_MAX, "UEsFBgAAAAAAAAAAAJ8kAAAAAAAAAA=="));
	assert_true(zip_is_huge(
	    *state, ARCHIVE_NAMES_MAX + 1, "UEsFBgAAAAAAAAAAMJ8kAAAAAAAAAA=="));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols),
		cmocka_unit_test(test_disk_image),
		cmocka_unit_test(test_huge_archive),
	};

	return cmocka_run_group_tests(
	    tests, content_fixture_setup, content_fixture_teardown);
}
