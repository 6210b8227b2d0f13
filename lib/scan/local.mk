libgatepost_a_SOURCES += \
	%D%/auth-symbols.c \
	%D%/check-domain-lists.c \
	%D%/check-gtube.c \
	%D%/check-client-lists.c \
	%D%/check-dkim.c \
	%D%/check-dmarc.c \
	%D%/check-content.c \
	%D%/check-helo.c \
	%D%/check-iprev.c \
	%D%/check-relay-lists.c \
	%D%/check-spf.c \
	%D%/deliver-conf.c \
	%D%/deliver-conf.h \
	%D%/headers.c \
	%D%/headers.h \
	%D%/list-hits.c \
	%D%/list-hits.h \
	%D%/report-json.c \
	%D%/report-log.c \
	%D%/report-text.c \
	%D%/report.h \
	%D%/scan-private.h \
	%D%/scan-task.c \
	%D%/scan-task.h \
	%D%/scan.c \
	%D%/scan.h \
	%D%/score.c \
	%D%/score.h \
	%D%/settings.c \
	%D%/settings.h \
	%D%/publish-conf.c \
	%D%/publish-conf.h \
	%D%/sign-conf.c \
	%D%/sign-conf.h \
	%D%/signing.c \
	%D%/signing.h \
	%D%/symbols.c \
	%D%/symbols.h \
	%D%/verdict.c \
	%D%/verdict.h
libgatepost_a_SOURCES += %D%/check-reputation.c
libgatepost_a_SOURCES += %D%/check-virus.c
libgatepost_a_SOURCES += %D%/history.c
libgatepost_a_SOURCES += %D%/history.h
libgatepost_a_SOURCES += %D%/sender-login.c
libgatepost_a_SOURCES += %D%/sender-login.h
libgatepost_a_SOURCES += %D%/service.c
libgatepost_a_SOURCES += %D%/service.h
libgatepost_a_SOURCES += %D%/settings-host.c
libgatepost_a_SOURCES += %D%/settings-host.h
libgatepost_a_SOURCES += %D%/scan-learn.c
libgatepost_a_SOURCES += %D%/scan-learn.h
libgatepost_a_SOURCES += %D%/verdict-seal.c
libgatepost_a_SOURCES += %D%/verdict-seal.h
libgatepost_a_SOURCES += %D%/scan-content.c
libgatepost_a_SOURCES += %D%/scan-content.h
libgatepost_a_SOURCES += %D%/report-content.c
libgatepost_a_SOURCES += %D%/report-content.h
libgatepost_a_SOURCES += %D%/content-attachments.c
libgatepost_a_SOURCES += %D%/content-fields.c
libgatepost_a_SOURCES += %D%/content-fragment.c
libgatepost_a_SOURCES += %D%/content-fragment.h
libgatepost_a_SOURCES += %D%/content-html.c
libgatepost_a_SOURCES += %D%/content-sender.c
libgatepost_a_SOURCES += %D%/content-symbols.h
libgatepost_a_SOURCES += %D%/content-urls.c
libgatepost_a_SOURCES += %D%/content-view.c
libgatepost_a_SOURCES += %D%/content-view.h
libgatepost_a_SOURCES += %D%/content-words.c
libgatepost_a_SOURCES += %D%/words.c
libgatepost_a_SOURCES += %D%/words.h
libgatepost_a_SOURCES += %D%/hosts.c
libgatepost_a_SOURCES += %D%/hosts.h
libgatepost_a_SOURCES += %D%/brands.c
libgatepost_a_SOURCES += %D%/brands.h
libgatepost_a_SOURCES += %D%/check-url-lists.c
libgatepost_a_SOURCES += %D%/scan-guard.c
libgatepost_a_SOURCES += %D%/scan-guard.h
