// SPDX-License-Identifier: Apache-2.0
/*
 * binary_world WHAT...: one process of the world of binary.sh, which stays.
 *
 *	memfd PROGRAM [ARGUMENT...]  run a copy of PROGRAM from a memfd
 *	shell PORT          a shell whose input and output are a TCP connection
 *	                    to 127.0.0.1:PORT, where this listens itself
 *	pack TO             write to TO a program that looks packed: noise in one
 *	                    segment that is writable and executable, without
 *	                    sections
 *	busy                a processor is all its own
 *	never               stay
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PIECE = 1 << 16, PACKED_BYTES = 300000, BASE = 0x400000 };

static void must(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static void copy(int to, const char *from)
{
	static char piece[PIECE];
	int fd = open(from, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	must(fd >= 0, from);
	while ((n = read(fd, piece, sizeof(piece))) > 0)
		must(write(to, piece, (size_t)n) == n, "copy");
	close(fd);
}

static int run_memfd(char **argv)
{
	int fd = memfd_create("payload", MFD_CLOEXEC);

	must(fd >= 0, "memfd_create");
	copy(fd, argv[0]);
	syscall(SYS_execveat, fd, "", argv, environ, AT_EMPTY_PATH);
	must(0, "execveat");
	return 1;
}

static int run_shell(const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtol(port, NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listening = socket(AF_INET, SOCK_STREAM, 0);
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), peer;

	must(bind(listening, (void *)&a, sizeof(a)) == 0, "bind");
	must(listen(listening, 1) == 0, "listen");
	must(connect(s, (void *)&a, sizeof(a)) == 0, "connect");
	/* The shell keeps the other end open, and waits for what never comes. */
	peer = accept(listening, NULL, NULL);
	must(peer >= 0, "accept");
	for (int i = 0; i < 3; i++)
		must(dup2(s, i) == i, "dup2");
	execl("/bin/busybox", "sh", "-i", NULL);
	must(0, "/bin/busybox");
	return 1;
}

/* mov $34, %eax (pause); syscall; jmp back */
static const uint8_t code[] = { 0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7 };

static int pack(const char *to)
{
	static uint8_t file[PACKED_BYTES];
	Elf64_Ehdr head = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64,
				    ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = BASE + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1 };
	Elf64_Phdr load = { .p_type = PT_LOAD,
		.p_flags = PF_R | PF_W | PF_X,
		.p_vaddr = BASE,
		.p_paddr = BASE,
		.p_filesz = PACKED_BYTES,
		.p_memsz = PACKED_BYTES * 2,
		.p_align = 4096 };
	uint64_t noise = 88172645463325252ULL;
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	for (size_t i = 0; i < sizeof(file); i++) {
		noise ^= noise << 13;
		noise ^= noise >> 7;
		noise ^= noise << 17;
		file[i] = (uint8_t)noise;
	}
	memcpy(file, &head, sizeof(head));
	memcpy(file + sizeof(head), &load, sizeof(load));
	memcpy(file + sizeof(head) + sizeof(load), code, sizeof(code));
	memcpy(file + 200, "UPX!", 4);
	must(fd >= 0 && write(fd, file, sizeof(file)) == sizeof(file), to);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "memfd") == 0)
		return run_memfd(argv + 2);
	if (argc == 3 && strcmp(argv[1], "shell") == 0)
		return run_shell(argv[2]);
	if (argc == 3 && strcmp(argv[1], "pack") == 0)
		return pack(argv[2]);
	if (argc == 2 && strcmp(argv[1], "never") == 0)
		for (;;)
			(void)pause();
	if (argc == 2 && strcmp(argv[1], "busy") == 0)
		for (volatile unsigned i = 0;; i++)
			;
	return 2;
}
