libgatepost_a_SOURCES += %D%/store-conf.c
libgatepost_a_SOURCES += %D%/store-conf.h
libgatepost_a_SOURCES += %D%/store-private.h
libgatepost_a_SOURCES += %D%/store.h
