// SPDX-License-Identifier: GPL-2.0-only
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "ram.h"
#include "read.h"
#include "tasks.h"
#include "uapi/icecore.h"

static atomic_t is_open = ATOMIC_INIT(0);

static int icecore_open(struct inode *inode, struct file *file)
{
	struct icecore_ram *ram;

	if (!capable(CAP_SYS_RAWIO) || !capable(CAP_SYS_ADMIN) ||
		file->f_mode & FMODE_WRITE)
		return -EPERM;
	if (atomic_cmpxchg(&is_open, 0, 1) != 0)
		return -EBUSY;
	ram = icecore_ram_new();
	if (IS_ERR(ram)) {
		atomic_set(&is_open, 0);
		return PTR_ERR(ram);
	}
	file->private_data = ram;
	return 0;
}

static int icecore_release(struct inode *inode, struct file *file)
{
	icecore_ram_free(file->private_data);
	atomic_set(&is_open, 0);
	return 0;
}

static loff_t icecore_llseek(struct file *file, loff_t offset, int whence)
{
	const struct icecore_ram *ram = file->private_data;
	const u64 end = icecore_ram_end(ram);
	const struct icecore_range *range;

	if (whence != SEEK_DATA && whence != SEEK_HOLE)
		return generic_file_llseek_size(
			file, offset, whence, MAX_LFS_FILESIZE, end);
	if (offset < 0 || offset >= end)
		return -ENXIO;
	range = icecore_ram_find(ram, offset);
	if (whence == SEEK_DATA)
		offset = max_t(u64, offset, range->start);
	else if (offset >= range->start)
		offset = range->end;
	return vfs_setpos(file, offset, MAX_LFS_FILESIZE);
}

static ssize_t icecore_read_file(
	struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	ssize_t n = icecore_read_flat(file->private_data, buf, len, *pos);

	if (n > 0)
		*pos += n;
	return n;
}

static long icecore_ioctl(
	struct file *file, unsigned int request, unsigned long arg)
{
	void __user *p = (void __user *)arg;

	switch (request) {
	case ICECORE_IOC_VERSION:
		return put_user(ICECORE_ABI_VERSION, (u32 __user *)p);
	case ICECORE_IOC_READ:
		return icecore_read_ioctl(file->private_data, p);
	case ICECORE_IOC_TASKS:
		return icecore_tasks_ioctl(p);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations icecore_fops = {
	.owner = THIS_MODULE,
	.open = icecore_open,
	.release = icecore_release,
	.llseek = icecore_llseek,
	.read = icecore_read_file,
	.unlocked_ioctl = icecore_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice icecore_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "icecore",
	.fops = &icecore_fops,
	.mode = 0400,
};

static int __init icecore_init(void)
{
	BUILD_BUG_ON(PAGE_SIZE != ICECORE_PAGE_BYTES);
	BUILD_BUG_ON(sizeof(struct icecore_read) != 40);
	return misc_register(&icecore_device);
}

static void __exit icecore_exit(void)
{
	misc_deregister(&icecore_device);
}

module_init(icecore_init);
module_exit(icecore_exit);

MODULE_DESCRIPTION("Physical memory of the running machine, read-only");
MODULE_LICENSE("GPL");
