// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/json.h"
#include "symbols/isf_internal.h"
#include "symbols/kernel_files.h"
#include "symbols/xz.h"

static void metadata(struct isf *x)
{
	json_out_key(x->out, "metadata");
	json_out_open(x->out, '{');
	json_out_key(x->out, "format");
	json_out_text(x->out, "6.2.0");
	json_out_key(x->out, "producer");
	json_out_open(x->out, '{');
	json_out_key(x->out, "name");
	json_out_text(x->out, "icelab");
	json_out_key(x->out, "version");
	json_out_text(x->out, ICECORE_VERSION);
	json_out_close(x->out, '}');
	/* The format has no word for BTF: its lists of sources stay empty. */
	json_out_key(x->out, "linux");
	json_out_open(x->out, '{');
	json_out_key(x->out, "symbols");
	json_out_open(x->out, '[');
	json_out_close(x->out, ']');
	json_out_key(x->out, "types");
	json_out_open(x->out, '[');
	json_out_close(x->out, ']');
	json_out_close(x->out, '}');
	json_out_close(x->out, '}');
}

static int open_sources(struct isf *x, struct err *e)
{
	int r;

	if (!x->kernel->kallsyms[0] || x->kernel->kallsyms_hidden)
		return err_set(e, -ENOENT, "the evidence has no symbols%s",
			x->kernel->kallsyms_hidden ? " (all addresses are 0)"
						   : "");
	if (!x->kernel->banner[0])
		return err_set(e, -ENOENT, "the evidence has no banner");
	r = btf_set_open(&x->types, x->kernel, e);
	if (r == 0) {
		r = symbol_table_load(&x->symbols, x->kernel->kallsyms, e);
		if (r < 0)
			btf_set_close(&x->types);
	}
	return r;
}

int isf_put(struct isf_result *ret, const struct kernel_files *k,
	json_out_put *put, void *arg, struct err *e)
{
	struct isf x = { .kernel = k };
	int r = open_sources(&x, e);

	if (r < 0)
		return r;
	r = json_out_new(&x.out, put, arg, e);
	if (r == 0) {
		json_out_open(x.out, '{');
		metadata(&x);
		isf_types(&x);
		isf_symbols(&x);
		json_out_close(x.out, '}');
		r = json_out_finish(x.out, e);
	}
	x.result.modules = x.types.parts_n - 1;
	x.result.refused = x.types.refused;
	symbol_table_done(&x.symbols);
	btf_set_close(&x.types);
	if (r == 0)
		*ret = x.result;
	return r;
}

int isf_write(struct isf_result *ret, const struct kernel_files *k, int fd,
	struct err *e)
{
	struct isf_result res = { 0 };
	struct xz *xz = NULL;
	int r = xz_new(&xz, fd, e);

	if (r == 0)
		r = isf_put(&res, k, xz_put, xz, e);
	if (r == 0)
		r = xz_finish(xz, e);
	xz_free(xz);
	if (r == 0)
		*ret = res;
	return r;
}

/* --- Volatility's configuration --- */

#define LAYERS "volatility3.framework.layers."

static const struct {
	const char *format;
	const char *layer; /* NULL = the file itself */
} images[] = {
	{ "elf", LAYERS "elf.Elf64Layer" },
	{ "lime", LAYERS "lime.LimeLayer" },
	{ "raw", NULL },
};

static const char *layer_of(const char *format)
{
	for (size_t i = 0; i < ARRAY_LEN(images); i++)
		if (strcmp(images[i].format, format) == 0)
			return images[i].layer;
	return NULL;
}

/* "file://" and the path, with "%NN" for what is not plain (RFC 8089). */
static int file_url(struct buf *ret, const char *path, struct err *e)
{
	int r = buf_text(ret, e, "file://");

	for (; r == 0 && *path; path++)
		r = (*path >= 'a' && *path <= 'z') ||
				    (*path >= 'A' && *path <= 'Z') ||
				    (*path >= '0' && *path <= '9') ||
				    strchr("/-_.~+", *path)
			    ? buf_text(ret, e, "%c", *path)
			    : buf_text(ret, e, "%%%02X", (uint8_t)*path);
	return r;
}

static json_t *config(const struct kernel_files *k, const char *isf,
	const char *image, const char *layer)
{
	static const char memory[] = "kernel.layer_name.memory_layer";
	char location[96];
	json_t *j = json_pack("{s:s, s:s, s:s, s:I, s:I, s:b, s:i, s:I, s:s, "
			      "s:s, s:i}",
		"kernel.class", "volatility3.framework.contexts.Module",
		"kernel.layer_name.class", LAYERS "intel.LinuxIntel32e",
		"kernel.layer_name.kernel_banner", k->banner,
		"kernel.layer_name.kernel_virtual_offset",
		(json_int_t)k->kaslr_bytes, "kernel.layer_name.page_map_offset",
		(json_int_t)k->dtb, "kernel.layer_name.swap_layers", 1,
		"kernel.layer_name.swap_layers.number_of_elements", 0,
		"kernel.offset", (json_int_t)k->kaslr_bytes,
		"kernel.symbol_table_name.class",
		"volatility3.framework.symbols.linux.LinuxKernelIntermedSymbols",
		"kernel.symbol_table_name.isf_url", isf,
		"kernel.symbol_table_name.symbol_mask", 0);
	int r;

	if (!j)
		return NULL;
	(void)snprintf(location, sizeof(location), "%s%s.class", memory,
		layer ? ".base_layer" : "");
	r = json_object_set_new(
		j, location, json_string(LAYERS "physical.FileLayer"));
	(void)snprintf(location, sizeof(location), "%s%s.location", memory,
		layer ? ".base_layer" : "");
	if (r == 0)
		r = json_object_set_new(j, location, json_string(image));
	(void)snprintf(location, sizeof(location), "%s.class", memory);
	if (r == 0 && layer)
		r = json_object_set_new(j, location, json_string(layer));
	if (r < 0) {
		json_decref(j);
		return NULL;
	}
	return j;
}

int isf_write_config(const struct kernel_files *k, int fd, const char *isf,
	const char *image, const char *format, struct err *e)
{
	AUTO_BUF struct buf isf_url = { 0 }, image_url = { 0 };
	AUTO_JSON json_t *j = NULL;
	const char *from, *to;
	int r;

	if (k->arch != KERNEL_ARCH_X86_64 || k->la57)
		return err_set(e, -ENOTSUP, "Volatility has no layer for %s",
			k->la57 ? "five levels of page tables"
				: "this processor");
	if (!k->has_kaslr || !k->dtb)
		return err_set(e, -ENOENT,
			"the evidence does not tell where the kernel lies");
	buf_init(&isf_url, JSON_TEXT_BYTES);
	buf_init(&image_url, JSON_TEXT_BYTES);
	r = file_url(&isf_url, isf, e);
	if (r == 0)
		r = file_url(&image_url, image, e);
	from = r == 0 ? buf_string(&isf_url, e) : NULL;
	to = from ? buf_string(&image_url, e) : NULL;
	if (r == 0 && (!from || !to))
		r = -ENOMEM;
	if (r == 0)
		j = config(k, from, to, layer_of(format));
	if (r == 0 && !j)
		r = err_set(e, -ENOMEM, "no memory for the configuration");
	return r < 0 ? r : json_print(fd, j, e);
}
