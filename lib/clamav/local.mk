libgatepost_a_SOURCES += %D%/clamav-conf.c
libgatepost_a_SOURCES += %D%/clamav-conf.h
libgatepost_a_SOURCES += %D%/clamav-health.c
libgatepost_a_SOURCES += %D%/clamav-health.h
libgatepost_a_SOURCES += %D%/clamav.c
libgatepost_a_SOURCES += %D%/clamav.h
