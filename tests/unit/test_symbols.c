// SPDX-License-Identifier: Apache-2.0
/* vmcoreinfo, a kernel's numbers, names of types, and the symbol file. */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/vmcoreinfo.h"
#include "symbols/global_types.h"
#include "symbols/isf_internal.h"
#include "symbols/numbers.h"
#include "unit/made_kernel.h"
#include "unit/unit.h"

static const char info[] = "OSRELEASE=9.9\n"
			   "PAGESIZE=4096\n"
			   "SYMBOL(swapper_pg_dir)=ffffffff82a0a000\n"
			   "NUMBER(phys_base)=-16777216\n"
			   "NUMBER(pgtable_l5_enabled)=1\n"
			   "NUMBER(kimage_voffset)=0xffff800000000000\n"
			   "NUMBER(BAD)=12x\n"
			   "KERNELOFFSET=1000000\n"
			   "EMPTY=\n"
			   "cut off";

static void test_vmcoreinfo(void **state)
{
	const char *v = NULL;
	uint64_t n = 0;

	(void)state;
	assert_int_equal(
		vmcoreinfo_find(&v, info, sizeof(info) - 1, "OSRELEASE"), 3);
	assert_memory_equal(v, "9.9", 3);
	assert_int_equal(vmcoreinfo_find(&v, info, sizeof(info) - 1, "EMPTY"), 0);
	assert_int_equal(vmcoreinfo_find(&v, info, sizeof(info) - 1, "cut"), -1);
	assert_int_equal(
		vmcoreinfo_find(&v, info, sizeof(info) - 1, "OSREL"), -1);
	assert_int_equal(vmcoreinfo_number(&n, info, sizeof(info) - 1,
				 "SYMBOL(swapper_pg_dir)"),
		0);
	assert_int_equal(n, 0xffffffff82a0a000);
	assert_int_equal(vmcoreinfo_number(&n, info, sizeof(info) - 1,
				 "NUMBER(phys_base)"),
		0);
	assert_int_equal((int64_t)n, -16777216);
	assert_int_equal(vmcoreinfo_number(&n, info, sizeof(info) - 1,
				 "NUMBER(kimage_voffset)"),
		0);
	assert_int_equal(n, 0xffff800000000000);
	assert_int_equal(
		vmcoreinfo_number(&n, info, sizeof(info) - 1, "NUMBER(BAD)"),
		-EBADMSG);
	assert_int_equal(vmcoreinfo_number(&n, info, sizeof(info) - 1, "EMPTY"),
		-EBADMSG);
	assert_int_equal(
		vmcoreinfo_number(&n, info, sizeof(info) - 1, "NONE"), -ENOENT);
}

/* Two notes; the second is the kernel's. */
static void test_note(void **state)
{
	uint8_t note[80] = { 5, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 'C', 'O', 'R',
		'E', 0, 0, 0, 0, 1, 2, 3, 0, 11, 0, 0, 0, 6, 0, 0, 0 };
	const char *text = NULL;
	size_t len = 0;

	(void)state;
	memcpy(note + 36, "VMCOREINFO", 11);
	memcpy(note + 48, "A=1\nB=", 6);
	assert_int_equal(vmcoreinfo_note(&text, &len, note, sizeof(note)), 0);
	assert_int_equal(len, 6);
	assert_memory_equal(text, "A=1\nB=", 6);
	assert_int_equal(vmcoreinfo_note(&text, &len, note, 24), -ENOENT);
	assert_int_equal(vmcoreinfo_note(&text, &len, note, 50), -EBADMSG);
	note[24] = 10;
	assert_int_equal(
		vmcoreinfo_note(&text, &len, note, sizeof(note)), -ENOENT);
}

static void test_numbers(void **state)
{
	struct kernel_files k = { .arch = KERNEL_ARCH_X86_64,
		.vmcoreinfo = { (uint8_t *)(uintptr_t)info, sizeof(info) - 1 } };

	(void)state;
	kernel_files_numbers(&k);
	assert_int_equal(k.page_bytes, 4096);
	assert_true(k.la57 && k.has_kaslr && k.has_phys_base);
	assert_int_equal(k.kaslr_bytes, 0x1000000);
	assert_int_equal(k.dtb, 0x2a0a000 - 16777216);
	k = (struct kernel_files){ .arch = KERNEL_ARCH_ARM64,
		.vmcoreinfo = k.vmcoreinfo };
	kernel_files_numbers(&k);
	assert_int_equal(k.dtb, 0xffffffff82a0a000 - 0xffff800000000000);
	assert_int_equal(k.va_bits, 0);
	assert_int_equal(kernel_arch_of("aarch64"), KERNEL_ARCH_ARM64);
	assert_int_equal(kernel_arch_of("s390x"), KERNEL_ARCH_UNKNOWN);
}

static void set(struct buf *b, const char *text)
{
	struct err e = { 0 };

	buf_init(b, 4096);
	assert_ok(buf_append(b, text, strlen(text), &e), &e);
}

