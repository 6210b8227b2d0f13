/*
 * content-attachments - symbols of what is attached: by name, by the bytes that
 * a file begins with, and by the names that an archive holds.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mail/archive.h"
#include "lib/scan/content-symbols.h"

/* An image of a disk has its mark behind 16 empty sectors (ECMA-119). */
#define DISK_MARK_AT     (16 * 2048 + 1)
#define DOS_HEAD_BYTES   64 /* of a program; some of them are 0 */
#define EXTENSION_BYTES  16
#define NAME_BYTES_SHOWN 100
/* Scripts in an archive of more files are the source of something. */
#define FEW_FILES 3

/* A click starts them, on Windows most of them. */
static const char *const programs[] = { "a3x", "apk", "appref-ms", "appx",
	"cab", "chm", "cmd", "cpl", "dll", "dmg", "exe", "gadget", "hta", "img",
	"iqy", "iso", "jar", "jnlp", "jse", "library-ms", "lnk", "msc", "msi",
	"msix", "msp", "pif", "pyw", "pyz", "rdp", "scf", "scr", "sct",
	"search-ms", "searchconnector-ms", "settingcontent-ms", "slk", "url",
	"vbe", "vhd", "vhdx", "website", "wim", "wsc", "wsf", "wsh", "xll" };

/* The same, but archives of what programmers write hold them too. */
static const char *const scripts[] = { "bat", "js", "vb", "vbs", "ws" };

/* A click shows them in an editor; who writes programs sends them around. */
static const char *const shell_scripts[] = { "ps1", "py", "sh" };

/* One file, packed: what stands in front is its name. */
static const char *const packers[] = { "bz2", "gz", "lzma", "xz", "z", "zst" };

/* Documents that may hold programs: macros, and files to click on in notes. */
static const char *const macro_documents[] = { "docm", "dotm", "one", "potm",
	"ppam", "ppsm", "pptm", "sldm", "xla", "xlam", "xlsb", "xlsm", "xltm" };

static const char *const pages[] = { "htm", "html", "mht", "mhtml", "shtml",
	"svg", "xht", "xhtml" };

/* What such a file likes to be taken for. */
static const char *const documents[] = { "csv", "doc", "docx", "gif", "jpeg",
	"jpg", "mp3", "mp4", "pdf", "png", "ppt", "pptx", "rtf", "txt", "xls",
	"xlsx" };

static const struct {
	size_t at, length;
	const char *bytes;
} magics[] = {
	{ 0, 4,
	    "\x7f"
	    "ELF" },
	{ 0, 8, "L\0\0\0\1\x14\2\0" }, /* lnk */
	{ 0, 4, "\xca\xfe\xba\xbe" },  /* Java, and macOS */
	{ 0, 4, "\xce\xfa\xed\xfe" },  /* macOS */
	{ 0, 4, "\xcf\xfa\xed\xfe" },  /* macOS, 64 bits */
	{ 0, 8, "MSCF\0\0\0\0" },      /* cab */
	{ 0, 8, "MSWIM\0\0\0" },       /* wim */
	{ 0, 8, "vhdxfile" },          /* vhdx */
	{ 0, 8, "conectix" },          /* vhd */
	{ DISK_MARK_AT, 5, "CD001" },  /* iso */
};

struct file {
	const struct content_part *part;
	struct span name;
	const char *archive; /* that holds it; NULL: it is attached itself */
	bool scripts_count;
	bool shell_scripts_count;
};

struct attachments {
	const struct content_view *view;
	bool has_locked; /* an archive */
};

