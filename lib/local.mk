# The library that all programs share, one list a folder.
noinst_LIBRARIES += libgatepost.a
libgatepost_a_SOURCES =
LIBGATEPOST = libgatepost.a $(OPENDKIM_LIBS) $(OPENDMARC_LIBS) $(SPF2_LIBS) \
	$(UNBOUND_LIBS) $(EVENT_LIBS) $(LDNS_LIBS) $(CONFUSE_LIBS) \
	$(JANSSON_LIBS) $(IDN_LIBS) $(LMDB_LIBS) $(HIREDIS_LIBS) $(PSL_LIBS) \
	$(GMIME_LIBS) $(XML_LIBS) $(PCRE2_LIBS) -lunistring $(SSL_LIBS) $(CRYPTO_LIBS) -lm

include lib/base/local.mk
include lib/conf/local.mk
include lib/net/local.mk
include lib/dns/local.mk
include lib/store/local.mk
include lib/mail/local.mk
include lib/auth/local.mk
include lib/clamav/local.mk
include lib/lists/local.mk
include lib/reputation/local.mk
include lib/guard/local.mk
include lib/senders/local.mk
include lib/scan/local.mk
include lib/users/local.mk