/* Where there is no vmcoreinfo: kallsyms, iomem and cpuinfo tell the same. */
static void test_numbers_by_texts(void **state)
{
	AUTO_BUF struct buf iomem = { 0 }, cpuinfo = { 0 };
	struct kernel_files *k = made_kernel("ffffffff82000000 T _text\n"
					     "ffffffff82000000 T _stext\n"
					     "ffffffff83000000 D init_top_pgt\n"
					     "ffffffff84000800 B _end\n");
	struct err e = { 0 };

	(void)state;
	set(&iomem, "00001000-3fffffff : System RAM\n"
		    "  05000000-06a02301 : Kernel code\n");
	set(&cpuinfo, "flags\t\t: fpu la57 vme\n");
	assert_ok(numbers_by_texts(k, &iomem, &cpuinfo, &e), &e);
	assert_true(k->la57 && k->has_kaslr && k->has_phys_base);
	assert_false(k->kallsyms_hidden);
	assert_int_equal(k->kaslr_bytes, 0x1000000);
	assert_int_equal(k->dtb, 0x6000000);
	assert_int_equal(k->image_start, 0xffffffff82000000);
	assert_int_equal(k->image_end, 0xffffffff84001000);
	assert_int_equal(k->image_paddr, 0x5000000);
	kernel_files_free(k);

	/* Addresses that are hidden are none. */
	k = made_kernel("0000000000000000 T _text\n0000000000000000 T _stext\n");
	assert_ok(numbers_by_texts(k, &iomem, &cpuinfo, &e), &e);
	assert_true(k->kallsyms_hidden);
	assert_false(k->has_kaslr);
	assert_int_equal(k->dtb, 0);
	kernel_files_free(k);
}

static int append(void *arg, const void *buf, size_t len, struct err *e)
{
	return buf_append(arg, buf, len, e);
}

static json_t *isf_of(const struct kernel_files *k, struct isf_result *res)
{
	AUTO_BUF struct buf text = { 0 };
	struct err e = { 0 };
	json_t *j = NULL;

	buf_init(&text, 1 << 20);
	assert_ok(isf_put(res, k, append, &text, &e), &e);
	/* Addresses are more than jansson's integers hold; as doubles those of
	 * whole pages are exact. */
	j = json_loadb((const char *)text.data, text.len,
		JSON_DECODE_INT_AS_REAL | JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(j);
	return j;
}

static uint64_t number_at(
	json_t *j, const char *a, const char *b, const char *c, const char *d)
{
	for (const char *const *key = (const char *const[]){ a, b, c, d, NULL };
		*key; key++)
		j = json_object_get(j, *key);
	assert_true(json_is_real(j));
	return (uint64_t)json_real_value(j);
}

static const char kallsyms[] = "0000000000001000 A runqueues\n"
			       "ffffffff82000000 T _text\n"
			       "ffffffff82001000 D init_task\n"
			       "ffffffff82002000 D sys_call_table\n"
			       "ffffffff82002040 D twice\n"
			       "ffffffff82003000 D twice\n"
			       "ffffffff82004000 D tk_core\n"
			       "ffffffff82005000 D linux_banner\n"
			       "ffffffff82006000 D prog_idr\n"
			       "ffffffffc0001000 t toy_init\t[toy]\n";

static void test_isf(void **state)
{
	struct kernel_files *k = made_kernel(kallsyms);
	struct isf_result res = { 0 };
	AUTO_JSON json_t *j = NULL;
	json_t *types, *task;

	(void)state;
	k->kaslr_bytes = 0x1000000;
	j = isf_of(k, &res);
	types = json_object_get(j, "user_types");
	task = json_object_get(json_object_get(types, "task_struct"), "fields");
	assert_int_equal(res.modules, 1);
	assert_int_equal(res.refused, 0);
	assert_int_equal(
		number_at(j, "user_types", "task_struct", "size", NULL), 54);
	assert_int_equal(number_at(task, "pid", "offset", NULL, NULL), 40);
	/* Counted back from the end, since four bytes there are not its own. */
	assert_int_equal(number_at(task, "on", "offset", NULL, NULL), 50);
	assert_int_equal(number_at(task, "on", "type", "bit_position", NULL), 16);
	assert_int_equal(number_at(task, "how", "offset", NULL, NULL), 44);
	assert_true(json_is_true(json_object_get(
		json_object_get(task, "unnamed_field_2"), "anonymous")));
	assert_string_equal(
		json_string_value(json_object_get(
			json_object_get(json_object_get(task, "unnamed_field_2"),
				"type"),
			"name")),
		"word_t");
	/* What is called the same is told apart; a declaration is no second. */
	assert_int_equal(number_at(j, "user_types", "nowhere", "size", NULL), 0);
	assert_int_equal(number_at(j, "user_types", "toy", "size", NULL), 8);
	assert_int_equal(json_object_size(types), 8);
	assert_int_equal(
		number_at(j, "enums", "state", "constants", "SLEEPS"), 1);
	kernel_files_free(k);
}

static void test_isf_symbols(void **state)
{
	struct kernel_files *k = made_kernel(kallsyms);
	struct isf_result res = { 0 };
	AUTO_JSON json_t *j = NULL;
	json_t *symbols;

	(void)state;
	k->kaslr_bytes = 0x1000000;
	j = isf_of(k, &res);
	symbols = json_object_get(j, "symbols");
	/* Not those of modules, and none whose name two have. */
	assert_int_equal(json_object_size(symbols), 7);
	assert_int_equal(number_at(symbols, "init_task", "address", NULL, NULL),
		0xffffffff81001000);
	assert_int_equal(
		number_at(symbols, "runqueues", "address", NULL, NULL), 0x1000);
	assert_non_null(
		json_object_get(json_object_get(symbols, "runqueues"), "type"));
	assert_int_equal(
		number_at(symbols, "sys_call_table", "type", "count", NULL), 8);
	assert_non_null(
		json_object_get(json_object_get(symbols, "tk_core"), "type"));
	/* A type that this kernel does not have is not told. */
	assert_null(
		json_object_get(json_object_get(symbols, "prog_idr"), "type"));
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(symbols, "linux_banner"),
				    "constant_data")),
		"TGludXggdmVyc2lvbiA5LjkKAA==");
	assert_int_equal(res.typed, 6);
	kernel_files_free(k);
}