static int
compare(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

#define IS_AMONG(text, list) \
	(bsearch(text, list, GP_NELEMS(list), sizeof(list[0]), compare) != NULL)

static bool
is_filler(char c)
{
	return ascii_is_space(c) || c == '.' || c == '_' || c == '-';
}

/* What stands behind the last dot, in lower case, is cut off the name; blanks
 * and dots that hide it count for nothing. */
static void
take_extension(struct span *name, char extension[EXTENSION_BYTES])
{
	size_t i, length;

	extension[0] = '\0';
	while (name->length > 0 && is_filler(name->data[name->length - 1]))
		name->length--;
	for (i = name->length; i > 0 && name->data[i - 1] != '.'; i--)
		continue;
	length = name->length - i;
	if (i == 0 || length >= EXTENSION_BYTES)
		return;
	memcpy(extension, name->data + i, length);
	extension[length] = '\0';
	ascii_lower_all(extension, length);
	name->length = i - 1;
}

/* "x.com" is a name of a host more often than a program, "x.pdf.com" is none.
 */
static bool
name_is_program(const struct file *file)
{
	char extension[EXTENSION_BYTES];
	struct span name = file->name;

	take_extension(&name, extension);
	if (IS_AMONG(extension, packers)) {
		take_extension(&name, extension);
		return IS_AMONG(extension, programs);
	}
	if (strcmp(extension, "com") == 0) {
		take_extension(&name, extension);
		return name.length > 0 && IS_AMONG(extension, documents);
	}
	return IS_AMONG(extension, programs) ||
	    (file->scripts_count && IS_AMONG(extension, scripts)) ||
	    (file->shell_scripts_count && IS_AMONG(extension, shell_scripts));
}

static bool
name_has_macros(const struct file *file)
{
	char extension[EXTENSION_BYTES];
	struct span name = file->name;

	take_extension(&name, extension);
	return IS_AMONG(extension, macro_documents);
}

/* "invoice.pdf.exe" */
static bool
name_has_two_extensions(const struct file *file)
{
	char extension[EXTENSION_BYTES];
	struct span name = file->name;

	take_extension(&name, extension);
	if (!IS_AMONG(extension, programs) && !IS_AMONG(extension, scripts) &&
	    !IS_AMONG(extension, shell_scripts) &&
	    !IS_AMONG(extension, pages) && strcmp(extension, "com") != 0)
		return false;
	take_extension(&name, extension);
	return name.length > 0 && IS_AMONG(extension, documents);
}

/* The first of its kind is told. */
static enum status
add(struct scan *scan, const struct file *file, enum symbol_id id)
{
	const char *detail;

	if (score_has(&scan->verdict.score, id))
		return STATUS_OK;
	detail = region_printf(scan->region, "%.*s%s%s", (int)file->name.length,
	    file->name.data, file->archive == NULL ? "" : " in ",
	    file->archive == NULL ? "" : file->archive);
	if (detail == NULL)
		return STATUS_NOMEM;
	return scan_add(
	    scan, id, 1, detail[0] == '\0' ? "a file without a name" : detail);
}

static enum status
look_at_name(struct scan *scan, const struct file *file)
{
	enum status status = STATUS_OK;

	if (name_is_program(file))
		status = add(scan, file, SYMBOL_ATTACHMENT_EXECUTABLE);
	if (status == STATUS_OK && name_has_two_extensions(file))
		status = add(scan, file, SYMBOL_ATTACHMENT_DOUBLE_EXTENSION);
	if (status == STATUS_OK && name_has_macros(file))
		status = add(scan, file, SYMBOL_ATTACHMENT_MACROS);
	return status;
}

/* Pictures inside of HTML are none, nor the text of an embedded message. */
static bool
is_page(const struct file *file)
{
	const struct content_part *part = file->part;
	bool is_attached = strcmp(part->disposition, "attachment") == 0;
	char extension[EXTENSION_BYTES];
	struct span name = file->name;

	take_extension(&name, extension);
	if (IS_AMONG(extension, pages))
		return is_attached || part->content_id[0] == '\0';
	return is_attached &&
	    (strcmp(part->type, "text/html") == 0 ||
		strcmp(part->type, "application/xhtml+xml") == 0 ||
		strcmp(part->type, "image/svg+xml") == 0);
}

static bool
bytes_are_program(const struct file *file, struct span bytes)
{
	size_t i;

	for (i = 0; i < GP_NELEMS(magics); i++)
		if (bytes.length >= magics[i].at + magics[i].length &&
		    memcmp(bytes.data + magics[i].at, magics[i].bytes,
			magics[i].length) == 0)
			return true;
	if (bytes.length >= DOS_HEAD_BYTES &&
	    memcmp(bytes.data, "MZ", 2) == 0 &&
	    memchr(bytes.data, '\0', DOS_HEAD_BYTES) != NULL)
		return true;
	return file->shell_scripts_count && bytes.length > 3 &&
	    (memcmp(bytes.data, "#!/", 3) == 0 ||
		memcmp(bytes.data, "#! /", 4) == 0);
}

/* The part of a path behind the last separator. */
static struct span
base_name(struct span path)
{
	size_t i;

	for (i = path.length; i > 0; i--)
		if (path.data[i - 1] == '/' || path.data[i - 1] == '\\')
			break;
	path.data += i;
	path.length -= i;
	return path;
}

/* Office documents are zips, and keep their macros under this name. */
static bool
is_macro_project(struct span name)
{
	return span_equals_nocase(name, "vbaProject.bin");
}

static enum status
look_at_names(
    struct scan *scan, const struct file *file, const struct archive *archive)
{
	struct file inside = *file;
	enum status status = STATUS_OK;
	size_t i;

	inside.archive =
	    file->name.length == 0 ? "an archive" : file->part->name;
	inside.scripts_count = archive->name_count <= FEW_FILES;
	inside.shell_scripts_count = inside.scripts_count;
	for (i = 0; i < archive->name_count && status == STATUS_OK; i++) {
		inside.name = base_name(archive->names[i]);
		status = is_macro_project(inside.name) ?
		    add(scan, file, SYMBOL_ATTACHMENT_MACROS) :
		    look_at_name(scan, &inside);
	}
	if (status == STATUS_OK && archive->is_cut)
		status = add(scan, file, SYMBOL_ATTACHMENT_ARCHIVE_HUGE);
	return status;
}

static enum status
look_at_archive(struct scan *scan, struct attachments *attachments,
    const struct file *file, const struct archive *archive)
{
	enum status status = look_at_names(scan, file, archive);

	if (status != STATUS_OK || !archive->is_encrypted)
		return status;
	attachments->has_locked = true;
	return add(scan, file, SYMBOL_ATTACHMENT_ARCHIVE_ENCRYPTED);
}

/* All of it is decoded: the directory of an archive stands at the end. */
static enum status
look_at_bytes(struct scan *scan, struct attachments *attachments,
    const struct file *file, struct region *region)
{
	struct archive archive;
	enum status status;
	struct span bytes;

	status = content_part_decode(
	    region, file->part, file->part->raw.length, &bytes);
	if (status != STATUS_OK)
		return status;
	if (bytes_are_program(file, bytes))
		return add(scan, file, SYMBOL_ATTACHMENT_EXECUTABLE);
	status = archive_read(region, bytes, &archive);
	if (status != STATUS_OK)
		return status;
	return look_at_archive(scan, attachments, file, &archive);
}

static enum status
look_at_file(struct scan *scan, struct attachments *attachments,
    const struct content_part *part)
{
	struct file file = { .part = part,
		.name = span_of(part->name),
		.scripts_count = true,
		.shell_scripts_count = !attachments->view->is_list };
	struct region *region;
	enum status status = look_at_name(scan, &file);

	if (status == STATUS_OK && is_page(&file))
		status = add(scan, &file, SYMBOL_ATTACHMENT_HTML);
	if (status != STATUS_OK)
		return status;
	if ((region = region_new()) == NULL)
		return STATUS_NOMEM;
	status = look_at_bytes(scan, attachments, &file, region);
	region_free(&region);
	return status;
}

/* Mail programs show a text that has a name as a file too. */
static bool
is_file(const struct content_part *part)
{
	return part->kind == CONTENT_LEAF &&
	    (!part->is_shown || part->name[0] != '\0');
}

enum status
content_attachment_symbols(struct scan *scan, const struct content_view *view)
{
	struct attachments attachments = { view, false };
	enum status status = STATUS_OK;
	size_t i;

	for (i = 0; i < view->content->part_count && status == STATUS_OK; i++)
		if (is_file(&view->content->parts[i]))
			status = look_at_file(
			    scan, &attachments, &view->content->parts[i]);
	if (status != STATUS_OK || !attachments.has_locked ||
	    !words_has(view->words, WORDS_PASSWORD, view->text))
		return status;
	return scan_add(scan, SYMBOL_ATTACHMENT_PASSWORD, 1, NULL);
}
