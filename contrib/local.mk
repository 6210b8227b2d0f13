# What an administrator needs around the programs.
EXTRA_DIST += \
	%D%/postfix/main.cf.gatepost \
	%D%/quickstart \
	%D%/systemd/gatepost-milter.service.in \
	%D%/systemd/gatepost.sysusers

EXTRA_DIST += %D%/systemd/gatepost-lmtpd.service.in

contribdir = $(docdir)
dist_contrib_DATA = %D%/postfix/main.cf.gatepost
dist_contrib_DATA += %D%/postfix/main.cf.gatepost-deliver
dist_contrib_DATA += %D%/dovecot/gatepost-deliver.conf
dist_contrib_DATA += %D%/postfix/master.cf.gatepost-deliver
dist_contrib_DATA += %D%/dovecot/gatepost-quota-2.3.conf
dist_contrib_DATA += %D%/dovecot/gatepost-quota-2.4.conf
dist_contrib_DATA += %D%/dovecot/gatepost-sieve-2.3.conf
dist_contrib_DATA += %D%/dovecot/gatepost-sieve-2.4.conf
nodist_contrib_DATA = gatepost-milter.service gatepost.conf.example
nodist_contrib_DATA += gatepost-lmtpd.service
CLEANFILES += gatepost-milter.service gatepost.conf.example
CLEANFILES += gatepost-lmtpd.service

# What Dovecot runs.
sievedir = $(pkgdatadir)/sieve
dist_sieve_DATA = %D%/dovecot/gatepost-junk.sieve
dist_sieve_DATA += %D%/dovecot/gatepost-learn-ham.sieve
dist_sieve_DATA += %D%/dovecot/gatepost-learn-spam.sieve
dist_sieve_SCRIPTS = %D%/dovecot/gatepost-learn-ham
dist_sieve_SCRIPTS += %D%/dovecot/gatepost-learn-spam

gatepost-milter.service: %D%/systemd/gatepost-milter.service.in Makefile
	$(AM_V_GEN)sed -e 's|@sbindir[@]|$(sbindir)|g' \
	    $(srcdir)/contrib/systemd/gatepost-milter.service.in > $@

gatepost-lmtpd.service: %D%/systemd/gatepost-lmtpd.service.in Makefile
	$(AM_V_GEN)sed -e 's|@sbindir[@]|$(sbindir)|g' \
	    $(srcdir)/contrib/systemd/gatepost-lmtpd.service.in > $@

# The shipped configuration: every key with its default, commented out.
gatepost.conf.example: gatepost$(EXEEXT)
	$(AM_V_GEN)./gatepost$(EXEEXT) config show --example > $@.tmp && \
	    mv $@.tmp $@

# The administrator's file is never replaced.
install-data-local: gatepost.conf.example
	$(MKDIR_P) "$(DESTDIR)$(sysconfdir)"
	test -e "$(DESTDIR)$(sysconfdir)/gatepost.conf" || \
	    $(INSTALL_DATA) gatepost.conf.example \
		"$(DESTDIR)$(sysconfdir)/gatepost.conf"

# Only what was installed unchanged is removed.
uninstall-local:
	-cmp -s gatepost.conf.example "$(DESTDIR)$(sysconfdir)/gatepost.conf" \
	    && rm -f "$(DESTDIR)$(sysconfdir)/gatepost.conf"
