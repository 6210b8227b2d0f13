libgatepost_a_SOURCES += %D%/guard-conf.c
libgatepost_a_SOURCES += %D%/guard-conf.h
libgatepost_a_SOURCES += %D%/guard.c
libgatepost_a_SOURCES += %D%/guard.h
libgatepost_a_SOURCES += %D%/guard-clients.c
libgatepost_a_SOURCES += %D%/guard-clients.h
libgatepost_a_SOURCES += %D%/guard-notice.c
libgatepost_a_SOURCES += %D%/guard-notice.h
