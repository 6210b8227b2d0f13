# The admin's tool: main.c and one file a command.
bin_PROGRAMS += gatepost
noinst_LIBRARIES += cli/libcli.a
cli_libcli_a_SOURCES = \
	%D%/cmd-check.c \
	%D%/cmd-config.c \
	%D%/cmd-dkim.c \
	%D%/cmd-lists.c \
	%D%/command.h \
	%D%/keys.c \
	%D%/keys.h \
	%D%/keys-find.c \
	%D%/keys-find.h \
	%D%/keys-generate.c \
	%D%/keys-import.c \
	%D%/keys-list.c \
	%D%/keys-rotate.c \
	%D%/keys-table.c \
	%D%/load.c \
	%D%/load.h
cli_libcli_a_SOURCES += %D%/cmd-guard.c
cli_libcli_a_SOURCES += %D%/cmd-learn.c
cli_libcli_a_SOURCES += %D%/cmd-reputation.c
cli_libcli_a_SOURCES += %D%/cmd-senders.c
cli_libcli_a_SOURCES += %D%/learn-message.c
cli_libcli_a_SOURCES += %D%/learn-message.h
cli_libcli_a_SOURCES += %D%/lists-told.c
cli_libcli_a_SOURCES += %D%/reputation-pair.c
cli_libcli_a_SOURCES += %D%/lists-told.h
cli_libcli_a_SOURCES += %D%/reputation-pair.h
cli_libcli_a_SOURCES += %D%/messages.c
cli_libcli_a_SOURCES += %D%/messages.h
cli_libcli_a_SOURCES += %D%/cmd-dns.c
cli_libcli_a_SOURCES += %D%/publish-certificate.c
cli_libcli_a_SOURCES += %D%/publish-certificate.h
cli_libcli_a_SOURCES += %D%/publish-check.c
cli_libcli_a_SOURCES += %D%/publish-host.c
cli_libcli_a_SOURCES += %D%/publish-json.c
cli_libcli_a_SOURCES += %D%/publish-judge.c
cli_libcli_a_SOURCES += %D%/publish-print.c
cli_libcli_a_SOURCES += %D%/publish-records.c
cli_libcli_a_SOURCES += %D%/publish.h
cli_libcli_a_SOURCES += %D%/store.c
cli_libcli_a_SOURCES += %D%/store.h
cli_libcli_a_SOURCES += %D%/cmd-junk.c
cli_libcli_a_SOURCES += %D%/users-run.c
cli_libcli_a_SOURCES += %D%/users-run.h
cli_libcli_a_SOURCES += %D%/cmd-vacation.c
cli_libcli_a_SOURCES += %D%/vacation-script.c
cli_libcli_a_SOURCES += %D%/vacation-script.h
gatepost_SOURCES = %D%/main.c
gatepost_LDADD = cli/libcli.a $(LIBGATEPOST)