static void test_isf_missing(void **state)
{
	struct kernel_files *k = made_kernel(kallsyms);
	struct isf_result res = { 0 };
	AUTO_BUF struct buf text = { 0 };
	struct err e = { 0 };
	size_t len = k->modules[0].btf.len;

	(void)state;
	buf_init(&text, 1 << 20);
	/* A module's types that make no sense are left out. */
	k->modules[0].btf.len = len / 2;
	assert_ok(isf_put(&res, k, append, &text, &e), &e);
	assert_int_equal(res.modules, 0);
	assert_int_equal(res.refused, 1);
	k->modules[0].btf.len = len;
	/* The first error of the other side is the result. */
	buf_done(&text);
	buf_init(&text, 16);
	assert_err(isf_put(&res, k, append, &text, &e), -EFBIG, &e, "16");
	k->banner[0] = 0;
	assert_err(isf_put(&res, k, append, &text, &e), -ENOENT, &e, "banner");
	k->kallsyms_hidden = true;
	assert_err(isf_put(&res, k, append, &text, &e), -ENOENT, &e, "are 0");
	k->kallsyms_hidden = false;
	k->banner[0] = 'L';
	len = k->btf.len;
	k->btf.len = 30;
	assert_err(isf_put(&res, k, append, &text, &e), -EBADMSG, &e,
		"types of the kernel make no sense");
	k->btf.len = 0;
	assert_err(isf_put(&res, k, append, &text, &e), -ENOENT, &e, "no types");
	k->btf.len = len;
	kernel_files_free(k);
}

static void test_json(void **state)
{
	AUTO_BUF struct buf text = { 0 };
	struct json_out *j = NULL;
	struct err e = { 0 };

	(void)state;
	buf_init(&text, 4096);
	assert_ok(json_out_new(&j, append, &text, &e), &e);
	json_out_open(j, '{');
	json_out_key(j, "a\"\\\n\x01");
	json_out_text(j, "\xc3\xa4 \xff \xed\xa0\x80 \xf4\x90\x80\x80 \xc0\x80");
	json_out_key(j, "n");
	json_out_i64(j, INT64_MIN);
	json_out_key(j, "u");
	json_out_u64(j, UINT64_MAX);
	json_out_key(j, "l");
	json_out_open(j, '[');
	json_out_bool(j, true);
	json_out_bool(j, false);
	json_out_close(j, ']');
	json_out_close(j, '}');
	assert_ok(json_out_finish(j, &e), &e);
	assert_ok(buf_append(&text, "", 1, &e), &e);
	assert_string_equal((char *)text.data,
		"{\"a\\u0022\\u005c\\u000a\\u0001\":\"\xc3\xa4 \xef\xbf\xbd "
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd "
		"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd "
		"\xef\xbf\xbd\xef\xbf\xbd\",\"n\":-9223372036854775808,"
		"\"u\":18446744073709551615,\"l\":[true,false]}");
}

static void test_global_types(void **state)
{
	(void)state;
	for (const struct global_type *t = global_types + 1; t->symbol; t++)
		assert_true(strcmp(t[-1].symbol, t->symbol) < 0);
	assert_string_equal(global_type_find("prb"), "*struct printk_ringbuffer");
	assert_null(global_type_find("nobody"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vmcoreinfo),
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_numbers_by_texts),
		cmocka_unit_test(test_isf),
		cmocka_unit_test(test_isf_symbols),
		cmocka_unit_test(test_isf_missing),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_global_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
