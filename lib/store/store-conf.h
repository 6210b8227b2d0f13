/* store-conf - the `store` section of gatepost.conf. */
#ifndef GATEPOST_STORE_STORE_CONF_H
#define GATEPOST_STORE_STORE_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/conf/conf.h"

enum store_backend {
	STORE_BACKEND_LMDB,
	STORE_BACKEND_REDIS,
	STORE_BACKEND_MEMORY,
	STORE_BACKEND_NONE /* nothing is remembered: every run is STATUS_BUSY */
};

struct store_conf {
	int backend;            /* enum store_backend */
	const char *path;       /* lmdb: the directory */
	int64_t size;           /* lmdb, memory: bytes at the most */
	struct conf_list redis; /* "HOST:PORT", "[V6]:PORT", "unix:/PATH" */
	const char *sentinel;   /* name of the primary: redis lists Sentinels */
	const char *username, *password;
	int64_t database;
	bool tls;
	const char *tls_ca_file;
	const char *prefix;  /* in front of every key */
	int64_t timeout;     /* ms, of one round trip */
	int64_t connections; /* of one process at the most */
};

extern const struct conf_section store_conf_section;

#endif
